import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import { Controller } from './support/controller.ts';

/** Plays tasks on this machine. */
async function runTasks(controller: Controller, tasks: string) {
  controller.file('here/etc/hostname', 'here\n');
  const vars = `ansible_connection: local, kplay_rootfs: ${JSON.stringify(join(controller.directory, 'here'))}`;
  const inventory = controller.file('hosts.yml', `all: { hosts: { here: { ${vars} } } }\n`);
  const playbook = controller.file('play.yml', `- hosts: all\n  tasks:\n${tasks}`);
  const { exitCode, stdout, stderr } = await controller.run(['run', playbook, '-i', inventory, '-o', 'json']);
  const events = stdout.split('\n').flatMap((line): readonly Event[] => (line === '' ? [] : [JSON.parse(line)]));
  const ended = events.flatMap((event) => (event.type === 'task-finished' ? [event] : []));
  return { exitCode, stderr, ended };
}

/** A task is ended on the host itself: a real sh, whose processes are looked for afterwards. */
describe('timeout of a task', () => {
  let controller: Controller;
  beforeEach(() => {
    controller = new Controller();
  });
  afterEach(() => controller.close());

  const run = (tasks: string) => runTasks(controller, tasks);

  it('ends what it runs, with all its children, and says what Ansible says', async () => {
    const marker = `3${process.pid}.5`;
    const { exitCode, ended } = await run(
      `    - shell: (sleep ${marker} & sleep ${marker}); true
      timeout: "{{ limit }}"
      vars: { limit: "1" }
      register: cut
      ignore_errors: true
    - debug: { msg: "{{ cut.timedout.period }} {{ cut.failed }} {{ cut.changed }}" }
    - shell: ps -eo args 2>/dev/null || cat /proc/[0-9]*/cmdline | tr '\\0' ' '
      register: alive
      changed_when: false
    - assert: { that: "{{ 'sleep ${marker}' not in alive.stdout }}" }
`,
    );
    expect(ended[0]).toMatchObject({ outcome: 'ignored', reason: 'Task failed: Timed out after 1 second(s).' });
    expect(ended[1]?.said).toEqual(['1 True False']);
    expect(ended.map(({ outcome }) => outcome)).toEqual(['ignored', 'ok', 'ok', 'ok']);
    expect(exitCode).toBe(0);
  });

  it('is counted anew for each attempt, and each entry of a loop', async () => {
    const { exitCode, ended } = await run(
      `    - shell: sleep 1.2
      timeout: 2
      loop: [1, 2]
    - shell: sleep 5.5
      timeout: 1
      register: tried
      until: tried is succeeded
      retries: 1
      delay: 0
      ignore_errors: true
    - shell: sleep 5.5
      timeout: 1
      failed_when: false
    - shell: sleep 5.5
      timeout: 1
`,
    );
    expect(ended.map(({ outcome }) => outcome)).toEqual(['changed', 'ignored', 'ok', 'failed']);
    expect(ended[1]?.reason).toBe('until did not hold in 2 attempts: Task failed: Timed out after 1 second(s).');
    expect(exitCode).toBe(2);
  });

  it.each([
    [
      '    - copy: { content: x, dest: /tmp/x }\n      timeout: 5\n',
      'play.yml:4:16',
      'copy is never stopped in the middle',
    ],
    ['    - command: x\n      timeout: soon\n', 'play.yml:4:16', 'timeout must be'],
    ['    - command: x\n      timeout: 1.5\n', 'play.yml:4:16', 'timeout must be'],
    ['    - command: x\n      timeout: "{{ \'soon\' }}"\n', 'play.yml:4:', 'timeout must be a whole number'],
  ])('is refused where it cannot be kept: %j', async (tasks, place, message) => {
    const { exitCode, stderr } = await run(tasks);
    expect(stderr).toContain(place);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  });
});

describe('async of a task', () => {
  let controller: Controller;
  beforeEach(() => {
    controller = new Controller();
  });
  afterEach(() => controller.close());
  const run = (tasks: string) => runTasks(controller, tasks);

  it('ends what it runs, and says what Ansible says', async () => {
    const { exitCode, ended } = await run(
      `    - shell: sleep 90
      async: 1
      poll: 5
      register: cut
      ignore_errors: true
    - debug: { msg: "{{ cut.msg }} {{ cut.timedout is defined }} {{ cut.changed }}" }
    - shell: sleep 90
      async: 90
      timeout: 1
      ignore_errors: true
    - command: { cmd: sleep 90, timeout: 1s }
      async: 90
`,
    );
    const late = 'async task did not complete within the requested time - 1s';
    expect(ended.map(({ outcome }) => outcome)).toEqual(['ignored', 'ok', 'ignored', 'failed']);
    expect(ended[0]?.reason).toBe(late);
    expect(ended[1]?.said).toEqual([`${late} False False`]);
    expect(ended[2]?.reason).toBe('Task failed: Timed out after 1 second(s).');
    expect(ended[3]?.reason).toBe('the command did not end within 1s');
    expect(exitCode).toBe(2);
  });

  it.each([
    ['    - command: x\n      async: 5\n      poll: 0\n', 'play.yml:5:13', 'poll must be more than 0'],
    ['    - command: x\n      async: 5\n      poll: "{{ 1 - 1 }}"\n', 'play.yml:5:', 'poll must be more than 0'],
    ['    - command: x\n      poll: 5\n', 'play.yml:4:13', 'poll has no effect without async'],
    ['    - debug: { msg: x }\n      async: 5\n', 'play.yml:4:14', 'debug does not support async'],
    ['    - copy: { content: x, dest: /tmp/x }\n      async: 5\n', 'play.yml:4:14', 'copy does not support async'],
    ['    - block: [{ command: x }]\n      async: 5\n', 'play.yml:4:7', 'a block has no async'],
  ])('is refused where it cannot be kept: %j', async (tasks, place, message) => {
    const { exitCode, stderr } = await run(tasks);
    expect(stderr).toContain(place);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  });
});
