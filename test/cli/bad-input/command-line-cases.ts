import { shippedPlaybook } from '../../../src/cli/inputs/playbook-files.ts';
import { type BadInput, HUGE } from './case.ts';

const RUN = ['run', 'play.yml', '-i', 'hosts.yml'];

export const COMMAND_LINE_CASES: readonly BadInput[] = [
  {
    name: 'no inventory',
    argv: ['run', 'play.yml'],
    says: `error: no inventory given
  add one: -i prod.yml, a directory, or a host with a comma: -i 'm1.example,'; kplay init writes one
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a playbook that does not exist',
    argv: ['run', 'plya.yml', '-i', 'hosts.yml'],
    says: `error: cannot read the playbook plya.yml: there is no such file
  did you mean play.yml?
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an option that is like no other',
    argv: ['check', '--reason', 'foo'],
    says: `error: unknown option '--reason'
(see kplay check --help)
`,
  },
  {
    name: 'a command that is nearly another',
    argv: ['histroy'],
    says: `error: unknown command 'histroy'
(Did you mean history?)
(see kplay --help)
`,
  },
  {
    name: 'a short command with two letters swapped',
    argv: ['rnu', 'play.yml'],
    says: `error: unknown command 'rnu'
(Did you mean run?)
(see kplay --help)
`,
  },
  {
    name: 'an option that is given twice, and takes one value',
    argv: ['plan', 'play.yml', '-i', 'hosts.yml', '--out', 'a.kplan', '--out=b.kplan'],
    says: `error: option '--out <file>' is given twice, and takes one value
(see kplay plan --help)
`,
  },
  {
    name: 'a directory for journals without a name, which would be the working directory',
    argv: [...RUN, '--state', ''],
    says: `error: option '--state <directory>' argument '' is invalid. It is empty: write what it is; a shell variable in its place is not set.
(see kplay run --help)
`,
  },
  {
    name: 'a user without a name, who would be anybody',
    argv: [...RUN, '-u', ''],
    says: `error: option '-u, --user <name>' argument '' is invalid. It is empty: write what it is; a shell variable in its place is not set.
(see kplay run --help)
`,
  },
  {
    name: 'a plan that is written to no file',
    argv: ['plan', 'play.yml', '-i', 'hosts.yml', '--out='],
    says: `error: option '--out <file>' argument '' is invalid. It is empty: write what it is; a shell variable in its place is not set.
(see kplay plan --help)
`,
  },
  {
    name: 'a playbook without a name',
    argv: ['run', '', '-i', 'hosts.yml'],
    says: `error: argument 'playbook' is empty
(write what it is; a shell variable in its place is not set)
(see kplay run --help)
`,
  },
  {
    name: 'a playbook that is nearly one that ships',
    argv: ['run', 'renew-cert.yml', '-i', 'hosts.yml'],
    says: `error: cannot read the playbook renew-cert.yml: there is no such file
  did you mean renew-certs.yml? It ships with kplay, as do check-certs.yml, language.yml and rollback.yml
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a rollback of another state directory that is only looked at, and no inventory that is there',
    argv: ['rollback', '-C', '--state', 'state', '--backup', 'x', '-i', 'none.yml'],
    says: `error: cannot read the inventory none.yml: there is no such file
  check the path
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a reason where nothing is overridden',
    argv: [...RUN, '-C', '--reason', 'foo'],
    says: `error: option '--reason <text>' cannot be used with option '-C, --check'
(see kplay run --help)
`,
  },
  {
    name: 'an inventory that does not exist',
    argv: ['check', '-i', 'prod.yml'],
    says: `error: cannot read the inventory prod.yml: there is no such file
  check the path
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a playbook that is a directory',
    argv: ['run', 'group', '-i', 'hosts.yml'],
    files: { 'group/a': '' },
    says: `error: cannot read the playbook group: it is a directory
  name a file, perhaps one in it
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a limit that no host fits',
    argv: [...RUN, '-l', 'm4'],
    says: `error: there is no host and no group called 'm4'
 ┌─ --limit:1:1
1│ m4
 │ ^^ did you mean m1? the groups are all, ungrouped, masters
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a limit that no host fits, as a glob',
    argv: [...RUN, '-l', 'web*:!m1'],
    says: `error: no host or group matches 'web*'
 ┌─ --limit:1:1
1│ web*:!m1
 │ ^^^^ the groups are all, ungrouped, masters
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a limit from a file that does not exist',
    argv: [...RUN, '-l', '@failed'],
    says: `error: cannot read the host list failed: there is no such file
  check the path
1 problem. No host was contacted.
Exit 1.
`,
  },
  ...['playbook', 'inventory', 'variables', 'limit'].map((what, index): BadInput => {
    const file = `${HUGE}.yml`;
    const words = [
      ['run', file, '-i', 'hosts.yml'],
      ['run', 'play.yml', '-i', file],
      [...RUN, '-e', `@${file}`],
    ];
    const kinds = ['playbook', 'inventory', 'variables file', 'host list'];
    return {
      name: `a file of 100 MB for ${what}`,
      argv: words[index] ?? [...RUN, '-l', `@${file}`],
      says: `error: ${file} is too large
  no ${kinds[index]} is larger than 5 MB: name another file, or split it
1 problem. No host was contacted.
Exit 1.
`,
    };
  }),
  {
    name: 'extra variables that are none',
    argv: [...RUN, '-e', 'renew_before'],
    says: `error: this is not a variable
 ┌─ -e:1:1
1│ renew_before
 │ ^^^^^^^^^^^^ write name=value; quote values with spaces: -e "name='a b'"
1 problem. No host was contacted.
Exit 1.
`,
  },
  ...(
    [
      ['a quote that is not closed', `db_x="abc`, 6, '^', 'this quote is not closed', 'close it'],
      ['a quote that only a backslash follows', `db_x="abc\\"`, 6, '^', 'this quote is not closed', 'close it'],
      ['a quote alone', `db_x='`, 6, '^', 'this quote is not closed', 'close it'],
      ['a variable right behind a quote', `a="x"b="y"`, 6, '^^^^^', 'this is not a variable', 'write name=value'],
    ] as const
  ).map(([what, text, column, marks, message, hint]) => ({
    name: `extra variables with ${what}`,
    argv: [...RUN, '-e', text],
    says: `error: ${message}
 ┌─ -e:1:${column}
1│ ${text}
 │ ${marks.padStart(column - 1 + marks.length)} ${hint}; quote values with spaces: -e "name='a b'"
1 problem. No host was contacted.
Exit 1.
`,
  })),
  {
    name: 'extra variables that are no mapping',
    argv: [...RUN, '-e', '[1, 2]'],
    says: `error: extra variables must be a mapping
 ┌─ -e:1:1
1│ [1, 2]
 │ ^^^^^^ write them as {name: value}, or as name=value
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a limit that leaves no host',
    argv: [...RUN, '-l', 'masters:!masters'],
    says: `error: no host of the playbook is left
 ┌─ --limit:1:1
1│ masters:!masters
 │ ^^^^^^^^^^^^^^^^ name at least one of them
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'tags that no task has',
    playbook: '- hosts: masters\n  tags: [all-of-it]\n  tasks:\n    - command: uptime\n      tags: [look, never]\n',
    argv: [...RUN, '-t', 'lok', '--skip-tags', 'tagged,restart'],
    says: `error: no task has the tag 'restart'
 ┌─ --skip-tags:1:1
1│ restart
 │ ^^^^^^^ the tags are all-of-it, look, never
error: no task has the tag 'lok'
 ┌─ --tags:1:1
1│ lok
 │ ^^^ did you mean look? the tags are all-of-it, look, never
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a tag for a playbook without any',
    argv: [...RUN, '-t', 'look'],
    says: `error: no task has the tag 'look'
 ┌─ --tags:1:1
1│ look
 │ ^^^^ the playbook has no tags
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an extra variable of the wrong value',
    playbook: '- hosts: masters\n  tasks:\n    - certs.check: {}\n',
    argv: [...RUN, '-e', 'renew_before=soon'],
    says: `error: renew_before cannot be 'soon'
 ┌─ -e:1:14
1│ renew_before=soon
 │              ^^^^ certificates that expire within this time are due: a duration such as 30d, 0s for expired ones only, or all
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an extra variable of the wrong value, in a playbook that ships',
    argv: ['plan', 'renew-certs.yml', '-i', 'hosts.yml', '-e', '{"renew_before": 30}'],
    says: `Using the renew-certs.yml that ships with kplay: ${shippedPlaybook('renew-certs.yml')}
error: renew_before must be a string such as 30d, not the number 30
 ┌─ -e:1:18
1│ {"renew_before": 30}
 │                  ^^ certificates that expire within this time are due: a duration such as 30d, 0s for expired ones only, or all
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an option of the wrong value',
    argv: ['check', '-i', 'hosts.yml', '--renew-before', '3x'],
    says: `error: --renew-before cannot be '3x'
 ┌─ --renew-before:1:1
1│ 3x
 │ ^^ certificates that expire within this time are due: a duration such as 30d, 0s for expired ones only, or all
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'extra variables that are a mapping without braces',
    argv: [...RUN, '-e', 'renew_before: 0s'],
    says: `error: a mapping needs braces on the command line
 ┌─ -e:1:1
1│ renew_before: 0s
 │ ^^^^^^^^^^^^^ put it into braces, {name: value}, or write name=value
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'extra variables from an empty file',
    argv: [...RUN, '-e', '@/dev/null'],
    says: `error: extra variables must be a mapping
 ┌─ /dev/null:1:1
1│ 
 │ ^ write each as name: value
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'extra variables that are no YAML',
    argv: [...RUN, '-e', '{ a: 1'],
    says: `error: this { is not closed
 ┌─ -e:1:1
1│ { a: 1
 │ ^ close the bracket, or indent what is in it
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'extra variables from a file that does not exist',
    argv: [...RUN, '-e', '@vars.yml'],
    says: `error: cannot read the variables file vars.yml: there is no such file
  check the path
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a password file that does not exist',
    argv: [...RUN, '--become-password-file', 'secret'],
    says: `error: cannot read secret: there is no such file
  check --become-password-file
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a password that nobody can type',
    argv: [...RUN, '-K'],
    says: `error: cannot ask for the password: there is no terminal
  use --become-password-file
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a question that nobody can answer',
    argv: [...RUN, '--confirm'],
    says: `error: --confirm needs a terminal to ask on
  save a plan with kplay plan --out FILE, look at it, and run kplay apply FILE
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an unknown option',
    argv: [...RUN, '--limt', 'm1'],
    says: `error: unknown option '--limt'
(Did you mean --limit?)
(see kplay run --help)
`,
  },
  {
    name: 'an unknown command',
    argv: ['chek', '-i', 'hosts.yml'],
    says: `error: unknown command 'chek'
(Did you mean check?)
(see kplay --help)
`,
  },
  {
    name: 'a command without its argument',
    argv: ['run', '-i', 'hosts.yml'],
    says: `error: missing required argument 'playbook'
(renew-certs.yml, which ships with kplay, renews certificates)
(see kplay run --help)
`,
  },
  {
    name: 'an argument too many',
    argv: [...RUN, 'more'],
    says: `error: too many arguments for 'run'. Expected 1 argument but got 2.
(an inventory is given with -i: -i prod.yml)
(see kplay run --help)
`,
  },
  {
    name: 'an argument for a command that takes none, nor an inventory',
    argv: ['history', 'last'],
    says: `error: too many arguments for 'history'. Expected 0 arguments but got 1.
(see kplay history --help)
`,
  },
  {
    name: 'an inventory without a name',
    argv: ['check', '-i', ''],
    says: `error: the name of an inventory is empty
  write -i FILE; a shell variable in its place is not set
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a playbook that ships, with another extension',
    argv: ['run', 'renew-certs.yaml', '-i', 'hosts.yml'],
    says: `error: cannot read the playbook renew-certs.yaml: there is no such file
  did you mean renew-certs.yml? It ships with kplay, as do check-certs.yml, language.yml and rollback.yml
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a playbook that ships, without an extension',
    argv: ['run', 'renew-certs', '-i', 'hosts.yml'],
    says: `error: cannot read the playbook renew-certs: there is no such file
  did you mean renew-certs.yml? It ships with kplay, as do check-certs.yml, language.yml and rollback.yml
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a directory of backups with a slash at its end',
    argv: ['rollback', '-i', 'hosts.yml', '--backup-to', '/b/'],
    says: `error: --backup-to cannot be '/b/'
 ┌─ --backup-to:1:1
1│ /b/
 │ ^^^ directory on the host in which each backup gets its own directory, from / and without a slash at the end
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a text for a variable that is a list',
    argv: ['plan', 'renew-certs.yml', '-i', 'hosts.yml', '-e', 'kubeconfig_users=ops'],
    says: `Using the renew-certs.yml that ships with kplay: ${shippedPlaybook('renew-certs.yml')}
error: kubeconfig_users (parameter users) must be a list of strings, not 'ops'
 ┌─ -e:1:18
1│ kubeconfig_users=ops
 │                  ^^^ write a list: -e '{kubeconfig_users: [VALUE]}'
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a kind of report that is nearly another',
    argv: ['check', '-i', 'hosts.yml', '--report', 'htlm=a.html'],
    says: `error: --report htlm=a.html is not a kind of report
  did you mean html? give junit=FILE, json=FILE, markdown=FILE, html=FILE, sarif=FILE, csv=FILE, gitlab=FILE, github or gitlab
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a kubeconfig on the hosts with a relative path, which is one problem',
    argv: ['check', '-i', 'hosts.yml', '--kubeconfig', 'admin.conf'],
    says: `error: --kubeconfig admin.conf is not a path on the hosts
 ┌─ --kubeconfig:1:1
1│ admin.conf
 │ ^^^^^^^^^^ write an absolute path: /home/ops/.kube/config
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an output that does not exist',
    argv: [...RUN, '-o', 'yaml'],
    says: `error: option '-o, --output <kind>' argument 'yaml' is invalid. Allowed choices are auto, tree, plain, json.
(see kplay run --help)
`,
  },
  {
    name: 'no hosts at a time',
    argv: [...RUN, '-f', '0'],
    says: `error: option '-f, --forks <number>' argument '0' is invalid. It must be a whole number, 1 or greater.
(see kplay run --help)
`,
  },
  {
    name: 'several wrong values, and an option that does not exist',
    argv: [...RUN, '-f', 'many', '--timeout=long', '--bogus'],
    says: `error: option '-f, --forks <number>' argument 'many' is invalid. It must be a whole number, 1 or greater.
error: option '--timeout <seconds>' argument 'long' is invalid. It must be a whole number, 1 or greater.
error: unknown option '--bogus'
(see kplay run --help)
`,
  },
  {
    name: 'a time limit longer than any timer',
    argv: [...RUN, '--timeout', '3000000'],
    says: `error: option '--timeout <seconds>' argument '3000000' is invalid. It must be at most 2147483, which is 24 days.
(see kplay run --help)
`,
  },
  {
    name: 'more masters than a demo simulates',
    argv: ['demo', '--masters', '10'],
    says: `error: option '--masters <number>' argument '10' is invalid. It must be at most 9.
(see kplay demo --help)
`,
  },
  {
    name: 'an unknown step to explain',
    argv: ['doc', 'cert.check'],
    says: `error: unknown step 'cert.check'
  did you mean certs.check? the steps are certs.check, certs.backup, certs.delete, certs.regenerate, certs.request, certs.install, certs.tidy, certs.restore, certs.backups, … (23 in all)
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a time that is none',
    argv: ['check', '-i', 'hosts.yml', '--renew-before', 'soon'],
    says: `error: --renew-before cannot be 'soon'
 ┌─ --renew-before:1:1
1│ soon
 │ ^^^^ certificates that expire within this time are due: a duration such as 30d, 0s for expired ones only, or all
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a plan that does not exist',
    argv: ['apply', 'prod.kplan'],
    says: `error: cannot read prod.kplan: there is no such file
  check the path
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a plan that is none',
    argv: ['apply', 'play.yml'],
    says: `error: play.yml is not a kplay plan: it is not JSON
  make one: kplay plan … --out FILE
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a plan that is other JSON',
    files: { 'a.json': '{"format":"other"}' },
    argv: ['apply', 'a.json'],
    says: `error: a.json is not a kplay plan: it does not say format: 'kplay-plan'
  make one: kplay plan … --out FILE
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a plan of another version',
    files: { 'old.kplan': '{"format":"kplay-plan","formatVersion":9,"kplay":"7.1.0"}' },
    argv: ['apply', 'old.kplan'],
    says: `error: old.kplan is a plan of format 9, and this is kplay 0.1.0, which reads format 5
  make a new plan with this version, or apply it with the version that made it
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a plan without a version',
    files: { 'a.kplan': '{"format":"kplay-plan"}' },
    argv: ['apply', 'a.kplan'],
    says: `error: a.kplan is not a kplay plan: it has no formatVersion
  make one: kplay plan … --out FILE
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an empty plan',
    files: { 'a.kplan': '' },
    argv: ['apply', 'a.kplan'],
    says: `error: a.kplan is not a kplay plan: it is empty
  make one: kplay plan … --out FILE
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'half a plan',
    files: { 'a.kplan': '{"format":"kplay-plan","formatVersion":5,"kplay":"0.1.0","digest":"00"}' },
    argv: ['apply', 'a.kplan'],
    says: `error: a.kplan is not a valid plan: /plannedAt is wrong
  make a new plan
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'other hosts than a saved plan has',
    argv: ['apply', 'plan.json', '-l', 'm1'],
    says: `error: kplay apply takes no --limit: the hosts are those of the saved plan
  make a plan of these hosts only: kplay plan … --limit m1 --out FILE
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'windows that are overridden without a reason',
    argv: [...RUN, '--window', 'override'],
    says: `error: --window override needs a reason
  add --reason TEXT: it is recorded
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a reason for nothing',
    argv: [...RUN, '--reason', 'it is down'],
    says: `error: --reason says why windows are overridden
  add --window override, or leave it out
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'windows of a run that only looks',
    argv: [...RUN, '--check', '--window', 'skip'],
    says: `error: option '--window <what>' cannot be used with option '-C, --check'
(see kplay run --help)
`,
  },
  {
    name: 'windows of an inventory without clusters',
    argv: ['windows', '-i', 'hosts.yml'],
    says: `error: the inventory hosts.yml declares no clusters
  give a group kplay_cluster: { name: prod, window: "Tue-Thu 01:00-04:00 Europe/Berlin" } among its vars
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'much in several files at once',
    playbook: '- hosts: masters\n  tasks:\n    - cert.check: {}\n    - command: uptime\n      regster: x\n',
    files: { 'group_vars/all.yml': 'a: 1\na: 2\n' },
    argv: [...RUN, '-l', 'm9', '-e', 'x y'],
    says: `error: this is not a variable
 ┌─ -e:1:1
1│ x y
 │ ^^^ write name=value; quote values with spaces: -e "name='a b'"
error: this key is written twice
 ┌─ group_vars/all.yml:2:1
2│ a: 2
 │ ^ remove one of the two: the other is in line 1
error: unknown step 'cert.check'
 ┌─ play.yml:3:7
3│     - cert.check: {}
 │       ^^^^^^^^^^ did you mean certs.check?
error: unknown keyword 'regster'
 ┌─ play.yml:5:7
5│       regster: x
 │       ^^^^^^^ did you mean register?
4 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'thresholds that contradict each other, and that decide nothing',
    argv: ['check', '-i', 'hosts.yml', '--warn', '7d', '--critical', '30d'],
    says: `error: --warn has no effect with -o table
  add --exit-code or --nagios, or a format with severities: -o json, --report html=FILE; the table uses --renew-before
error: --critical 30d is longer than --warn 7d
  give --critical the shorter time
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a threshold that leaves no warnings, with the usual one',
    argv: ['check', '-i', 'hosts.yml', '--exit-code', '--critical', '60d'],
    says: `error: --critical 60d is longer than the default of --warn, 30d
  give --warn as well, at least as long; its default is that of --renew-before
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a threshold that leaves no warnings, by a variable',
    argv: ['check', '-i', 'hosts.yml', '--exit-code', '--critical', '30d', '-e', 'renew_before=20d'],
    says: `error: --critical 30d is longer than the default of --warn, 20d
  give --warn as well, at least as long; its default is that of --renew-before
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a threshold without a unit',
    argv: ['check', '-i', 'hosts.yml', '--exit-code', '--warn', '30'],
    says: `error: option '--warn <time>' argument '30' is invalid. '30' is not a duration: write it like 30d, 12h or 1h30m.
(see kplay check --help)
`,
  },
];
