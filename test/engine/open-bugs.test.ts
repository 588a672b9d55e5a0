import { describe, expect, it } from 'vitest';
import type { PlayPlan } from '../../src/core/event.ts';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

// What is wrong today. Each of them passes once it is mended, and belongs into the file of its subject then.

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
