import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needing, program } from '../support/programs.ts';
import { Controller } from './support/controller.ts';

const PLAYBOOK = `- name: First
  hosts: masters
  tags: [p]
  roles:
    - { role: base, tags: r }
  tasks:
    - name: A
      command: uptime
      tags: [b, a]
    - name: A block
      tags: blk
      block:
        - command: id
          tags: c
    - name: Only when it is asked for
      command: ls
      tags: never
    - import_tasks: more.yml
      tags: m
  handlers:
    - name: H
      command: ls
- hosts: all:!m2
  tasks:
    - debug: { msg: hi }
`;

let controller: Controller;
let playbook: string;
let inventory: string;
beforeAll(() => {
  controller = new Controller();
  inventory = controller.file('hosts.ini', '[masters]\nm[1:3]\n[workers]\nw1\n');
  controller.file('roles/base/tasks/main.yml', '- name: In a role\n  command: id\n  tags: own\n- command: id\n');
  controller.file('more.yml', '- name: More\n  command: id\n  notify: H\n');
  playbook = controller.file('play.yml', PLAYBOOK);
});
afterAll(() => controller.close());

const run = (...words: readonly string[]) => controller.run(['run', playbook, '-i', inventory, ...words]);

describe('--list-hosts, --list-tasks and --list-tags', () => {
  it('tell of each play, and no host is contacted', async () => {
    const { exitCode, stdout, stderr } = await run(
      '--list-hosts',
      '--list-tasks',
      '--list-tags',
      '-l',
      'm1',
      '-t',
      'c,m',
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(`
playbook: ${playbook}

  play #1 (masters): First\tTAGS: [p]
    pattern: ['masters']
    hosts (1):
      m1
    tasks:
      command\tTAGS: [blk, c, p]
      More\tTAGS: [m, p]
      TASK TAGS: [blk, c, m, p]

  play #2 (all:!m2): all:!m2\tTAGS: []
    pattern: ['all:!m2']
    hosts (1):
      m1
    tasks:
      TASK TAGS: []
`);
  });

  it('tell of a plan as well, with the tasks of a rescue, which may run', async () => {
    const text = '- hosts: all\n  tasks:\n    - block: [{ command: id }]\n      rescue: [{ name: R, command: ls }]\n';
    const rescue = controller.file('rescue.yml', text);
    const { stdout } = await controller.run(['plan', rescue, '-i', inventory, '--list-tasks']);
    expect(stdout).toContain('      R\tTAGS: []\n');
  });

  it.each([['--metrics', 'x'], ['-C'], ['--confirm'], ['-o', 'json'], ['--state', 'x'], ['-k'], ['-f', '3'], ['-v']])(
    'take no %s, which would decide nothing',
    async (...words) => {
      const { exitCode, stderr } = await run('--list-tasks', ...words);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('cannot be used with');
    },
  );

  it('say what is wrong with the input instead', async () => {
    const { exitCode, stdout } = await run('--list-tasks', '-t', 'nonesuch');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  describe('compared with ansible-playbook', needing('ansible-inventory'), () => {
    it.each([
      [['--list-hosts', '--list-tasks', '--list-tags']],
      [['--list-tasks', '-t', 'a,never']],
      [['--list-hosts', '-l', 'w*:m2']],
      [['--list-tags', '--skip-tags', 'r']],
    ])(
      '%j print the same',
      async (words) => {
        const configuration = controller.file('ansible.cfg', '[defaults]\n');
        const env = {
          PATH: process.env['PATH'],
          HOME: controller.home,
          LC_ALL: 'C.UTF-8',
          ANSIBLE_CONFIG: configuration,
        };
        const argv = [playbook, '-i', inventory, ...words];
        const { stdout } = spawnSync(program('ansible-playbook') ?? '', argv, { env, encoding: 'utf8' });
        expect(withSortedHosts((await run(...words)).stdout)).toBe(withSortedHosts(stdout));
      },
      60_000,
    );
  });
});

/** Ansible has them in the order of a Python set. */
function withSortedHosts(text: string): string {
  return text.replace(/(hosts \(\d+\):\n)((?: {6}\S+\n)*)/g, (_all, head: string, names: string) => {
    return (
      head +
      names
        .split(/(?<=\n)/)
        .sort()
        .join('')
    );
  });
}
