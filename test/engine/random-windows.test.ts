import { afterAll, beforeAll, expect, it } from 'vitest';
import { needsWindow } from '../../src/core/plan-totals.ts';
import { fc } from '../support/random-cases.ts';
import { alwaysCases, type Case, cases, NAMES, removeFiles, writeFiles } from './support/any-play.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const RUNS = 60;

const LIMIT_MS = 60_000 + RUNS * 500;

beforeAll(writeFiles);

afterAll(removeFiles);

const SHUT = { state: 'shut', windows: 'nightly', reason: 'the clock says so', expected: '1m' } as const;
const timing = { whenShut: { kind: 'refused', remedy: 'wait' }, ask: () => SHUT } as const;

function fleetOf({ hosts }: Case): readonly FakeHost[] {
  return hosts.map((slots, index) => new FakeHost(NAMES[index] ?? 'z', slots));
}

it.each([
  ['any playbook', cases],
  ['a playbook with an always', alwaysCases],
])(
  '%s that was run before is refused outside its windows by a run if its plan says so, and only then',
  { timeout: LIMIT_MS },
  async (_what, any) => {
    await fc.assert(
      fc.asyncProperty(any, async (one) => {
        const fleet = fleetOf(one);
        // On hosts that were never run on, nearly every playbook has something to do.
        await apply(one.playbook, fleet);
        const before = fleet.map(({ changes }) => changes.length);
        const shown = await plan(one.playbook, fleet, { timing });
        const { events } = await apply(one.playbook, fleet, { timing });
        expect(events.some(({ type }) => type === 'window-shut')).toBe(needsWindow(shown.result.plans));
        const since = fleet.flatMap(({ changes }, index) => changes.slice(before[index]));
        expect(since.filter((message) => message.startsWith('set'))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  },
);
