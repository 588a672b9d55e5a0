import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import { Controller } from './support/controller.ts';

/** On this machine itself, with its clock. */
describe('wait_for', () => {
  let controller: Controller;
  beforeEach(() => {
    controller = new Controller();
  });
  afterEach(() => controller.close());

  async function run(tasks: string, onOutput: (text: string) => void = () => {}) {
    controller.file('here/etc/hostname', 'here\n');
    const vars = `ansible_connection: local, kplay_rootfs: ${JSON.stringify(join(controller.directory, 'here'))}`;
    const inventory = controller.file('hosts.yml', `all: { hosts: { here: { ${vars} } } }\n`);
    const playbook = controller.file('play.yml', `- hosts: all\n  tasks:\n${tasks}`);
    const { exitCode, stdout } = await controller.run(['run', playbook, '-i', inventory, '-o', 'json'], { onOutput });
    const events = stdout.split('\n').flatMap((line): readonly Event[] => (line === '' ? [] : [JSON.parse(line)]));
    return { exitCode, ended: events.flatMap((event) => (event.type === 'task-finished' ? [event] : [])) };
  }

  it('says what it is told to when it was in vain, to a rescue too', async () => {
    const { exitCode, ended } = await run(`    - wait_for: { path: /none, timeout: 1, msg: nothing came }
      register: waited
      ignore_errors: true
    - debug: { msg: "{{ waited.msg }}" }
`);
    expect(ended[0]).toMatchObject({ outcome: 'ignored', reason: 'nothing came' });
    expect(ended[1]?.said).toEqual(['nothing came']);
    expect(exitCode).toBe(0);
  });

  it('looks only after its delay, whatever there was before', async () => {
    const { exitCode, ended } = await run(`    - wait_for: { path: /etc/hostname, delay: 2, timeout: 1 }
      ignore_errors: true
    - wait_for: { path: /etc/hostname, delay: 1, timeout: 10 }
    - wait_for: { path: /etc/hostname, sleep: 2 }
`);
    expect(ended.map(({ outcome }) => outcome)).toEqual(['ignored', 'ok', 'ok']);
    expect(ended[1]?.elapsedMs).toBeGreaterThanOrEqual(1_000);
    expect(exitCode).toBe(0);
  });

  it('looks at what is there behind a task that has changed something, not at what was there before', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const tasks = `    - copy: { dest: /made, content: x }\n    - wait_for: { port: ${port}, timeout: 1 }\n`;
    const { exitCode, ended } = await run(tasks, (text) => {
      if (text.includes('task-finished')) server.close();
    });
    expect(ended.map(({ outcome }) => outcome)).toEqual(['changed', 'failed']);
    expect(exitCode).toBe(2);
  });

  it('knows of files that tasks before it have written, and so do creates and removes', async () => {
    const { ended } = await run(`    - copy: { dest: /made, content: x }
    - wait_for: { path: /made, state: absent, timeout: 1 }
      ignore_errors: true
    - command: { cmd: "true", creates: /ma?e }
    - shell: { cmd: rm made, removes: /made, chdir: / }
    - shell: { cmd: touch made, creates: /made, chdir: / }
    - shell: { cmd: touch made, creates: /made, chdir: / }
    - wait_for: { path: /made }
`);
    expect(ended.map(({ outcome }) => outcome)).toEqual([
      ...['changed', 'ignored', 'ok', 'changed', 'changed', 'ok', 'ok'],
    ]);
  });
});
