import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';

let controller: Controller;
let inventory: string;
beforeAll(() => {
  controller = new Controller();
  const host = (name: string): string =>
    `    ${name}: { ansible_connection: local, kplay_rootfs: ${JSON.stringify(join(controller.directory, name))} }\n`;
  for (const name of ['a', 'b', 'other']) controller.file(`${name}/etc/hostname`, `${name}\n`);
  const lost = '    lost: { ansible_host: 127.0.0.1, ansible_port: 1, ansible_user: nobody }\n';
  inventory = controller.file(
    'hosts.yml',
    `all:\n  hosts:\n${['a', 'b', 'other'].map(host).join('')}${lost}  children:\n    web: { hosts: { a: , b: } }\n`,
  );
});
afterAll(() => controller.close());

const play = (tasks: string): string =>
  controller.file('play.yml', `- hosts: web\n  tasks:\n${tasks.replaceAll(/^/gm, '    ')}\n`);

const run = (tasks: string, command = 'run') => controller.run([command, play(tasks), '-i', inventory]);

const out = (host: string): string => readFileSync(join(controller.directory, host, 'out'), 'utf8').trimEnd();

const WRITE = '- copy: { dest: /out, content: "{{ r.stdout }}" }';

describe('delegate_to', () => {
  it('has another host do it, for the host: its files, the variables and the result of the host', async () => {
    const { exitCode, stdout, stderr } =
      await run(`- shell: { cmd: "cat etc/hostname; echo {{ inventory_hostname }}", chdir: / }
  delegate_to: other
  register: r
${WRITE}`);
    expect(exitCode, stdout + stderr).toBe(0);
    expect([out('a'), out('b')]).toEqual(['other\na', 'other\nb']);
    expect(stdout).toMatch(/cat etc\/hostname.*\(on other\)/);
    expect(existsSync(join(controller.directory, 'other/out'))).toBe(false);
  });

  it('is judged for each entry of a loop', async () => {
    const { exitCode, stdout, stderr } = await run(`- command: { cmd: cat etc/hostname, chdir: / }
  delegate_to: "{{ item }}"
  loop: "{{ groups['web'] + ['other'] }}"
  register: all_of
- set_fact: { r: { stdout: "{{ all_of.results | map(attribute='stdout') | join(',') }}" } }
${WRITE}`);
    expect(exitCode, stdout + stderr).toBe(0);
    expect([out('a'), out('b')]).toEqual(['a,b,other', 'a,b,other']);
  });

  it('asks that host what a command is not to be run for', async () => {
    const { stdout, exitCode } = await run(
      '- command: { cmd: "true", creates: /etc/hostname }\n  delegate_to: other\n- command: { cmd: "true", removes: /nothing }\n  delegate_to: other',
    );
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/\/etc\/hostname exists/);
    expect(stdout).toMatch(/a +: ok=2 +changed=0/);
  });

  it('can name a host of another cluster, of which each cluster asks what it has to know', async () => {
    const host = (name: string) => ({
      vars: { kplay_cluster: {} },
      hosts: {
        [name]: { ansible_connection: 'local', kplay_rootfs: join(controller.directory, name) },
      },
    });
    const clusters = { first: host('a'), second: host('b'), third: host('other') };
    const { stdout, stderr, exitCode } = await controller.run([
      'run',
      controller.file(
        'clusters.yml',
        '- hosts: all\n  tasks:\n    - command: { cmd: "true", creates: /etc/hostname }\n      delegate_to: other\n',
      ),
      ...['-i', controller.file('clusters-hosts.yml', JSON.stringify(clusters))],
    ]);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stdout.match(/: ok=1 +changed=0/g)).toHaveLength(3);
  });

  it('can name localhost, which the inventory need not have', async () => {
    const { exitCode, stdout, stderr } = await run(`- command: echo here
  delegate_to: localhost
  changed_when: false
  register: r
${WRITE}`);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(out('a')).toBe('here');
  });

  it('fails for the host where that host cannot be reached, and for it alone', async () => {
    const { exitCode, stdout } = await run(
      "- command: 'true'\n  delegate_to: lost\n  when: inventory_hostname == 'a'\n- debug: { msg: went on }",
    );
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/lost, to which it is delegated, cannot be reached/);
    expect(stdout).toMatch(/b +: ok=1/);
  });

  it('writes nothing in a plan', async () => {
    const { exitCode } = await run('- command: { cmd: touch planned, chdir: / }\n  delegate_to: other', 'plan');
    expect(exitCode).toBe(0);
    expect(existsSync(join(controller.directory, 'other/planned'))).toBe(false);
  });

  it.each([
    ['a host that nobody knows', "command: 'true'", 'othr', /delegate_to names othr[\s\S]*did you mean other/],
    [
      'a step that foresees how its host will be',
      'copy: { dest: /x, content: x }',
      'other',
      /copy cannot be delegated/,
    ],
    ['a template without a value', "command: 'true'", '"{{ nobody }}"', /'nobody' is undefined/],
  ])('is refused for %s', async (_what, task, to, says) => {
    const { exitCode, stderr, stdout } = await run(`- ${task}\n  delegate_to: ${to}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/play\.yml:[34]:/);
  });
});
