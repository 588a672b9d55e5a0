import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { countsIn, hasAnsible, playWithAnsible, promised, written } from './support/ansible.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 120_000 });

const required = process.env['KPLAY_REQUIRE_ORACLES'] === '1';
test.runIf(required)('ansible-core is installed, because KPLAY_REQUIRE_ORACLES=1 asks for it', () => {
  expect(hasAnsible, 'install it: apt-get install ansible-core').toBe(true);
});
if (!hasAnsible)
  process.stderr.write('test/cli/ansible-results.long.test.ts is skipped: ansible-playbook is not installed\n');

let controller: Controller;
let inventory: string;
let root: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(root, 'etc/hostname'), 'here\n');
  controller.file('ansible.ini', 'here ansible_connection=local ansible_python_interpreter=auto_silent\n');
});
afterAll(() => controller.close());

const ENDS = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
const command = (argv: readonly string[]) => `command: { argv: ${JSON.stringify(argv)} }`;

/** Tasks of which the last registers `r`; both are to come to the same. */
const CASES: readonly (readonly [what: string, tasks: readonly string[]])[] = [
  ['a command', [`${command(['echo', 'x'])}\nregister: r`]],
  ['a command that fails, ignored', [`${command(ENDS)}\nregister: r\nignore_errors: true`]],
  ['a command that fails, of which nobody minds', [`${command(ENDS)}\nregister: r\nfailed_when: false`]],
  ['a failure of its own', [`${command(['true'])}\nregister: r\nfailed_when: true\nignore_errors: true`]],
  [
    'a failure by what it says',
    [`${command(['echo', 'x'])}\nregister: r\nfailed_when: r.stdout == "x"\nignore_errors: true`],
  ],
  ['another code', [`${command(ENDS)}\nregister: r\nfailed_when: r.rc != 3`]],
  ['no change', [`${command(['echo', 'x'])}\nregister: r\nchanged_when: false`]],
  ['a failure without a change', [`${command(ENDS)}\nregister: r\nchanged_when: false\nignore_errors: true`]],
  ['a loop', [`${command(['echo', '{{ item }}'])}\nloop: [a, b]\nregister: r`]],
  [
    'a loop, some of it skipped',
    [`${command(['echo', '{{ item }}'])}\nloop: [a, b, c]\nwhen: item != "b"\nregister: r`],
  ],
  ['a loop, all of it skipped', [`${command(['echo', '{{ item }}'])}\nloop: [a, b]\nwhen: item == "c"\nregister: r`]],
  ['a loop without entries', [`${command(['echo', '{{ item }}'])}\nloop: []\nregister: r`]],
  [
    'a loop whose second entry fails',
    [`${command(['sh', '-c', 'test {{ item }} != b'])}\nloop: [a, b, c]\nregister: r\nignore_errors: true`],
  ],
  [
    'a loop that is judged by its entries',
    [
      `${command(['echo', '{{ item }}'])}\nloop: [a, b, c]\nregister: r\nchanged_when: item == "a"\nfailed_when: r.stdout == "b"\nignore_errors: true`,
    ],
  ],
  [
    'a loop in which nobody minds',
    [`${command(['sh', '-c', 'exit {{ item }}'])}\nloop: [0, 1]\nregister: r\nfailed_when: false`],
  ],
  ['a task that is skipped', [`${command(['true'])}\nwhen: false\nregister: r`]],
  [
    'what follows an ignored failure',
    [
      `${command(ENDS)}\nregister: first\nignore_errors: true`,
      `${command(['echo', '{{ first.rc }} {{ first.stdout }} {{ first is failed }}'])}\nregister: r`,
    ],
  ],
  ['words that mean something to a shell alone', ['command: echo a | b > c && d * "e f"\nregister: r']],
  ['a shell', ['shell: echo a b | tr a c; echo x >&2\nregister: r']],
  ['a line with an option', ['command: echo a creates=/etc/hostname\nregister: r\nchanged_when: false']],
  ['a shell with an option', ['shell: echo a chdir=/\nregister: r']],
  ['an assertion that holds', ['assert: { that: ["{{ 1 == 1 }}"] }\nregister: r']],
  [
    'an assertion that does not hold, ignored',
    ['assert: { that: ["{{ 1 == 2 }}"] }\nregister: r\nignore_errors: true'],
  ],
  ['a debug', ['debug: { msg: hello }\nregister: r']],
  ['a debug that fails', ['debug: { msg: hello }\nregister: r\nfailed_when: true\nignore_errors: true']],
];

describe.skipIf(!hasAnsible)('a result and a recap are as those of Ansible:', () => {
  test.each(CASES)('%s', async (what, tasks) => {
    const name = what.replaceAll(/\W/g, '-');
    mkdirSync(join(root, name), { recursive: true });
    const playbook = (dest: string): string => {
      const all = [...tasks, `copy: { dest: ${dest}, content: "{{ r | to_json }}" }`];
      const listed = all.map((task) => `    - ${task.replaceAll('\n', '\n      ')}\n`).join('');
      return `- hosts: here\n  gather_facts: false\n  tasks:\n${listed}`;
    };
    const theirs = playWithAnsible(
      controller,
      controller.file(`${name}-a.yml`, playbook(join(root, name, 'theirs'))),
      [],
    );
    const ours = await controller.run([
      'run',
      controller.file(`${name}-k.yml`, playbook(`/${name}/ours`)),
      '-i',
      inventory,
    ]);
    expect(promised(written(join(root, name, 'ours'))), ours.stdout).toEqual(
      promised(written(join(root, name, 'theirs'))),
    );
    expect(countsIn(ours.stdout)).toEqual(theirs.counts);
    expect(ours.exitCode).toBe(theirs.exitCode);
  });
});

describe.skipIf(!hasAnsible)('a failure ends it as it ends Ansible:', () => {
  test.each([
    ['a command', command(ENDS)],
    ['an assertion', 'assert: { that: ["{{ 1 == 2 }}"] }'],
    ['failed_when', `${command(['true'])}\nfailed_when: true`],
    ['one of the entries of a loop', `${command(['sh', '-c', 'test {{ item }} != b'])}\nloop: [a, b, c]`],
  ])('%s', async (what, task) => {
    const name = `end-${what.replaceAll(/\W/g, '-')}`;
    const text = `- hosts: here\n  gather_facts: false\n  tasks:\n    - ${task.replaceAll('\n', '\n      ')}\n    - debug: { msg: never }\n`;
    const theirs = playWithAnsible(controller, controller.file(`${name}.yml`, text), []);
    const ours = await controller.run(['run', controller.file(`${name}.yml`, text), '-i', inventory]);
    expect(countsIn(ours.stdout)).toEqual(theirs.counts);
    expect(ours.exitCode).toBe(theirs.exitCode);
  });
});
