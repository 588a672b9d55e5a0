import { expect } from 'vitest';
import type { FakeHost } from './fake-fleet.ts';
import type { Report } from './workshop.ts';

/** The slots of a host before its play changes both of them. */
export const BEFORE = { x: 'old', y: 'old' };

/** How a host is: as it was, whole, or in between with the means to put itself back when the run lets go of it. */
export function endState({ slots, log }: FakeHost): 'as before' | 'renewed' | 'puts itself back' | 'half' {
  const [x, y] = [slots.get('x'), slots.get('y')];
  const isArmed = log.findLast((message) => /^(arm|disarm|unlock)$/.test(message)) === 'arm';
  if (isArmed) return 'puts itself back';
  if (x === 'old' && y === 'old') return 'as before';
  return x === 'new' && y === 'new' ? 'renewed' : 'half';
}

/** What the recap may say of a host that is so. One that could not be told how to put itself back may yet have heard it. */
const TRUE_OF: Readonly<Record<ReturnType<typeof endState>, RegExp>> = {
  'as before': /^(unchanged|restored|unproven|partly-changed|not-restored|restoring)$/,
  renewed: /^(changed|partly-changed|not-restored)$/,
  'puts itself back': /^restoring$/,
  half: /^not-restored$/,
};

export function expectTold(fleet: readonly FakeHost[], { result }: Report, what: string): void {
  for (const host of fleet) {
    const told = result.hosts.find(({ host: name }) => name === host.name)?.state;
    // A host whose session was never opened is not known to the run.
    if (host.log.length > 1) expect(told, `${what}: ${host.name}`).toMatch(TRUE_OF[endState(host)]);
  }
}
