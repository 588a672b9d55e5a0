import { expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply } from './support/workshop.ts';

const PLAY = `- hosts: all
  tasks:
    - shell: wipe
      delegate_to: b
      when: inventory_hostname == 'a'
      ignore_errors: true
    - name: Again
      set: { key: x, value: "1" }
      when: inventory_hostname == 'b'
`;

it.each(['succeeds', 'fails'])(
  'what a delegated command has done to a host is seen there, also when it %s',
  async (how) => {
    const b = new FakeHost('b', { x: '1' });
    b.onMessage = (message) => void (message === 'say wipe' && b.slots.delete('x'));
    if (how === 'fails') b.break(/^say wipe/, 'fails');
    const { events } = await apply(PLAY, [new FakeHost('a'), b]);
    expect(lines(events, 'task-finished').at(-1)).toMatch(/^Again on b: changed/);
    expect(b.slots.get('x')).toBe('1');
  },
);
