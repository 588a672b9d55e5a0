import type { BadInput } from './case.ts';

const CLUSTERS = `prod: { vars: { kplay_cluster: { labels: { env: prod }, wave: canary } }, hosts: { m1: } }
test: { vars: { kplay_cluster: { labels: { env: test } } }, hosts: { m2: } }
`;

export const ROLLOUT_CASES: readonly BadInput[] = [
  {
    name: 'a wave whose size cannot be: it is not called empty as well, and what else is wrong is said with it',
    inventory: CLUSTERS,
    playbook: `- hosts: all
  rollout:
    waves:
      - { name: first, size: 0 }
      - { name: last, label: env=test }
  tasks:
    - command: uptime
`,
    says: `error: cluster prod is in wave canary, which the rollout does not have
 ┌─ hosts.yml:1:63
1│ prod: { vars: { kplay_cluster: { labels: { env: prod }, wave: canary } }, hosts: { m1: } }
 │                                                               ^^^^^^ its waves are first, last
error: size must be a whole number of at least 1 or a string such as 10%, not the number 0
 ┌─ play.yml:4:30
4│       - { name: first, size: 0 }
 │                              ^ write how many clusters, or 1% to 100% of them
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'waves with mistyped keys, and two ways to select clusters',
    inventory: CLUSTERS,
    playbook: `- hosts: all
  rollout:
    waves:
      - { nmae: canary }
      - { name: early, size: 1, label: env=test }
      - { name: rest, sise: 2 }
  tasks:
    - command: uptime
`,
    says: `error: waves[0] has no 'nmae'
 ┌─ play.yml:4:11
4│       - { nmae: canary }
 │           ^^^^ did you mean name? it has name, clusters, label, size, approval, soak, max_failed
error: a wave selects its clusters by 'size' or by 'label', not by both
 ┌─ play.yml:5:33
5│       - { name: early, size: 1, label: env=test }
 │                                 ^^^^^ remove one of them
error: waves[2] has no 'sise'
 ┌─ play.yml:6:23
6│       - { name: rest, sise: 2 }
 │                       ^^^^ did you mean size? it has name, clusters, label, size, approval, soak, max_failed
3 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a wave that names a cluster which an earlier one has by its label: it is not called empty as well',
    inventory: CLUSTERS,
    playbook: `- hosts: all
  rollout:
    waves:
      - { name: canary }
      - { name: tests, label: env=test }
      - { name: rest, clusters: test }
  tasks:
    - command: uptime
`,
    says: `error: cluster test is already in wave tests, by its label
 ┌─ play.yml:6:33
6│       - { name: rest, clusters: test }
 │                                 ^^^^ remove it here, or move wave rest before wave tests
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'waves that name a cluster twice',
    inventory: CLUSTERS,
    playbook: `- hosts: all
  rollout:
    waves:
      - { name: canary, clusters: [test, test] }
      - { name: rest, clusters: test }
  tasks:
    - command: uptime
`,
    says: `error: wave canary names cluster test twice
 ┌─ play.yml:4:42
4│       - { name: canary, clusters: [test, test] }
 │                                          ^^^^ remove one of them
error: cluster test is also in wave canary
 ┌─ play.yml:5:33
5│       - { name: rest, clusters: test }
 │                                 ^^^^ remove it from one of the waves
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a limit to what does not exist, beside a wrong declaration of a cluster',
    inventory: `prod:
  vars: { kplay_cluster: { name: prod, wnidow: daily 01:00-04:00 UTC, labels: [eu] } }
  hosts: { m1: }
`,
    playbook: '- hosts: all\n  tasks:\n    - command: uptime\n',
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '-l', 'cluster:nope,label:env=nope,m9'],
    says: `error: there is no cluster 'nope'
 ┌─ --limit:1:1
1│ cluster:nope,label:env=nope,m9
 │ ^^^^^^^^^^^^ the clusters are prod
error: there is no host and no group called 'm9'
 ┌─ --limit:1:29
1│ cluster:nope,label:env=nope,m9
 │                             ^^ did you mean m1? the groups are all, ungrouped, prod
error: kplay_cluster has no 'wnidow'
 ┌─ hosts.yml:2:40
2│   vars: { kplay_cluster: { name: prod, wnidow: daily 01:00-04:00 UTC, labels: [eu] } }
 │                                        ^^^^^^ did you mean window? it has name, labels, wave, site, window, closed, expected, contact
error: labels must be a mapping
 ┌─ hosts.yml:2:79
2│   vars: { kplay_cluster: { name: prod, wnidow: daily 01:00-04:00 UTC, labels: [eu] } }
 │                                                                               ^^^^ write labels: { env: prod }
4 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'waves that are empty, beside all other mistakes of a rollout',
    inventory: CLUSTERS,
    playbook: `- hosts: all
  rollout:
    max_failed: 120%
    waves:
      - { name: early, label: env=staging, soak: 5 }
      - { name: canary, clusters: [tset] }
      - { name: labelled, label: env }
      - { name: middle }
      - { name: rest }
  tasks:
    - command: uptime
`,
    says: `error: max_failed must be a whole number of at least 0 or a string such as 10%, not '120%'
 ┌─ play.yml:3:17
3│     max_failed: 120%
 │                 ^^^^ write how many clusters, or 0% to 100% of them
error: wave early matches no cluster: none has the label env=staging
 ┌─ play.yml:5:31
5│       - { name: early, label: env=staging, soak: 5 }
 │                               ^^^^^^^^^^^ the labels are env=prod, env=test
error: soak must be a string such as 30m, not the number 5
 ┌─ play.yml:5:50
5│       - { name: early, label: env=staging, soak: 5 }
 │                                                  ^ write it with its unit, such as 45s, 30m or 1h30m
error: there is no cluster 'tset'
 ┌─ play.yml:6:36
6│       - { name: canary, clusters: [tset] }
 │                                    ^^^^ did you mean test? the clusters are prod, test
error: 'env' does not say which value the label has
 ┌─ play.yml:7:34
7│       - { name: labelled, label: env }
 │                                  ^^^ write KEY=VALUE
error: wave middle matches no cluster
 ┌─ play.yml:8:17
8│       - { name: middle }
 │                 ^^^^^^ remove it, or select clusters that are left at that point
6 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a rollout that is a list: it is not said that the play has none',
    inventory: CLUSTERS,
    playbook: `- hosts: all
  rollout:
    - { name: canary }
  on_wave:
    - command: "true"
  tasks:
    - command: uptime
`,
    says: `error: rollout must be a mapping, not a list
 ┌─ play.yml:3:5
3│     - { name: canary }
 │     ^^^^^^^^^^^^^^^^^^
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a mistyped parameter that is required',
    inventory: CLUSTERS,
    playbook: `- hosts: all
  rollout:
    checks:
      - uri: { urll: "https://example.com" }
  tasks:
    - command: uptime
`,
    says: `error: uri has no parameter 'urll'
 ┌─ play.yml:4:16
4│       - uri: { urll: "https://example.com" }
 │                ^^^^ did you mean url?
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a rollout file that validate reads',
    inventory: CLUSTERS,
    playbook: `- hosts: all
  tasks:
    - command: uptime
`,
    files: { 'rollout.yml': 'waves: [{ name: canary }, { name: x, label: env=x }]\n' },
    argv: ['validate', 'play.yml', '-i', 'hosts.yml', '--rollout', 'rollout.yml'],
    says: `error: no wave has test
 ┌─ rollout.yml:1:1
1│ waves: [{ name: canary }, { name: x, label: env=x }]
 │ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ add a last wave without a selection: it takes all remaining clusters
error: wave x matches no cluster: none has the label env=x
 ┌─ rollout.yml:1:45
1│ waves: [{ name: canary }, { name: x, label: env=x }]
 │                                             ^^^^^ the labels are env=prod, env=test
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'clusters that share hosts, and values that are none, each said once',
    inventory: `a: { vars: { kplay_cluster: { window: { dayz: Tue, from: 01:00, to: 04:00, zone: UTC } } }, hosts: { "m[1:7]": } }
b: { vars: { kplay_cluster: { window: { calender: x.ics } } }, hosts: { "m[1:7]": } }
c: { vars: { kplay_cluster: { window: { rrule: FREQ=DAILY, strat: 2026-01-13 01:00, duration: 3h, zone: UTC } } } }
d: { vars: { kplay_cluster: { closed: [Christmas, 2026-12-24] } } }
e: { vars: { kplay_cluster: { wave: null, site: null, contact: null, labels: { env: null } } } }
`,
    playbook: `- hosts: all
  tasks:
    - command: uptime
`,
    says: `error: a window has no 'dayz'
 ┌─ hosts.yml:1:41
1│ a: { vars: { kplay_cluster: { window: { dayz: Tue, from: 01:00, to: 04:00, zone: UTC } } }, hosts: { "m[1:7]": } }
 │                                         ^^^^ did you mean days? it has days, from, to, zone
error: m1, m2, m3, m4, m5, … are in two clusters, a and b
 ┌─ hosts.yml:2:29
2│ b: { vars: { kplay_cluster: { window: { calender: x.ics } } }, hosts: { "m[1:7]": } }
 │                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ take the 7 hosts out of one of the groups, or give both the same name
error: a window has no 'calender'
 ┌─ hosts.yml:2:41
2│ b: { vars: { kplay_cluster: { window: { calender: x.ics } } }, hosts: { "m[1:7]": } }
 │                                         ^^^^^^^^ did you mean calendar? it has days, from, to, zone
error: a window by a rule has no 'strat'
 ┌─ hosts.yml:3:60
3│ c: { vars: { kplay_cluster: { window: { rrule: FREQ=DAILY, strat: 2026-01-13 01:00, duration: 3h, zone: UTC } } } }
 │                                                            ^^^^^ did you mean start? it has rrule, start, duration, zone
error: 'Christmas' is not a date
 ┌─ hosts.yml:4:40
4│ d: { vars: { kplay_cluster: { closed: [Christmas, 2026-12-24] } } }
 │                                        ^^^^^^^^^ write it as 2026-12-24, and a range as 2026-12-24..2027-01-06
error: the zone is missing
 ┌─ hosts.yml:4:51
4│ d: { vars: { kplay_cluster: { closed: [Christmas, 2026-12-24] } } }
 │                                                   ^^^^^^^^^^ end it with one, such as Europe/Berlin or UTC
error: wave must be the name of a wave
 ┌─ hosts.yml:5:37
5│ e: { vars: { kplay_cluster: { wave: null, site: null, contact: null, labels: { env: null } } } }
 │                                     ^^^^ use letters, digits, dots, - and _: wave: canary
error: site must be the name of a site
 ┌─ hosts.yml:5:49
5│ e: { vars: { kplay_cluster: { wave: null, site: null, contact: null, labels: { env: null } } } }
 │                                                 ^^^^ use letters, digits, dots, - and _: site: frankfurt
error: contact must be a text
 ┌─ hosts.yml:5:64
5│ e: { vars: { kplay_cluster: { wave: null, site: null, contact: null, labels: { env: null } } } }
 │                                                                ^^^^ write whom to contact, such as contact: Platform team, +49 30 1234
error: the label env must have a word as its value
 ┌─ hosts.yml:5:85
5│ e: { vars: { kplay_cluster: { wave: null, site: null, contact: null, labels: { env: null } } } }
 │                                                                                     ^^^^ use letters, digits, dots, /, - and _
10 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'mistakes in the declarations of clusters, beside those of the rollout that would be left without them',
    inventory: `a: { vars: { kplay_cluster: { lables: { env: prod }, windw: x } }, hosts: { m1: } }
b: { vars: { kplay_cluster: { wave: cnary } }, hosts: { m2: } }
c: { vars: { kplay_cluster: { wave: late } }, hosts: { m3: } }
`,
    playbook: `- hosts: all
  rollout:
    waves:
      - { name: canary, label: env=prod }
      - { name: named, clusters: [c, d] }
      - { name: empty }
      - { name: late, label: env=test }
  tasks:
    - command: uptime
`,
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '-l', 'label:env=prod'],
    says: `error: kplay_cluster has no 'lables'
 ┌─ hosts.yml:1:31
1│ a: { vars: { kplay_cluster: { lables: { env: prod }, windw: x } }, hosts: { m1: } }
 │                               ^^^^^^ did you mean labels? it has name, labels, wave, site, window, closed, expected, contact
error: kplay_cluster has no 'windw'
 ┌─ hosts.yml:1:54
1│ a: { vars: { kplay_cluster: { lables: { env: prod }, windw: x } }, hosts: { m1: } }
 │                                                      ^^^^^ did you mean window? it has name, labels, wave, site, window, closed, expected, contact
error: cluster b is in wave cnary, which the rollout does not have
 ┌─ hosts.yml:2:37
2│ b: { vars: { kplay_cluster: { wave: cnary } }, hosts: { m2: } }
 │                                     ^^^^^ did you mean canary? its waves are canary, named, empty, late
error: cluster c is in wave late: the inventory says so
 ┌─ play.yml:5:35
5│       - { name: named, clusters: [c, d] }
 │                                   ^ take it out of one of them
error: there is no cluster 'd'
 ┌─ play.yml:5:38
5│       - { name: named, clusters: [c, d] }
 │                                      ^ did you mean a? the clusters are a, b, c
error: wave empty matches no cluster
 ┌─ play.yml:6:17
6│       - { name: empty }
 │                 ^^^^^ remove it, or select clusters that are left at that point
6 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'hosts that do not exist: no wave is called empty as well',
    inventory: CLUSTERS,
    playbook: `- hosts: all:!old
  rollout: { waves: [{ name: canary, clusters: [dev] }, { name: rest }] }
  tasks:
    - command: uptime
