import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Controller } from './support/controller.ts';

/** What a command may make on a host is missing in the plan, and does not keep the host out of its play. */
async function run(tasks: (root: (host: string) => string) => string, files: Readonly<Record<string, string>> = {}) {
  const controller = new Controller();
  try {
    const root = (name: string) => join(controller.directory, name);
    const host = (name: string) => {
      mkdirSync(root(name));
      return `    ${name}: { ansible_connection: local, kplay_rootfs: ${JSON.stringify(root(name))} }\n`;
    };
    const inventory = controller.file('hosts.yml', `all:\n  hosts:\n${['a', 'b'].map(host).join('')}`);
    for (const [name, text] of Object.entries(files)) controller.file(name, text);
    const playbook = controller.file('play.yml', `- hosts: all\n  tasks:\n${tasks(root)}`);
    const { exitCode, stdout } = await controller.run(['run', playbook, '-i', inventory, '-o', 'plain']);
    const file = join(root('b'), 'made/file');
    const made = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    return { exitCode, stdout, made };
  } finally {
    controller.close();
  }
}

const COPY = '    - copy: { dest: /made/file, content: text }\n      when: inventory_hostname == "b"\n';

test.each([
  ['a result decides on the command', 'b', 'r.rc == 0'],
  ['a result decides on the command and its host', '{{ "b" if r.rc == 0 else "a" }}', 'r.rc == 0'],
])('of another host, where %s', async (_what, actor, when) => {
  const { exitCode, stdout, made } = await run(
    (root) => `    - command: "true"
      register: r
      changed_when: false
      when: inventory_hostname == "a"
    - command: mkdir ${root('b')}/made
      delegate_to: '${actor}'
      when: inventory_hostname == "a" and ${when}
${COPY}`,
  );
  expect(stdout).toContain('the directory /made does not exist: unless an earlier task changes that, this one fails');
  expect({ exitCode, made }, stdout).toEqual({ exitCode: 0, made: 'text\n' });
});

test('of a rescue', async () => {
  const { exitCode, stdout, made } = await run(
    (root) => `    - block:
        - wait_for: { path: /made, timeout: 1s }
      rescue:
        - command: mkdir ${root('b')}/made
          when: inventory_hostname == "b"
${COPY}`,
  );
  expect({ exitCode, made }, stdout).toEqual({ exitCode: 0, made: 'text\n' });
});

test('of a handler that only a rescue notifies', async () => {
  const { exitCode, stdout, made } = await run(
    (root) => `    - block:
        - wait_for: { path: /made, timeout: 1s }
      rescue:
        - debug: { msg: missing }
          changed_when: inventory_hostname == "b"
          notify: Make
    - meta: flush_handlers
${COPY}  handlers:
    - name: Make
      command: mkdir ${root('b')}/made
`,
  );
  expect({ exitCode, made }, stdout).toEqual({ exitCode: 0, made: 'text\n' });
});

test('in front of a loop, whose warnings are shown as those of one task', async () => {
  const { stdout } = await run(
    () => `    - command: "true"
    - copy: { dest: "/made/{{ item }}", content: text }
      loop: [one, two]
`,
  );
  expect(stdout).toContain('the directory /made does not exist: unless an earlier task changes that, this one fails');
});

test('in check mode, where it may fail and that is ignored', async () => {
  const { exitCode, stdout } = await run(
    () => `    - command: "true"
      changed_when: false
    - copy: { dest: /made/file, content: text }
      check_mode: true
      ignore_errors: true
      register: tried
    - copy: { dest: /instead, content: text }
      when: tried is failed
`,
  );
  expect(stdout).toMatch(/copy +not known until 'copy' has run/);
  expect(stdout).toContain('a : ok=3  changed=1 ');
  expect(exitCode).toBe(0);
});

