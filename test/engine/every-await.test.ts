import { describe, expect, it } from 'vitest';
import { FakeHost, fakeConnector } from './support/fake-fleet.ts';
import { Fault, FaultPlan, faultyConnector } from './support/faults.ts';
import { BEFORE, endState, expectTold } from './support/halves.ts';
import { apply, type Report } from './support/workshop.ts';

/** Two halves of something, guarded, on hosts that go in two batches, with stages, a check and a task that looks at the others. */
const PLAY = `- hosts: all
  serial: 2
  tasks:
    - name: Guard
      guard: { keys: [x, y] }
    - name: One half
      halve: { key: x, value: new }
    - name: In between
      serve: { key: page, value: two }
    - name: Other half
      complete: { key: y, value: new }
    - name: Proof
      expect: { key: page, value: two }
`;

interface Tried extends Report {
  readonly fleet: readonly FakeHost[];
  readonly awaits: number;
}

type Place = 'sessions' | 'journal' | 'events';

async function tried(place: Place, at: readonly number[], when: 'before' | 'after' = 'before'): Promise<Tried> {
  const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name, BEFORE));
  const connector = fakeConnector(new Map(fleet.map((host) => [host.name, host])));
  const faults = new FaultPlan(at, when);
  const report = await apply(PLAY, fleet, {
    connector: place === 'sessions' ? faultyConnector(connector, faults) : connector,
    ...(place === 'journal' && { onJournal: () => faults.at() }),
    ...(place === 'events' && { onEvent: () => faults.at() }),
  });
  return { ...report, fleet, awaits: faults.count };
}

describe('whatever a session throws, wherever it does,', () => {
  it.each(['before', 'after'] as const)('%s its message had its effect, no host stays half changed', async (when) => {
    const { awaits } = await tried('sessions', []);
    expect(awaits).toBeGreaterThan(40);
    const seen = new Set<string>();
    for (let at = 0; at < awaits; at += 1) {
      const run = await tried('sessions', [at], when);
      const states = run.fleet.map(endState);
      for (const state of states) seen.add(state);
      expect(states, `thrown ${when} await ${at}`).not.toContain('half');
      expectTold(run.fleet, run, `thrown ${when} await ${at}`);
      // Only what is done after everything else is no reason to end it as a bug does.
      const isOver = states.every((state) => state === 'renewed');
      if (!isOver) expect(run.result.mistake, `thrown ${when} await ${at}`).toBeInstanceOf(Fault);
    }
    expect(seen).toEqual(new Set(['as before', 'renewed']));
  });

  it('a second time while a host is put back: it puts itself back, or the recap says that it is in between', async () => {
    const { awaits } = await tried('sessions', []);
    const seen = new Set<string>();
    for (let at = 0; at < awaits; at += 1) {
      for (const next of [1, 2, 3]) {
        const run = await tried('sessions', [at, at + next]);
        for (const host of run.fleet) seen.add(endState(host));
        expectTold(run.fleet, run, `thrown at await ${at} and ${at + next}`);
      }
    }
    expect(seen).toContain('puts itself back');
  });
});

describe('a journal that cannot be written', () => {
  it('ends no run, at whichever entry it begins; it is warned of once', async () => {
    const { awaits } = await tried('journal', []);
    expect(awaits).toBeGreaterThan(15);
    for (let at = 0; at < awaits; at += 1) {
      const all = Array.from({ length: awaits }, (_one, index) => index).filter((index) => index >= at);
      const { fleet, result, events } = await tried('journal', all);
      expect(fleet.map(endState)).toEqual(['renewed', 'renewed', 'renewed']);
      expect(result.mistake).toBeUndefined();
      expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
        { message: 'the journal is incomplete from here on: thrown here' },
      ]);
    }
  });
});

describe('an event that cannot be told', () => {
  it('ends no run, whichever it is', async () => {
    const { awaits } = await tried('events', []);
    expect(awaits).toBeGreaterThan(40);
    for (let at = 0; at < awaits; at += 1) {
      const { fleet, result } = await tried('events', [at]);
      expect(fleet.map(endState), `event ${at}`).toEqual(['renewed', 'renewed', 'renewed']);
      expect(result.mistake).toBeInstanceOf(Fault);
      expect(result.failed).toEqual([]);
    }
  });
});
