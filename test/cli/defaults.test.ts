import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { NAMELESS } from '../support/nameless.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
beforeEach(() => {
  controller = new Controller();
  const { root } = localHost(controller);
  const host = `ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)}`;
  controller.file('site.yml', `all: { hosts: { here: { ${host} } } }\n`);
  controller.file('other.yml', `all: { hosts: { there: { ${host} } } }\n`);
  controller.file('play.yml', '- hosts: all\n  tasks:\n    - command: "true"\n');
});
afterEach(() => controller.close());

const kplay = (argv: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
  controller.run(argv, { variables });
const play = () => join(controller.directory, 'play.yml');
const graph = (variables: Readonly<Record<string, string>> = {}) => kplay(['inventory', '--graph'], variables);

describe('where options come from', () => {
  it('is, in this order: what is typed, KPLAY_*, kplay.yml, ANSIBLE_*, ansible.cfg', async () => {
    const named = (name: string) => {
      controller.file(`${name}.yml`, `all: { hosts: { ${name}: } }\n`);
      return join(controller.directory, `${name}.yml`);
    };
    for (const name of ['typed', 'variable', 'project', 'ansible', 'file']) named(name);
    controller.file('ansible.cfg', '[defaults]\ninventory = file.yml\n');
    expect((await graph()).stdout).toContain('--file');
    const ansible = { ANSIBLE_INVENTORY: 'ansible.yml' };
    expect((await graph(ansible)).stdout).toContain('--ansible');
    controller.file('kplay.yml', `inventory: ${named('project')}\n`);
    expect((await graph(ansible)).stdout).toContain('--project');
    const all = { ...ansible, KPLAY_INVENTORY: named('variable') };
    expect((await graph(all)).stdout).toContain('--variable');
    expect((await kplay(['inventory', '--graph', '-i', named('typed')], all)).stdout).toContain('--typed');
  });

  it('does not refuse a default of a file where it has no effect', async () => {
    const site = join(controller.directory, 'site.yml');
    controller.file(
      'kplay.yml',
      'commands:\n  history: { keep: 5, no_headers: true }\n  rollback: { sort_by: host }\n  check: { metrics_label: site=a, sort_by: host }\n',
    );
    for (const argv of [
      ['history'],
      ['history', '-o', 'json'],
      ['rollback', '-C', '-i', site],
      ['check', '-i', site],
      ['check', '-i', site, '-o', 'json'],
    ])
      expect((await kplay(argv)).stderr, argv.join(' ')).toBe('');
    expect((await kplay(['check', '-i', site, '-o', 'prom'])).stdout).toContain('site="a"');
    // What is typed is refused.
    expect((await kplay(['history', '--keep', '5'])).stderr).toContain("option '--keep' needs --prune");
    expect((await kplay(['rollback', '-i', site, '--sort-by', 'host'])).stderr).toContain("'--sort-by' needs --list");
  });

  it.each(['--check', '--list-tasks', '--syntax-check'])('refuses a typed --worker-timeout with %s', async (flag) => {
    const run = ['run', play(), '-i', join(controller.directory, 'site.yml'), flag];
    const typed = await kplay([...run, '--worker-timeout', '40']);
    expect(typed.stderr).toContain("option '--worker-timeout' needs --engine");
    expect(typed.exitCode).toBe(1);
    expect((await kplay(run, { KPLAY_WORKER_TIMEOUT: '40' })).exitCode).toBe(0);
  });

  it.each([
    [['-o', 'json'], { KPLAY_OUTPUT: 'json' }],
    [['--sort-by', 'run'], { KPLAY_SORT_BY: 'run' }],
    [['--no-headers'], { KPLAY_NO_HEADERS: 'true' }],
    [['--local-time'], { KPLAY_LOCAL_TIME: 'true' }],
  ])('refuses a typed %j where runs are removed, and no table is printed', async (words, variables) => {
    const prune = ['history', '--prune', '--state', controller.directory];
    const typed = await kplay([...prune, ...words]);
    expect(typed.stderr).toContain("option '--prune' cannot be used with option");
    expect(typed.exitCode).toBe(1);
    const { exitCode, stderr } = await kplay(prune, variables);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('does not refuse KPLAY_VARS where no tree is printed', async () => {
    const inventory = ['inventory', '-i', join(controller.directory, 'site.yml')];
    for (const shown of [['--list'], ['--host', 'here']])
      expect((await kplay([...inventory, ...shown], { KPLAY_VARS: 'true' })).exitCode, shown[0]).toBe(0);
    expect((await kplay([...inventory, '--graph'], { KPLAY_VARS: 'true' })).stdout).toContain('kplay_rootfs');
    expect((await kplay([...inventory, '--list', '--vars'])).stderr).toContain('--vars is for --graph');
  });

  it('does not take an inventory for kplay apply, whose plan has one', async () => {
    controller.file('kplay.yml', 'commands: { apply: { inventory: site.yml } }\n');
    const { exitCode, stderr } = await graph();
    expect(stderr).toContain("error: 'inventory' cannot be set here");
    expect(exitCode).toBe(1);
  });

  it('does not let a default of a file stand against what is typed', async () => {
    controller.file('kplay.yml', 'forks: 3\ndiff: true\ncommands: { run: { confirm: true } }\n');
    for (const flag of ['--check', '--dry-run']) {
      const checked = await kplay(['run', play(), flag, '-i', join(controller.directory, 'site.yml')]);
      expect({ exitCode: checked.exitCode, stderr: checked.stderr }, flag).toEqual({ exitCode: 0, stderr: '' });
    }
    controller.file('ansible.cfg', '[privilege_escalation]\nbecome_ask_pass = yes\n');
    const { exitCode, stderr } = await kplay([
      'run',
      play(),
      '--syntax-check',
      '-i',
      join(controller.directory, 'site.yml'),
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    // A password from a file, and not asked for.
    const file = controller.file('password', 'secret\n', 0o600);
    const run = await kplay([
      'plan',
      play(),
      '-i',
      join(controller.directory, 'site.yml'),
      '--become-password-file',
      file,
    ]);
    expect({ exitCode: run.exitCode, stderr: run.stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('does not pass over a rollout that a saved plan would not keep, wherever it comes from', async () => {
    const rollout = controller.file('waves.yml', 'waves: [all]\n');
    const site = join(controller.directory, 'site.yml');
    const out = join(controller.directory, 'saved.json');
    const plan = (words: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
      kplay(['plan', play(), '-i', site, '--out', out, ...words], variables);
    const says = 'a saved plan takes the rollout from the playbook';
    expect(await plan(['--rollout', rollout])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(says) });
    expect(await plan([], { KPLAY_ROLLOUT: rollout })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(says),
    });
    controller.file('kplay.yml', `commands: { plan: { rollout: ${rollout} } }\n`);
    expect(await plan([])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(says) });
    expect(existsSync(out)).toBe(false);
  });

  it('lets a variable switch off what a file switches on', async () => {
    controller.file(
      'kplay.yml',
      'inventory: site.yml\nask_become_pass: true\n'.replace('site.yml', join(controller.directory, 'site.yml')),
    );
    expect((await kplay(['plan', play()])).stderr).toContain('cannot ask for the password');
    expect((await kplay(['plan', play()], { KPLAY_ASK_BECOME_PASS: 'false' })).exitCode).toBe(0);
  });

  it('is asked by completion, too', async () => {
    controller.file('ansible.cfg', '[defaults]\ninventory = site.yml\n');
    expect((await kplay(['__complete', 'check', '-l', 'he'])).stdout).toBe('here\n');
  });

  it('decides how wrong input is told', async () => {
    controller.file('kplay.yml', 'commands: { run: { output: json } }\n');
    const { stdout } = await kplay(['run', play()]);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'input-error', exitCode: 1 });
  });
});

describe('kplay.yml', () => {
  it.each([
    ['kplay.yml', 'check the path and its mode'],
    ['nowhere.yml', 'it is a link that leads nowhere'],
  ])('is not passed over where it is a link that leads to %s', async (target, hint) => {
    symlinkSync(target, join(controller.directory, 'kplay.yml'));
    const { exitCode, stderr } = await controller.run(['validate', 'play.yml']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: cannot read the configuration .*kplay.yml: /);
    expect(stderr).toContain(hint);
  });

  it('is read as its schema and the documentation say', async () => {
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/configuration.md', 'utf8')) ?? [];
    const accepts = new Ajv2020().compile(JSON.parse(readFileSync('schemas/kplay.schema.json', 'utf8')));
    controller.file('kplay.yml', text);
    expect(accepts(parse(text))).toBe(true);
    expect(await kplay(['version'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(accepts({ limit: 'web' }) || accepts({ commands: { check: { output: 'pretty' } } })).toBe(false);
  });

  it.each([
    ['a colon is missing', 'inventory prod.yml\nforks: 3\n', 'each key ends with a colon'],
    ['a bracket is open', 'inventory: [a\nforks: 3\n', 'close the bracket'],
    ['a line is indented', 'inventory: a\n  forks: 3\n', 'check the indentation'],
    ['a quote is open', 'inventory: "a\nforks: 3\n', 'close the quote'],
  ])('says what to do, and what it may hold, where it is no YAML: %s', async (_, text, hint) => {
    controller.file('kplay.yml', text);
    const { exitCode, stderr } = await kplay(['check', '-i', 'm1,']);
    expect(exitCode).toBe(1);
    expect(stderr.replace(/\s+/g, ' ')).toContain(hint);
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      '; kplay.yml contains options and their values, one per line: forks: 20',
    );
  });

  it('says all that is wrong with it, each at its place', async () => {
    controller.file(
      'kplay.yml',
      [
        'forks: many',
        'limit: web',
        'host-key-checking: no',
        'host_key_checking: maybe',
        'become: perhaps',
        'verbose: 4',
        'extra_vars: { a: b }',
        'inventory: [a.yml, { b: c }]',
        'commands:',
        '  chekc: { output: wide }',
        '  check: { output: pretty, warn: soon }',
        '  run: 7',
        '  plan:',
        '    tags:',
        '      - [a, b]',
        '      - web',
        '      - { c: d }',
        '',
      ].join('\n'),
    );
    const { exitCode, stderr } = await kplay(['steps']);
    expect(exitCode).toBe(1);
    const lines = stderr.split('\n').filter((line) => /kplay\.yml:\d/.test(line));
    expect(lines.map((line) => line.replace(/^.*kplay\.yml/, ''))).toMatchInlineSnapshot(`
      [
        ":1:8",
        ":2:1",
        ":3:1",
        ":4:20",
        ":5:9",
        ":6:10",
        ":7:1",
        ":8:20",
        ":10:3",
        ":11:20",
        ":11:34",
        ":12:8",
        ":15:9",
        ":17:9",
      ]
    `);
    expect(stderr).toContain('did you mean host_key_checking?');
    expect(stderr).toContain('did you mean check?');
    expect(stderr).toContain('put variables into group_vars of the inventory');
  });

  it('is refused where two of its options contradict each other', async () => {
    controller.file('kplay.yml', 'ask_become_pass: true\nbecome_password_file: password\n');
    const { exitCode, stderr } = await kplay(['check', '-i', 'm1,']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error: --become-password-file cannot be given together with --ask-become-pass\n');
    expect(stderr).toContain('kplay.yml:2:23\n');
  });

  it('may be empty, and is not read where everybody can write to it or its directory', async () => {
    controller.file('kplay.yml', '# nothing yet\n');
    expect(await kplay(['version'])).toMatchObject({ exitCode: 0, stderr: '' });
    const project = controller.file('kplay.yml', 'nonsense: 1\n');
    chmodSync(project, 0o666);
    const open = await kplay(['version']);
    expect(open.exitCode).toBe(0);
    expect(open.stderr).toContain('kplay.yml is ignored: everybody can write to it\n');
    chmodSync(controller.directory, 0o777);
    const { exitCode, stderr } = await kplay(['version']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('kplay.yml is ignored: everybody can write to its directory');
  });
});

describe("Ansible's settings", () => {
  const configured = (text: string) => controller.file('ansible.cfg', text);
  const site = () => join(controller.directory, 'site.yml');

  it('are found where Ansible finds them', async () => {
    const inventory = (name: string) => `[defaults]\ninventory = ${join(controller.directory, name)}\n`;
    controller.file('etc/ansible/ansible.cfg', inventory('site.yml'));
    expect((await graph()).stdout).toContain('--here');
    controller.file('home/.ansible.cfg', inventory('other.yml'));
    expect((await graph()).stdout).toContain('--there');
    configured(inventory('site.yml'));
    expect((await graph()).stdout).toContain('--here');
    controller.file('config/ansible.cfg', '[defaults]\ninventory = ../other.yml\n');
    for (const named of ['config', 'config/ansible.cfg'])
      expect((await graph({ ANSIBLE_CONFIG: named })).stdout).toContain('--there');
    expect((await graph({ ANSIBLE_CONFIG: 'not-there.cfg' })).stdout).toContain('--here');
    expect((await graph({ ANSIBLE_CONFIG: '/dev/null' })).stderr).toContain('no inventory given');
  });

  it.each(['inventories/', '{{CWD}}/inventories/', 'inventories/../inventories//'])(
    'name a directory with an absolute path, also one with a slash at its end: %s',
    async (written) => {
      controller.file('inventories/hosts.yml', 'all: { hosts: { here: } }\n');
      const path = written.startsWith('{') ? written : `${controller.directory}/${written}`;
      configured(`[defaults]\ninventory = ${path}\n`);
      const { stdout, stderr } = await graph();
      expect({ stdout, stderr }).toMatchObject({ stdout: expect.stringContaining('--here'), stderr: '' });
    },
  );

  it('are not taken from a directory to which everybody may write, unless it is named', async () => {
    configured('[defaults]\ninventory = site.yml\n');
    chmodSync(controller.directory, 0o777);
    const { exitCode, stderr } = await graph();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('ansible.cfg is ignored: everybody can write to its directory');
    expect((await graph({ ANSIBLE_CONFIG: 'ansible.cfg' })).stdout).toContain('--here');
  });

  it('are not taken from a file to which everybody may write, unless it is named', async () => {
    controller.file('etc/ansible/ansible.cfg', `[defaults]\ninventory = ${site()}\n`);
    const others = [controller.file('home/.ansible.cfg', 'nonsense'), configured('nonsense')];
    for (const path of others) chmodSync(path, 0o666);
    const { exitCode, stdout, stderr } = await graph();
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('--here') });
    for (const path of others) expect(stderr).toContain(`${path} is ignored: everybody can write to it\n`);
    configured('[defaults]\ninventory = other.yml\n');
    expect((await graph({ ANSIBLE_CONFIG: 'ansible.cfg' })).stdout).toContain('--there');
  });

  it('with which Ansible does something else are told one by one, and not where they change nothing', async () => {
    configured(
      '[defaults]\ninventory = site.yml\nhash_behaviour = merge\nretry_files_enabled = no\nany_errors_fatal = no\nremote_port = 2222\n',
    );
    const { stderr } = await kplay(['plan', play()], { ANSIBLE_STRATEGY: 'free', ANSIBLE_NO_LOG: 'false' });
    expect(stderr.replaceAll(controller.directory, 'DIR')).toMatchInlineSnapshot(`
      "warning: kplay does not use these variables: ANSIBLE_NO_LOG
      warning: kplay does not use these settings of DIR/ansible.cfg: [defaults] retry_files_enabled, any_errors_fatal
      warning: kplay does not use hash_behaviour: a mapping replaces the one that it overrides
       ┌─ DIR/ansible.cfg:3:18
      3│ hash_behaviour = merge
       │                  ^^^^^ give the mappings names of their own, and write a | combine(b, recursive=true) where they are used
      warning: kplay does not use remote_port: the port of a host is that of the inventory, or of ssh
       ┌─ DIR/ansible.cfg:6:15
      6│ remote_port = 2222
       │               ^^^^ set ansible_port in the inventory, such as in group_vars/all.yml
      warning: kplay does not use ANSIBLE_STRATEGY: a play has the strategy that it says, or linear
       ┌─ ANSIBLE_STRATEGY:1:1
      1│ free
       │ ^^^^ write strategy: in the plays
      5 warnings.
      "
    `);
    configured('[defaults]\ninventory = site.yml\nstrategy = mitogen_linear\n');
    expect((await kplay(['plan', play()])).stderr).not.toContain('write strategy:');
  });

  it('that have no meaning here are named, in one line', async () => {
    configured(
      '[defaults]\ninventory = site.yml\ngathering = explicit\nRoles_Path = x\n[ssh_connection]\npipelining = true\n',
    );
    const { stderr } = await kplay(['plan', play()], { ANSIBLE_LOOKUP_URL: 'x' });
    expect(stderr.replaceAll(controller.directory, 'DIR')).toMatchInlineSnapshot(`
      "warning: kplay does not use these variables: ANSIBLE_LOOKUP_URL
      warning: kplay does not use these settings of DIR/ansible.cfg: [defaults] gathering, roles_path; [ssh_connection] pipelining
      2 warnings.
      "
    `);
  });

  it.each(['no', 'off', 'False'])('do not end the check of host keys: %s', async (no) => {
    configured(
      `[defaults]\nhost_key_checking = False\n[ssh_connection]\nssh_args = -C -o StrictHostKeyChecking=${no} -o "UserKnownHostsFile=/dev/null"\n`,
    );
    const { stderr } = await kplay(['plan', play(), '-i', site()]);
    expect(stderr).toContain('host_key_checking is off for Ansible, but kplay still checks host keys');
    expect(stderr).toContain('ssh_args turns host key checking off for Ansible, but kplay still checks host keys');
    expect(stderr).not.toContain('any machine that answers is accepted');
    const chosen = await kplay(['plan', play(), '-i', site(), '--host-key-checking', 'no', '--ssh-args', '-C']);
    expect(chosen.stderr).toBe('');
  });

  it.each([
    ['[privilege_escalation]\nbecome_user = deploy\n', "become_user cannot be 'deploy'"],
    ['[privilege_escalation]\nbecome_method = su\n', "become_method cannot be 'su'"],
    ['[defaults]\ntransport = winrm\n', "transport cannot be 'winrm'"],
    ['[defaults]\nforks = many\n', "forks cannot be 'many'"],
    // Somebody may have taken it for the place of the password.
    ['[defaults]\nask_pass = nonsense\n', "ask_pass cannot be '***'"],
    ['[privilege_escalation]\nbecome = ja\n', "become cannot be 'ja'"],
    ['[diff]\nalways = 2\n', "always cannot be '2'"],
    ['[defaults]\nverbosity = much\n', "verbosity cannot be 'much'"],
    ['[defaults]\nverbosity = -1x\n', "verbosity cannot be '-1x'"],
    ['forks = 5\n', 'there is no section before this line'],
    ['[defaults]\nforks\n', 'this is neither a section nor a setting'],
    ['[defaults]\nforks = 5\nforks = 6\n', 'forks is set twice in this section'],
  ])('that kplay cannot follow are refused: %j', async (text, message) => {
    configured(text);
    const { exitCode, stderr } = await kplay(['plan', play(), '-i', site()]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`error: ${message}\n`);
    expect(stderr).toMatch(/ansible\.cfg:\d+:\d+\n/);
  });

  it('may choose how a run is shown, and with which tags', async () => {
    configured(
      '[defaults]\ninventory = site.yml\nstdout_callback = ansible.posix.json\nnocolor = 1\n[tags]\nskip = never, tagged\n',
    );
    const { stdout } = await kplay(['plan', play()]);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ type: 'run-started' });
    const strange = await kplay(['plan', play()], { ANSIBLE_STDOUT_CALLBACK: 'community.general.selective' });
    expect(strange.stderr).toContain("kplay has no ANSIBLE_STDOUT_CALLBACK 'community.general.selective'");
  });

  it.each([
    ['[tags]\nskip = slow\n', {}],
    ['[defaults]\n', { ANSIBLE_SKIP_TAGS: 'slow' }],
    ['[defaults]\n', { KPLAY_SKIP_TAGS: 'slow' }],
  ])('may skip tags that only other playbooks have, which nobody may type: %j %j', async (text, variables) => {
    configured(text);
    const { exitCode, stdout, stderr } = await kplay(['plan', play(), '-i', site()], variables);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`Next: kplay run ${play()} -i ${site()}\n`);
    const typed = await kplay(['plan', play(), '-i', site(), '--skip-tags', 'slow'], variables);
    expect(typed.exitCode).toBe(1);
    expect(typed.stderr).toContain("no task has the tag 'slow'");
  });

  it('that skip tags are carried over to the next command, without those that it would refuse', async () => {
    configured('[defaults]\n');
    const { stdout } = await kplay(['plan', play(), '-i', site()], { KPLAY_SKIP_TAGS: 'slow,never' });
    expect(stdout).toContain(`Next: kplay run ${play()} -i ${site()} --skip-tags never\n`);
  });

  it('that are empty in quotes, or blank, choose nothing', async () => {
    configured(
      `[defaults]\nremote_user = ""\nprivate_key_file = ''\nbecome_password_file = ""\n[privilege_escalation]\nbecome_user = ""\n`,
    );
    const { exitCode, stdout, stderr } = await kplay(['plan', play(), '-i', site()], { ANSIBLE_REMOTE_USER: ' ' });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`Next: kplay run ${play()} -i ${site()}\n`);
  });

  it('decide who logs in, with which key, and for how long it is tried', async () => {
    configured(
      '[defaults]\nremote_user = ops ; a comment\nprivate_key_file = keys/id\ntimeout = 1\n[privilege_escalation]\nbecome = true\n',
    );
    const { stderr } = await kplay(['plan', play(), '-i', `${NAMELESS},`]);
    expect(stderr).toContain(join(controller.directory, 'keys/id'));
  });
});

describe('a problem with an option', () => {
  it.each([
    ['commands: { run: { confirm: true } }\n', {}, '--confirm needs a terminal to ask on', 'kplay.yml:1:29'],
    ['commands: { run: { limit: nobody } }\n', {}, "called 'nobody'", 'kplay.yml:1:27'],
    ['commands: { run: { start_at_task: x } }\n', {}, "no task is called 'x'", 'kplay.yml:1:35'],
    ['{}\n', { ANSIBLE_RUN_TAGS: 'lost' }, "no task has the tag 'lost'", 'ANSIBLE_RUN_TAGS:1:1'],
    ['state: /dev/null\n', {}, 'journal of the run cannot be written to /dev/null', 'kplay.yml:1:8'],
    ['commands: { run: { report: junit=none/r.xml } }\n', {}, 'the directory none does not', 'kplay.yml:1:28'],
    ['commands: { run: { metrics: site.yml/m } }\n', {}, 'cannot write site.yml/m', 'kplay.yml:1:29'],
    ['become_password_file: none\n', {}, 'cannot read none', 'kplay.yml:1:23'],
    ['{}\n', { KPLAY_STATE: '/dev/null' }, 'cannot be written to /dev/null', 'KPLAY_STATE:1:1'],
    ['{}\n', { KPLAY_LIMIT: 'nobody' }, "called 'nobody'", 'KPLAY_LIMIT:1:1'],
    ['{}\n', { KPLAY_EXTRA_VARS: 'a=1 b' }, 'not a variable', 'KPLAY_EXTRA_VARS:1:4'],
  ])('is where the option is set: %j %j', async (project, variables, message, place) => {
    controller.file('kplay.yml', project);
    const { exitCode, stderr } = await kplay(['run', play(), '-i', join(controller.directory, 'site.yml')], variables);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
    expect(/┌─ (?:.*\/)?(\S+)/.exec(stderr)?.[1]).toBe(place);
  });

  it.each([
    ['inventory: nowhere.yml\n', {}, 'cannot read the inventory nowhere.yml', 'kplay.yml:1:12'],
    ['inventory: "m1,-m2"\n', {}, "'-m2'", 'kplay.yml:1:12'],
    ['inventory:\n  - m1,\n  - nowhere.yml\n', {}, 'cannot read the inventory nowhere.yml', 'kplay.yml:1:1'],
    ['{}\n', { KPLAY_INVENTORY: 'nowhere.yml' }, 'cannot read the inventory nowhere.yml', 'KPLAY_INVENTORY:1:1'],
    ['{}\n', { KPLAY_INVENTORY: 'm1,-m2' }, "'-m2'", 'KPLAY_INVENTORY:1:4'],
  ])('with the inventory is where that is set: %j %j', async (project, variables, message, place) => {
    controller.file('kplay.yml', project);
    const { exitCode, stderr } = await kplay(['plan', play()], variables);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
    expect(/┌─ (?:.*\/)?(\S+)/.exec(stderr)?.[1]).toBe(place);
  });

  it('with the inventory of an ansible.cfg is there', async () => {
    controller.file('ansible.cfg', '[defaults]\ninventory = nowhere.yml\n');
    const { exitCode, stderr } = await kplay(['plan', play()]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/┌─ \S*ansible\.cfg:2:13\n/);
  });

  it('with the inventory of a saved plan is not where that of other commands is set', async () => {
    const own = controller.file('own.yml', 'all: { hosts: { m1: { ansible_connection: local } } }\n');
    const saved = join(controller.directory, 'own.kplan');
    expect((await kplay(['plan', play(), '-i', own, '--out', saved])).exitCode).toBe(0);
    controller.file('own.yml', '');
    const { exitCode, stderr } = await kplay(['apply', saved], { KPLAY_INVENTORY: 'other.yml' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/own\.yml has none\n {2}add hosts to it\n/);
    expect(stderr).not.toContain('KPLAY_INVENTORY');
  });
});

describe('-c', () => {
  it('says how hosts are reached of which the inventory does not say it', async () => {
    const root = JSON.stringify(join(controller.directory, 'root'));
    const inventory = controller.file('unsaid.yml', `all: { hosts: { ${NAMELESS}: { kplay_rootfs: ${root} } } }\n`);
    const saved = join(controller.directory, 'saved.kplan');
    expect((await kplay(['plan', play(), '-i', inventory, '-c', 'local', '--out', saved])).exitCode).toBe(0);
    expect((await kplay(['apply', saved, '-i', inventory])).exitCode).not.toBe(0);
    expect((await kplay(['apply', saved, '-i', inventory], { ANSIBLE_TRANSPORT: 'local' })).exitCode).toBe(0);
    const { exitCode, stderr } = await kplay(['plan', play(), '-i', inventory, '-c', 'winrm']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Allowed choices are ssh, local');
  });
});

describe('-b', () => {
  it('is for plays that do not say whether they become root', async () => {
    const method = controller.file('su.yml', 'all: { hosts: { m1.invalid: { ansible_become_method: su } } }\n');
    const own = controller.file('own.yml', '- hosts: all\n  become: false\n  tasks: [{ command: "true" }]\n');
    const check = (playbook: string) => kplay(['validate', playbook, '-i', method, '-b']);
    expect((await check(play())).exitCode).toBe(1);
    expect((await check(own)).exitCode).toBe(0);
  });
});
