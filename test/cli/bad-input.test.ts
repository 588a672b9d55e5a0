import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_LINE_CASES } from './bad-input/command-line-cases.ts';
import { INVENTORY_CASES } from './bad-input/inventory-cases.ts';
import { PLAYBOOK_CASES } from './bad-input/playbook-cases.ts';
import { ROLLOUT_CASES } from './bad-input/rollout-cases.ts';
import { Trap } from './support/trap.ts';

let trap: Trap;
beforeAll(async () => {
  trap = await Trap.set();
});
afterAll(() => trap.close());

describe.each([
  ['playbook', PLAYBOOK_CASES],
  ['inventory', INVENTORY_CASES],
  ['command line', COMMAND_LINE_CASES],
  ['fleet', ROLLOUT_CASES],
])('a %s with', (_where, cases) => {
  it.each(cases)('$name is explained, and nothing is contacted', async ({ says, ...input }) => {
    const { exitCode, stdout, stderr } = await trap.run(input);
    expect(stderr).toBe(says);
    expect({ exitCode, stdout, connections: trap.connections }).toEqual({ exitCode: 1, stdout: '', connections: 0 });
  });
});

describe('a variable that nothing reads', () => {
  const playbook = `- hosts: masters
  vars: { release: 7 }
  tasks:
    - certs.check: {}
    - command: echo {{ release }} {{ motto | default('none') }}
`;
  const validate = async (...words: readonly string[]) => {
    const argv = ['validate', 'play.yml', '-i', 'hosts.yml', ...words.flatMap((word) => ['-e', word])];
    const { exitCode, stderr } = await trap.run({ playbook, argv });
    expect(exitCode).toBe(0);
    return stderr;
  };

  it.each([
    ['renew_befor', 'renew_before'],
    ['realease', 'release'],
  ])('is told of as %s, which may mean %s', async (name, meant) => {
    expect(await validate(`${name}=all`)).toBe(`warning: nothing reads the variable ${name}
 ┌─ -e:1:1
1│ ${name}
 │ ${'^'.repeat(name.length)} did you mean ${meant}?
1 warning.
`);
  });

  it.each([
    [
      'a play',
      '- hosts: all\n  vars: { renew_befor: all }\n  tasks: [certs.check: {}]\n',
      'all: { hosts: { m1: {} } }\n',
      'play.yml:2:24',
    ],
    [
      'the inventory',
      '- hosts: all\n  tasks: [certs.check: {}]\n',
      'all: { hosts: { m1: { renew_befor: all } } }\n',
      'hosts.yml:1:36',
    ],
  ])('is told of where %s sets it and only a parameter could mean it', async (_where, playbook, inventory, place) => {
    const { exitCode, stderr } = await trap.run({
      playbook,
      inventory,
      argv: ['validate', 'play.yml', '-i', 'hosts.yml'],
    });
    expect([exitCode, stderr.split('\n')[0]]).toEqual([0, 'warning: nothing reads the variable renew_befor']);
    expect(stderr).toContain(`${place}\n`);
    expect(stderr).toContain('did you mean renew_before?');
  });

  it.each([
    [
      'that something reads',
      '- hosts: all\n  vars: { renew_befor: all }\n  tasks: [certs.check: { renew_before: "{{ renew_befor }}" }]\n',
    ],
    [
      'that is for something else',
      '- hosts: all\n  vars: { node_zone: a, node_port: 1 }\n  tasks: [certs.check: {}]\n',
    ],
    ['whose step is not among the tasks', '- hosts: all\n  vars: { renew_befor: all }\n  tasks: [command: uptime]\n'],
  ])('is not told of where it is one %s', async (_what, playbook) => {
    expect(await trap.run({ playbook, argv: ['validate', 'play.yml', '-i', 'hosts.yml'] })).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
  });

  it('is told of once where it is like the name of a connection variable', async () => {
    expect(await validate('ansible_usr=ops')).toBe(`warning: nothing reads the variable ansible_usr
 ┌─ -e:1:13
1│ ansible_usr=ops
 │             ^^^ did you mean ansible_user?
1 warning.
`);
  });

  it('is not a connection variable that is like one of the inventory', async () => {
    const inventory = 'all: { hosts: { m1: { ansible_port: 22, ansible_host: 10.0.0.1, ansible_become: true } } }\n';
    const argv = ['validate', 'play.yml', '-i', 'hosts.yml', '-e', 'ansible_password=x ansible_ssh_host=10.0.0.2'];
    expect(await trap.run({ playbook: '- hosts: all\n  tasks: [certs.check: {}]\n', inventory, argv })).toMatchObject({
      stderr: '',
    });
  });

  it('is passed over when it is like no other, and so is one that something reads', async () => {
    expect(await validate('renew_before=all', 'release=8', 'motto=x', 'owner=me')).toBe('');
  });
});

describe('input with nothing wrong', () => {
  it('is not said to be without problems if there are warnings', async () => {
    const argv = ['validate', 'play.yml', '-i', 'hosts.yml'];
    const { exitCode, stdout, stderr } = await trap.run({ playbook: '- hosts: all\n', argv });
    expect(exitCode).toBe(0);
    expect(stdout).toBe('play.yml: 1 play, 0 tasks, 2 hosts. No errors. No host was contacted.\n');
    expect(stderr).toMatch(/^warning: this play has no tasks\n[\s\S]*\n1 warning\.\n$/);
  });

  it('is checked without contacting anybody by validate, and reaches the host otherwise', async () => {
    const checked = await trap.run({ argv: ['validate', 'play.yml', '-i', 'hosts.yml'] });
    expect(checked).toMatchObject({ exitCode: 0, stderr: '' });
    expect(checked.stdout).toBe('play.yml: 1 play, 1 task, 2 hosts. No problems. No host was contacted.\n');
    const syntaxCheck = ['run', 'play.yml', '-i', 'hosts.yml', '--syntax-check'];
    expect(await trap.run({ argv: syntaxCheck })).toEqual(checked);
    const document = await trap.run({ argv: [...syntaxCheck, '-o', 'json'] });
    expect(document).toEqual(await trap.run({ argv: ['validate', 'play.yml', '-i', 'hosts.yml', '-o', 'json'] }));
    expect(JSON.parse(document.stdout)).toMatchObject({ type: 'valid', playbook: 'play.yml' });
    expect(trap.connections).toBe(0);
    expect(await trap.run({})).toMatchObject({ exitCode: 4 });
    expect(trap.connections).toBe(2);
  });
});