test('that is said to change nothing, and makes more necessary than was shown', async () => {
  const { exitCode, stdout, made } = await run(
    (root) => `    - command: sh -c 'mkdir ${root('b')}/made; echo other >${root('b')}/made/file'
      changed_when: false
    - command: { cmd: rm ${root('b')}/made/file, removes: /made/file }
      when: inventory_hostname == "b"
`,
  );
  expect(stdout).toContain('if a command of this play does that, remove its changed_when: false');
  expect({ exitCode, made }, stdout).toEqual({ exitCode: 3, made: 'other\n' });
});

test.each([
  ['with an entry that fails', '[1, 0]'],
  ['that fails', '[1]'],
])('that is said to change nothing, %s, which is ignored', async (_what, ends) => {
  const { exitCode, stdout, made } = await run(
    (root) => `    - command: mkdir ${root('b')}/made
      when: inventory_hostname == "b"
${COPY}- hosts: b
  tasks:
    - command: sh -c 'rm -f ${root('b')}/made/file; exit {{ item }}'
      loop: ${ends}
      changed_when: false
      ignore_errors: true
${COPY}`,
  );
  expect(stdout).toContain('if a command of this play does that, remove its changed_when: false');
  expect({ exitCode, made }, stdout).toEqual({ exitCode: 3, made: undefined });
});

test('that is said to change nothing, and fails in front of an always', async () => {
  const { stdout, made } = await run(
    (root) => `    - command: mkdir ${root('b')}/made
      when: inventory_hostname == "b"
${COPY}- hosts: b
  tasks:
    - block:
        - command: sh -c 'rm -f ${root('b')}/made/file; exit 1'
          changed_when: false
      always:
        - copy: { dest: /made/file, content: text }
`,
  );
  expect(stdout).toContain('it would need create /made/file as well');
  expect(made, stdout).toBeUndefined();
});

test('is not known of a link that leads to a file of an earlier task, until it is read again', async () => {
  const { exitCode, stdout } = await run(
    (root) => `    - command: sh -c 'mkdir -p ${root('b')}/made; ln -sf file ${root('b')}/made/link'
      delegate_to: localhost
      run_once: true
- hosts: b
  tasks:
    - copy: { dest: /made/file, content: text, mode: "0600" }
    - copy: { dest: /made/link, content: text, follow: true }
`,
  );
  expect(stdout).toContain("not known until 'copy /made/file' has run");
  expect(stdout).toContain('/made/link is up to date');
  expect(exitCode, stdout).toBe(0);
});

test('that does not make what its creates names: whether a later one with the same path runs is open in the plan', async () => {
  const { exitCode, stdout } = await run(
    (root) => `    - name: First mirror
      command: { cmd: "false", creates: /tool }
      ignore_errors: true
    - name: Second mirror
      command: { cmd: touch ${root('b')}/tool, creates: /tool }
    - name: Third mirror
      command: { cmd: "true", creates: /tool }
`,
  );
  expect(stdout).toMatch(/Second mirror +not known until 'First mirror' has run\n +Third mirror +not known until/);
  expect(stdout).toMatch(/Third mirror: done · 2 hosts · \S+ · true, 1 host unchanged/);
  expect(exitCode).toBe(0);
});

test('that does not make it, and is said to change nothing, in the next round of an include', async () => {
  const { exitCode, stdout } = await run(
    () => `    - include_tasks: look.yml
      loop: [1, 2]
`,
    { 'look.yml': '- { name: Look, command: { cmd: "true", creates: /none }, changed_when: false }\n' },
  );
  expect(stdout).toContain("not known until 'Look' has run");
  expect(exitCode, stdout).toBe(0);
});

test('that may take away what a later entry of its loop needs: the task fails before any entry runs, and says why', async () => {
  const { exitCode, stdout } = await run(
    (root) => `    - { name: Make, command: { cmd: touch ${root('b')}/tool } }
    - name: Remove
      command: { cmd: rm ${root('b')}/tool, removes: /tool }
      loop: [one, two]
`,
  );
  expect(stdout).toMatch(/failed: Remove › b +two: whether it has to run depends on what an earlier entry does/);
  expect(stdout).toContain('and all entries are planned before the first one runs');
  expect(exitCode).toBe(2);
});
