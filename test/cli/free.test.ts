import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { Controller } from './support/controller.ts';

const controller = new Controller();
afterAll(() => controller.close());
const inventory = controller.file(
  'hosts.yml',
  `all:
  vars:
    ansible_connection: local
    kplay_rootfs: "${controller.directory}/{{ inventory_hostname }}"
    others: "{{ ansible_play_batch }}"
  hosts: { a: , b: , outside: }
`,
);
for (const host of ['a', 'b', 'outside']) controller.file(join(host, 'etc/hostname'), host);

test('a slow host holds back no other: one waits for a file that another makes in its last task', async () => {
  const file = join(controller.directory, 'made');
  const playbook = controller.file(
    'play.yml',
    `- hosts: a,b
  strategy: free
  tasks:
    - name: Wait
      shell: for i in $(seq 600); do test -e ${file} && exit; sleep 0.1; done; exit 1
      when: inventory_hostname == 'a'
    - name: Make
      command: touch ${file}
      when: inventory_hostname == 'b'
`,
  );
  const { exitCode, stdout, stderr } = await controller.run(['run', playbook, '-i', inventory, '-o', 'plain']);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  const said = stdout
    .split('\n')
    .filter((line) => /: (started|done)/.test(line))
    .map((line) => line.slice(10));
  expect(said.indexOf('Make: started by b')).toBeLessThan(said.findIndex((line) => line.startsWith('Wait: done')));
}, 90_000);

const HEAD = '- hosts: a,b\n  strategy: free\n';
const task = (text: string): string => `${HEAD}  tasks:\n    - ${text}\n`;
const REGISTERING = 'command: hostname\n      register: made\n    - ';

