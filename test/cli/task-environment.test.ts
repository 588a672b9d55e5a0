import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
let root: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
});
afterAll(() => controller.close());

/** Runs tasks below `head`; the paths in them are of the host. */
async function run(head: string, tasks: string, ...words: readonly string[]) {
  const path = controller.file('play.yml', `- hosts: here\n${head}  tasks:\n${tasks}`);
  return controller.run(['run', path, '-i', inventory, ...words]);
}

/** What the file `out` holds on the host. */
const out = (): string => readFileSync(join(root, 'out'), 'utf8').trimEnd();

const KEEP = '      register: r\n    - copy: { dest: /out, content: "{{ r.stdout }}" }\n';

describe('the environment of a task', () => {
  it('is that of its play, of the blocks around it and its own, of which the innermost wins', async () => {
    const tasks = `    - block:
        - shell: printf '%s/%s/%s/%s' "$A" "$B" "$C" "$D"
          environment: { C: "it's {{ inventory_hostname }}", D: 7 }
          register: r
        - copy: { dest: /out, content: "{{ r.stdout }}" }
      environment: { B: block, C: block }
`;
    const { exitCode, stdout, stderr } = await run('  environment: { A: play, B: play, C: play }\n', tasks);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(out()).toBe("play/block/it's here/7");
  });

  it('reaches a program that no shell starts, and nothing behind the task', async () => {
    const tasks = `    - command: printenv A
      environment: [{ A: one }, "{{ more }}"]
${KEEP}    - shell: echo "\${A-unset}"\n${KEEP}`;
    expect((await run('', tasks, '-e', '{"more": {"A": "two words"}}')).exitCode).toBe(0);
    expect(out()).toBe('unset');
    expect((await run('', tasks.split('    - shell')[0] ?? '', '-e', '{"more": {"A": "two words"}}')).exitCode).toBe(0);
    expect(out()).toBe('two words');
  });

  it.each(['/var/tmp', undefined])('has the TMPDIR of the host, not that of the session: %s', async (own) => {
    const tasks = `    - shell: echo "\${TMPDIR-unset} $(printenv TMPDIR)"\n${KEEP}`;
    const path = controller.file('play.yml', `- hosts: here\n  tasks:\n${tasks}`);
    const variables = own === undefined ? {} : { TMPDIR: own };
    expect((await controller.run(['run', path, '-i', inventory], { variables })).exitCode).toBe(0);
    expect(out()).toBe(own === undefined ? 'unset' : `${own} ${own}`);
  });

  it.each(['0022', '0027'])('has the umask of the host, %s, in the files that it makes', async (own) => {
    const before = process.umask(own);
    try {
      const made = `    - command: touch ${root}/made\n    - shell: umask\n${KEEP}`;
      expect((await run('', made)).exitCode).toBe(0);
    } finally {
      process.umask(before);
    }
    expect(out()).toBe(own);
    expect(statSync(join(root, 'made')).mode & 0o777).toBe(0o666 & ~Number.parseInt(own, 8));
    rmSync(join(root, 'made'));
  });

  it.each([
    ['stdin: one', '4'],
    ['stdin: one, stdin_add_newline: false', '3'],
    ['stdin: ""', '0'],
    ['chdir: /', '0'],
  ])('has a standard input that ends with a newline, as in Ansible: %s', async (given, bytes) => {
    expect((await run('', `    - command: { cmd: wc -c, ${given} }\n${KEEP}`)).exitCode).toBe(0);
    expect(out()).toBe(bytes);
  });

  it('has a standard input where its script has no commands', async () => {
    expect((await run('', `    - shell: { cmd: "# nothing", stdin: one }\n`)).exitCode).toBe(0);
  });

  it('leaves out what is omitted, and writes a flag as Ansible does', async () => {
    const tasks = `    - shell: echo "\${A-unset} $B"
      environment: { A: "{{ nothing | default(omit) }}", B: true }
${KEEP}`;
    expect((await run('', tasks)).exitCode).toBe(0);
    expect(out()).toBe('unset True');
  });

  it.each([
    ['{ A-B: x }', /play.yml:4:22[\s\S]*'A-B' cannot be the name of an environment variable/],
    ['{ A: [x] }', /play.yml:4:25[\s\S]*A of environment must be a string or a number/],
    ['x', /play.yml:4:20[\s\S]*environment must be/],
    ['"{{ [1] }}"', /play.yml:4:24[\s\S]*environment must be a mapping/],
    ['"{{ {1: [2]} }}"', /play.yml:4:24[\s\S]*cannot be the name/],
  ])('%s is refused at its place', async (value, says) => {
    const { exitCode, stderr, stdout } = await run('', `    - command: "true"\n      environment: ${value}\n`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr.replaceAll(/┌─ \S*play.yml/g, 'play.yml')).toMatch(
      new RegExp(says.source.split('[\\s\\S]*').toReversed().join('[\\s\\S]*')),
    );
  });

  it('is refused on a step that has one of its own', async () => {
    const { exitCode, stderr } = await run('', '    - debug: { msg: x }\n      environment: { A: x }\n');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/environment has no effect on debug[\s\S]*:4:20/);
  });
});