`,
    says: `error: there is no host and no group called 'old'
 ┌─ play.yml:1:14
1│ - hosts: all:!old
 │              ^^^^ the groups are all, ungrouped, prod, test
error: there is no cluster 'dev'
 ┌─ play.yml:2:49
2│   rollout: { waves: [{ name: canary, clusters: [dev] }, { name: rest }] }
 │                                                 ^^^ the clusters are prod, test
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'clusters whose names and waves are not known: nothing is said to be missing',
    inventory: `a: { vars: { kplay_cluster: { nmae: prod } }, hosts: { m1: } }
b: { vars: { kplay_cluster: test }, hosts: { m2: } }
c: { hosts: { m3: { kplay_cluster: { name: dev } } } }
`,
    playbook: `- hosts: all
  rollout: { waves: [{ name: canary, clusters: prod }, { name: rest, label: env=test }] }
  tasks:
    - command: uptime
`,
    says: `error: kplay_cluster has no 'nmae'
 ┌─ hosts.yml:1:31
1│ a: { vars: { kplay_cluster: { nmae: prod } }, hosts: { m1: } }
 │                               ^^^^ did you mean name? it has name, labels, wave, site, window, closed, expected, contact
error: kplay_cluster must be a mapping
 ┌─ hosts.yml:2:29
2│ b: { vars: { kplay_cluster: test }, hosts: { m2: } }
 │                             ^^^^ write kplay_cluster: { name: b }
error: kplay_cluster describes a group, but is set for the host m3
 ┌─ hosts.yml:3:36
3│ c: { hosts: { m3: { kplay_cluster: { name: dev } } } }
 │                                    ^^^^^^^^^^^^^ move it to the vars of the group of the cluster
3 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'mistakes of all kinds: of a cluster, a connection, a play and a rollout file',
    argv: ['plan', 'play.yml', '-i', 'hosts.yml', '--rollout', 'rollout.yml'],
    playbook: '- hosts: all\n  tasks:\n    - command: echo {{ nowhere }}\n',
    inventory: `a:
  vars: { kplay_cluster: { name: prod, contact: [] } }
  hosts:
    m1: { ansible_port: ssh }
    m2: { ansible_ssh_common_args: -o ProxyCommand=proxy }
    m3: { ansible_ssh_private_key_file: /nowhere/key }