describe('strategy: free refuses before any contact what depends on how far other hosts are:', () => {
  it.each([
    ['run_once', task('debug: { msg: x }\n      run_once: true'), '5:17', 'run_once does not go with strategy: free'],
    ['any_errors_fatal', `${HEAD}  any_errors_fatal: true\n  tasks: []\n`, '3:21', 'any_errors_fatal does not go'],
    ['max_fail_percentage', `${HEAD}  max_fail_percentage: 3\n  tasks: []\n`, '3:24', 'max_fail_percentage does not'],
    ['a step in stages', task('control_plane.restart: {}'), '4:7', 'control_plane.restart goes in stages that all'],
    ['a step that reads peers', task('certs.check: {}'), '4:7', 'certs.check looks at the other hosts'],
    ['end_play', task('meta: end_play'), '4:13', 'end_play concerns all hosts'],
    ['end_batch', task('meta: end_batch'), '4:13', 'end_batch concerns all hosts'],
    ['clear_host_errors', task('meta: clear_host_errors'), '4:13', 'clear_host_errors concerns all hosts'],
    [
      'one of these in a handler',
      `${task('command: hostname\n      notify: h')}  handlers:\n    - { name: h, cluster.verify: {} }\n`,
      '7:18',
      'cluster.verify looks at the other hosts',
    ],
    [
      'a task for another host',
      task('command: { cmd: hostname }\n      delegate_to: b'),
      '4:7',
      'it is delegated to b',
    ],
    ['who is left', task('debug: { msg: "{{ ansible_play_hosts }}" }'), '4:25', 'ansible_play_hosts changes as hosts'],
    ['who is left, by a variable', task('debug: { var: others }'), '5:17', 'ansible_play_batch changes as hosts go on'],
    [
      'what another has registered',
      task(`${REGISTERING}debug: { msg: "{{ hostvars.b.made.stdout }}" }`),
      '6:25',
      'tasks of this play may set made of b',
    ],
    [
      'that with a default',
      task(`${REGISTERING}debug: { msg: "{{ hostvars['b'].made | default('x') }}" }`),
      '6:25',
      'tasks of this play may set made of b',
    ],
    [
      'that of all of them',
      task(
        "set_fact: { made: 1 }\n    - debug: { msg: \"{{ groups.all | map('extract', hostvars, 'made') | list }}\" }",
      ),
      '5:38',
      'tasks of this play may set made of b',
    ],
    [
      'any variable where a task may set any',
      task(`command: hostname
      register: made
    - include_vars: "{{ made.stdout }}.yml"
    - debug: { msg: "{{ hostvars.b.inventory_hostname }}" }`),
      '7:25',
      'tasks of this play may set variables of b',
    ],
    [
      'who is left, where only the run tells whether the task is done',
      task(`${REGISTERING}debug: { msg: "{{ ansible_play_hosts }}" }\n      when: made.rc == 0`),
      '6:25',
      'ansible_play_hosts changes as hosts',
    ],
    [
      'that in a loop, behind what only the run tells',
      task(`${REGISTERING}debug: { msg: "{{ made.rc }} {{ hostvars[item].made.rc }}" }\n      loop: [b]`),
      '6:39',
      'tasks of this play may set made of b',
    ],
    [
      'that in a variable, in a branch of which only the run tells whether it counts',
      task(`${REGISTERING}debug: { msg: "{{ others | length if made.rc else 1 }}" }`),
      '5:17',
      'ansible_play_batch changes as hosts go on',
    ],
    [
      'that in a condition on the result',
      task('command: hostname\n      register: made\n      changed_when: made.rc == 0 and play_hosts | length > 1'),
      '6:38',
      'play_hosts changes as hosts go on',
    ],
    [
      'that in the condition of an action',
      task(`${REGISTERING}meta: end_host\n      when: made.rc == 0 and play_hosts | length > 1`),
      '7:30',
      'play_hosts changes as hosts go on',
    ],
    [
      'that in what is included',
      task(`${REGISTERING}include_tasks: "{{ made.stdout }}.yml"\n      when: play_hosts | length > 1`),
      '7:13',
      'play_hosts changes as hosts go on',
    ],
    ...['ignore_errors', 'check_mode', 'diff', 'timeout', 'throttle'].map(
      (keyword): [string, string, string, string] => [
        `that in ${keyword}, behind what only the run tells`,
        task(
          `${REGISTERING}command: hostname\n      when: made.rc == 0\n      ${keyword}: "{{ play_hosts | length > 1 }}"`,
        ),
        `8:${keyword.length + 13}`,
        'play_hosts changes as hosts go on',
      ],
    ),
    [
      'a task for another host, where only the run tells whether it is done',
      task(`${REGISTERING}command: { cmd: hostname }\n      delegate_to: b\n      when: made.rc == 0`),
      '6:7',
      'it is delegated to b',
    ],
  ])('%s', async (_what, play, place, message) => {
    const playbook = controller.file('play.yml', play);
    const { exitCode, stderr } = await controller.run(['run', playbook, '-i', inventory]);
    const said = stderr.split('\n');
    const at = said.findIndex((line) => line.startsWith(`error: ${message}`));
    expect(said.slice(at, at + 2).join('\n')).toContain(`.yml:${place}`);
    expect(exitCode).toBe(1);
  });

  it('--step', async () => {
    const playbook = controller.file('play.yml', task('command: hostname'));
    const words = ['run', playbook, '-i', inventory, '--step', '--no-color'];
    const { stderr } = await controller.run(words, { types: [] });
    expect(stderr).toContain('error: --step asks before each task');
    expect(stderr).toContain('play.yml:2:13');
  });

  it('and lets be read what cannot change', async () => {
    const playbook = controller.file(
      'play.yml',
      `- hosts: a,b
  tasks:
    - set_fact: { early: "of {{ inventory_hostname }}" }
${HEAD.replace('- hosts: a,b', '- hosts: a,b\n  force_handlers: true')}  tasks:
    - command: { cmd: hostname }
      delegate_to: outside
      changed_when: false
      register: made
    - copy:
        dest: /seen
        content: "{{ '' if true else play_hosts }}{{ [hostvars.b.early, hostvars.b.inventory_hostname, ansible_play_hosts_all | join, hostvars[inventory_hostname].made.rc] | join(' ') }}"
`,
    );
    const { exitCode, stderr } = await controller.run(['run', playbook, '-i', inventory]);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(readFileSync(join(controller.directory, 'a/seen'), 'utf8')).toBe('of b b ab 0\n');
  });
});
