import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
let playbook: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory } = localHost(controller));
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

  it.each([
    [{ KPLAY_FORKS: 'many' }, "KPLAY_FORKS is 'many': It must be a whole number"],
    [
      { KPLAY_ASK_BECOME_PASS: 'hunter2' },
      'KPLAY_ASK_BECOME_PASS is neither true nor false, and --ask-become-pass is on or off',
    ],
    [{ KPLAY_DIFF: 'perhaps' }, "KPLAY_DIFF is 'perhaps', and --diff is on or off: write true or false"],
    [{ KPLAY_CHECK: '1', KPLAY_CONFIRM: '1' }, 'cannot be used with'],
  ])('are checked as typed ones are: %j', async (variables, message) => {
    const { exitCode, stderr } = await run(['run', playbook, '-i', inventory], variables);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
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