`,
    files: { 'rollout.yml': 'waves:\n  - { name: canary, clusters: [staging] }\n' },
    says: `error: contact must be a text
 ┌─ hosts.yml:2:49
2│   vars: { kplay_cluster: { name: prod, contact: [] } }
 │                                                 ^^ write whom to contact, such as contact: Platform team, +49 30 1234
error: ansible_port must be a port: a number from 1 to 65535
 ┌─ hosts.yml:4:25
4│     m1: { ansible_port: ssh }
 │                         ^^^
error: ansible_ssh_common_args: ProxyCommand is not supported
 ┌─ hosts.yml:5:36
5│     m2: { ansible_ssh_common_args: -o ProxyCommand=proxy }
 │                                    ^^^^^^^^^^^^^^^^^^^^^ use -o ProxyJump=user@host:port instead of ssh -W
error: there is no private key /nowhere/key
 ┌─ hosts.yml:6:41
6│     m3: { ansible_ssh_private_key_file: /nowhere/key }
 │                                         ^^^^^^^^^^^^ correct the path, or its permissions
error: 'nowhere' is undefined
 ┌─ play.yml:3:24
3│     - command: echo {{ nowhere }}
 │                        ^^^^^^^
error: there is no cluster 'staging'
 ┌─ rollout.yml:2:32
