import { describe, expect, it } from 'vitest';
import type { PlayPlan } from '../../src/core/event.ts';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

// What is wrong today. Each of them passes once it is mended, and belongs into the file of its subject then.

describe('a failure that is ignored', () => {
  it('leaves in the recap what was changed before it', async () => {
    const host = new FakeHost('h').break(/^set b/, 'fails');
    const playbook =
      '- hosts: all\n  tasks:\n    - set: { key: "{{ item }}", value: x }\n      loop: [a, b]\n      ignore_errors: true\n';
    const { result } = await apply(playbook, [host]);
    expect(host.slots.get('a')).toBe('x');
    expect(result.hosts[0]?.changes.map(({ target }) => target)).toEqual(['a']);
  });
});

describe('a saved plan of two plays', () => {
  it('is applied where the second depends on what the first has found', async () => {
    const playbook = `- hosts: all
  tasks:
    - shell: yes
      register: answer
- hosts: all
  tasks:
    - set: { key: x, value: "{{ answer.out }}" }
`;
    const host = new FakeHost('h');
    const saved: readonly PlayPlan[] = (await plan(playbook, [host])).result.plans;
    const { result } = await apply(playbook, [host], { saved });
    expect(result.refused).toEqual([]);
    expect(host.slots.get('x')).toBe('yes');
  });
});

describe('a lock that cannot be made', () => {
  it('is not said to be held by another run', async () => {
    const host = new FakeHost('h');
    host.lockFails = '/run/kplay.lock cannot be made';
    const { events, result } = await apply('- hosts: all\n  tasks:\n    - set: { key: x, value: "1" }\n', [host]);
    expect(result.failed.length + result.refused.length).toBe(1);
    expect(JSON.stringify(events)).toContain('/run/kplay.lock cannot be made');
    expect(lines(events, 'host-refused').join()).not.toContain('another run');
  });
});

describe('more than was shown', () => {
  it('is not done because a task before has only looked', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b', { x: 'new' })];
    a.onMessage = (message) => void (message === 'set x new' && b.slots.set('x', 'old'));
    const playbook = `- hosts: all
  serial: 1
  tasks:
    - shell: uptime
      changed_when: false
    - set: { key: x, value: new }
`;
    const { result } = await apply(playbook, [a, b]);
    expect(result.refused).toEqual(['b']);
    expect(b.slots.get('x')).toBe('old');
  });
});
