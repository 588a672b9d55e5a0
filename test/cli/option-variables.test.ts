import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
let root: string;
let playbook: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
  playbook = controller.file('play.yml', '- hosts: all\n  tasks:\n    - command: "echo {{ word }}"\n      tags: one\n');
});
afterAll(() => controller.close());

const run = (argv: readonly string[], variables: Readonly<Record<string, string>>) =>
  controller.run(argv, { variables });

describe('options that variables of the environment give', () => {
  it('are those of the command, with their values', async () => {
    const variables = {
      KPLAY_INVENTORY: inventory,
      KPLAY_EXTRA_VARS: 'word=hello',
      KPLAY_OUTPUT: 'json',
      KPLAY_TAGS: 'one',
    };
    const { exitCode, stdout, stderr } = await run(['run', playbook], variables);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ type: 'run-started' });
  });

  it.each([[['-i', 'hosts']], [['-ihosts']], [['--inventory', 'hosts']], [['--inventory=hosts']]])(
    'yield to one that is typed: %j',
    async (words) => {
      const argv = ['inventory', '--graph', ...words.map((word) => word.replace('hosts', inventory))];
      const { exitCode, stdout } = await run(argv, { KPLAY_INVENTORY: 'm1,' });
      expect(exitCode).toBe(0);
      expect(stdout).toContain('--here');
    },
  );

  it('give way to what is typed, behind letters of other options too', async () => {
    const words = ['check', '-i', 'm1,', '--metrics', '/nowhere/x'];
    for (const user of [['-bu', 'me'], ['-ume'], ['-u', 'me'], ['--user=me']])
      expect((await run([...words, ...user], { KPLAY_USER: 'ops' })).stderr).toMatch(/^error: cannot write \/nowhere/);
  });

  it('may be flags, counted ones, and those of a command of a command', async () => {
    const graph = await run(['inventory'], { KPLAY_INVENTORY: inventory, KPLAY_GRAPH: 'true' });
    expect(graph.stdout).toContain('--here');
    const off = await run(['inventory', '--list'], { KPLAY_INVENTORY: inventory, KPLAY_GRAPH: 'no' });
    expect(off.exitCode).toBe(0);
    const csr = await run(['certs', 'csr', '--out', 'x'], { KPLAY_INVENTORY: '/no/such.yml', KPLAY_VERBOSE: '2' });
    expect(csr.stderr).toContain('cannot read the inventory /no/such.yml');
  });

  it.each<[Readonly<Record<string, string>>, string, ...string[]]>([
    [
      { KPLAY_CHECK: '1', KPLAY_CONFIRM: '1' },
      "option '--confirm' (KPLAY_CONFIRM:1:1) cannot be used with option '-C, --check' (KPLAY_CHECK:1:1)",
    ],
    [{ KPLAY_CHECK: '1' }, "'--confirm' cannot be used with option '-C, --check' (KPLAY_CHECK:1:1)", '--confirm'],
  ])('must go together with the others: %j', async (variables, message, ...words) => {
    const { exitCode, stderr } = await run(['run', playbook, '-i', inventory, ...words], variables);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });

  it('are checked as typed ones are, all at once and with those of kplay.yml, and each is named', async () => {
    onTestFinished(() => controller.remove('kplay.yml'));
    controller.file('kplay.yml', 'timeout: long\nforks: few\n');
    const variables = {
      KPLAY_FORKS: 'many',
      KPLAY_ASK_BECOME_PASS: 'hunter2',
      KPLAY_DIFF: 'perhaps',
      KPLAY_VERBOSE: '9',
      KPLAY_OUTPUT: 'json',
    };
    const { exitCode, stdout, stderr } = await run(['run', playbook, '-i', inventory], variables);
    expect(exitCode).toBe(1);
    const whole = 'it must be a whole number, 1 or greater';
    const onOrOff = 'is on or off: write true or false';
    expect(stderr).not.toContain('hunter2');
    const inProject = { file: expect.stringMatching(/kplay\.yml$/) };
    expect(JSON.parse(stdout).problems).toMatchObject([
      { message: 'KPLAY_ASK_BECOME_PASS is neither true nor false', hint: `--ask-become-pass ${onOrOff}` },
      { message: "timeout cannot be 'long'", ...inProject, line: 1, column: 10, hint: whole },
      { message: "forks cannot be 'few'", ...inProject, line: 2, column: 8, hint: whole },
      { message: "KPLAY_DIFF cannot be 'perhaps'", file: 'KPLAY_DIFF', line: 1, column: 1, hint: `--diff ${onOrOff}` },
      { message: "KPLAY_FORKS cannot be 'many'", file: 'KPLAY_FORKS', hint: whole },
      { message: "KPLAY_VERBOSE cannot be '9'", file: 'KPLAY_VERBOSE', hint: 'write 0, 1, 2 or 3' },
    ]);
  });

  it.each([
    ['clusters', ['plan', '--list-hosts'], { KPLAY_CLUSTERS: '8' }],
    ['clusters', ['run', '--syntax-check'], { KPLAY_CLUSTERS: '8', KPLAY_FORKS: '9', KPLAY_USER: 'root' }],
    ['labels', ['run'], { KPLAY_METRICS_LABEL: 'site=a' }],
    ['labels', ['run', '-C'], { KPLAY_METRICS_LABEL: 'site=a', KPLAY_CONFIRM: '1' }],
    ['labels', ['run', '--dry-run'], { KPLAY_METRICS_LABEL: 'site=a', KPLAY_CONFIRM: '1' }],
  ])('for all commands are passed over by those on which they have no effect: %s, %j', async (_, words, variables) => {
    const [command = '', ...rest] = words;
    const { exitCode, stderr } = await run([command, playbook, '-i', inventory, '-e', 'word=x', ...rest], variables);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('for all commands do not stop a plugin for Nagios, whose output is given', async () => {
    const variables = { KPLAY_OUTPUT: 'json', KPLAY_NO_HEADERS: '1', KPLAY_SORT_BY: 'host', KPLAY_EXIT_CODE: '1' };
    const { stdout } = await run(['check', '-i', inventory, '--nagios'], variables);
    expect(stdout).toMatch(/^CERTIFICATES UNKNOWN - here has no kubeadm certificates[^\n]*\n$/);
  });

  it('name columns of the tables that have them, and are for tables', async () => {
    for (const argv of [['steps'], ['history'], ['history', '-o', 'json'], ['rollback', '-C', '-i', inventory]])
      expect((await run(argv, { KPLAY_SORT_BY: 'host', KPLAY_NO_HEADERS: '1' })).stderr, argv.join(' ')).toBe('');
    expect((await run(['history'], { KPLAY_KEEP: '5' })).stderr).toBe('');
    expect((await run(['steps'], { KPLAY_SORT_BY: 'hots' })).stderr).toContain("KPLAY_SORT_BY cannot be 'hots'");
    // What is typed is refused.
    expect((await run(['steps', '--sort-by', 'host'], {})).stderr).toContain('Allowed choices are step');
  });

  it('say how to show something to the commands that can', async () => {
    const some = [
      ['history'],
      ['steps'],
      ['doc', 'certs.check'],
      ['rollback', '--list', '-i', inventory],
      ['lint', playbook],
    ];
    for (const argv of some)
      for (const KPLAY_OUTPUT of ['tree', 'wide', 'sarif', 'table'])
        expect((await run(argv, { KPLAY_OUTPUT })).stderr, argv.join(' ')).not.toContain('KPLAY_OUTPUT');
    expect((await run(['steps'], { KPLAY_OUTPUT: 'tree' })).stdout).toContain('certs.check');
    expect((await run(['certs', 'csr', '--out', 'x'], { KPLAY_OUTPUT: 'table' })).stderr).not.toContain('KPLAY_OUTPUT');
    expect((await run(['history'], { KPLAY_OUTPUT: 'tee' })).stderr).toContain("KPLAY_OUTPUT cannot be 'tee'");
    // What is typed is refused.
    expect((await run(['history', '-o', 'tree'], {})).stderr).toContain('Allowed choices are table, json, yaml');
  });

  it('are for the commands and options where they have an effect', async () => {
    const vars = `ansible_connection: local, ansible_become: false, kplay_rootfs: ${JSON.stringify(root)}`;
    const on = ['-i', controller.file('plain.yml', `all:\n  hosts:\n    here: { ${vars} }\n`)];
    const failing = controller.file('failing.yml', '- hosts: all\n  tasks:\n    - command: "false"\n');
    await run(['run', failing, ...on], {});
    const cases: readonly (readonly [readonly string[], Readonly<Record<string, string>>])[] = [
      [['rollback', '--list', ...on], { KPLAY_WINDOW: 'wait', KPLAY_OUTPUT: 'tree' }],
      [['show', 'last'], { KPLAY_DIFF: '1' }],
      [['plan', playbook, '-e', 'word=x', ...on], { KPLAY_SIGN: 'key' }],
      [['check', ...on], { KPLAY_WARN: '3d', KPLAY_CRITICAL: '1d' }],
      [['run', playbook, '-e', 'word=x', ...on], { KPLAY_REASON: 'CHG-1', KPLAY_WORKER_TIMEOUT: '20' }],
      [['run', playbook, '-e', 'word=x', ...on], { KPLAY_REASON: 'CHG-1', KPLAY_WINDOW: 'skip' }],
    ];
    for (const [argv, variables] of cases) {
      const { exitCode, stderr } = await run(argv, variables);
      expect({ argv, exitCode, stderr }).toEqual({ argv, exitCode: 0, stderr: '' });
    }
    expect((await run(['show', 'last', '--diff'], {})).stderr).toContain('there is no file last');
    expect((await run(['check', '--warn', '3d', ...on], {})).stderr).toContain('--warn has no effect');
    const reason = ['run', playbook, '-e', 'word=x', '--reason', 'CHG-1', ...on];
    expect((await run(reason, {})).stderr).toContain('--reason says why windows are overridden');
    expect((await run(reason, { KPLAY_WINDOW: 'override' })).exitCode).toBe(0);
    expect((await run(['plan', playbook, '--sign', 'key', ...on], {})).stderr).toContain('--sign needs --out');
  });

  it('and files do not ask for a screen that has no room for the questions of --step', async () => {
    const argv = ['run', playbook, '-i', inventory, '-e', 'word=x', '--step'];
    const asked = await controller.run(argv, { types: ['n'], variables: { KPLAY_OUTPUT: 'tree' } });
    expect(asked.stderr).toContain('Perform task: ');
    controller.file('kplay.yml', 'commands: { run: { output: tree } }\n');
    const again = await controller.run(argv, { types: ['n'] });
    controller.remove('kplay.yml');
    expect(again.stderr).toContain('Perform task: ');
    const typed = await controller.run([...argv, '-o', 'tree'], { types: ['n'] });
    expect(typed.stderr).toContain('--step cannot ask with -o tree');
  });

  it('that say that nothing may be changed do not give way', async () => {
    const argv = ['run', playbook, '-i', inventory, '--step'];
    expect((await run(argv, { KPLAY_CLUSTERS: '8' })).stderr).not.toContain('cannot be used with');
    expect((await run(argv, { KPLAY_CHECK: '1' })).stderr).toContain('cannot be used with');
  });

  it('do not hand paths on the hosts to kplay init, which reads a kubeconfig here', async () => {
    const made = join(controller.directory, 'made.yml');
    const variables = { KPLAY_KUBECONFIG: '/home/ci/.kube/config' };
    const { exitCode, stdout, stderr } = await run(['init', made, '--masters', 'm1', '--no-look'], variables);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('(1 master)');
  });

  it('are told of when one is misspelt, and of no other', async () => {
    const { stderr } = await run(['inventory', '--list', '-i', inventory], { KPLAY_INVENTROY: 'x', KPLAY_LAB: 'y' });
    expect(stderr).toBe('warning: the variable KPLAY_INVENTROY has no effect: did you mean KPLAY_INVENTORY?\n');
  });
});