2│   - { name: canary, clusters: [staging] }
 │                                ^^^^^^^ the clusters are prod
6 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a host that is none, and a playbook whose mistakes do not depend on it',
    playbook: '- hosts: all\n  tasks:\n    - command: echo {{ nowhere | no_filter }}\n      notify: nobody\n',
    inventory: 'all: { hosts: { "m 1": } }\n',
    says: `error: 'm 1' cannot be the name of a host: it contains white space or a control character
 ┌─ hosts.yml:1:17
1│ all: { hosts: { "m 1": } }
 │                 ^^^^^ write a name or an address, optionally with :port
error: there is no filter 'no_filter'
 ┌─ play.yml:3:34
3│     - command: echo {{ nowhere | no_filter }}
 │                                  ^^^^^^^^^ provide its result as a variable: vars_files, or -e
error: there is no handler 'nobody'
 ┌─ play.yml:4:15
4│       notify: nobody
 │               ^^^^^^ add it below handlers: of the play
3 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'on_wave without a rollout, to validate',
    argv: ['validate', 'play.yml', '-i', 'hosts.yml'],
    playbook: '- hosts: all\n  on_wave:\n    - command: uptime\n  tasks:\n    - command: uptime\n',
    says: `error: on_wave is called for the waves of a rollout, but the play has none
 ┌─ play.yml:3:7
3│     - command: uptime
 │       ^^^^^^^^^^^^^^^ give the play a rollout, or --rollout FILE; on_start, on_success and on_failure are for every play
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'commands that only a shell could run, with and without templates',
    argv: ['validate', 'play.yml', '-i', 'hosts.yml'],
    playbook:
      '- hosts: all\n  on_start:\n    - command: notify $USER\n  on_failure:\n    - command: notify "x\n    - command: notify {{ kplay_run.id }} ~/x\n  tasks:\n    - command: uptime {{ 1 }} $X\n',
    says: `error: there is no shell that replaces $USER
 ┌─ play.yml:3:16
3│     - command: notify $USER
 │                ^^^^^^^^^^^^ use argv, which takes words unchanged: [sh, -c, '…']
error: a quote is not closed
 ┌─ play.yml:5:16
5│     - command: notify "x
 │                ^^^^^^^^^ close it
error: there is no shell that replaces ~
 ┌─ play.yml:6:16
6│     - command: notify {{ kplay_run.id }} ~/x
 │                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ use argv, which takes words unchanged: [sh, -c, '…']
error: there is no shell that replaces $X
 ┌─ play.yml:8:16
8│     - command: uptime {{ 1 }} $X
 │                ^^^^^^^^^^^^^^^^^ use shell: instead of command:, or argv, which takes words unchanged
4 problems. No host was contacted.
Exit 1.
`,
  },
];
