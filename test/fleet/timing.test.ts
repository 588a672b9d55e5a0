import { describe, expect, test } from 'vitest';
import { readWindows } from '../../src/calendar/read-window.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import type { Event } from '../../src/core/events/event.ts';
import { SourceFile } from '../../src/core/source.ts';
import { parseYaml } from '../../src/core/yaml/yaml.ts';
import type { CompiledPlay } from '../../src/engine/program/compiled.ts';
import { WindowGate } from '../../src/engine/run/window-gate.ts';
import type { ClusterSchedule } from '../../src/fleet/schedule.ts';
import { timingOf, type WindowPolicy } from '../../src/fleet/timing.ts';

/** What becomes of a cluster with this window at noon of 2026-11-27. */
function askedAtNoon(window: string, policy: WindowPolicy): { readonly answer: string; readonly told: Event[] } {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('inventory.yml', window), problems, 'ansible');
  const { windows, events } = readWindows(tree as NonNullable<typeof tree>, problems);
  const calendar = { windows, events, closed: [], closedEvents: [] };
  const schedule: ClusterSchedule = { name: 'prod', calendar, expected: { ms: 60_000, source: 'declared' } };
  const timing = timingOf(new Map([['prod', schedule]]), () => new Date('2026-11-27T12:00:00Z'), policy);
  const play = { name: 'Renew', hosts: [{ host: { name: 'm1', cluster: 'prod' } }] } as unknown as CompiledPlay;
  const told: Event[] = [];
  return { answer: new WindowGate(play, timing, (event) => told.push(event)).check(() => ['m1'], 1), told };
}

describe('a cluster of which there is no further window', () => {
  const NEVER = '2025-01-01 01:00-04:00 UTC';
  const LATER = '2027-01-01 01:00-04:00 UTC';
  const remedy = 'give the cluster a later window, or do it now with --window override --reason TEXT';

  test.each([
    ['refuse', 'refused'],
    ['wait', 'refused'],
    ['skip', 'left'],
  ] as const)('is not told to wait for one: --window %s', (kind, answer) => {
    const asked = askedAtNoon(NEVER, { kind });
    expect(asked).toMatchObject({ answer, told: [{ type: 'window-shut', counts: answer, remedy }] });
  });

  test('is worked on all the same with --window override', () => {
    expect(askedAtNoon(NEVER, { kind: 'override', reason: 'drill' })).toMatchObject({
      answer: 'open',
      told: [{ type: 'window-overridden', reason: 'drill' }],
    });
  });

  test.each([
    ['refuse', 'refused', 'run it again then, or do it now with --window override --reason TEXT'],
    ['wait', 'left', 'leave this run alone: it waits'],
    ['skip', 'left', 'run it again then'],
  ] as const)('and one that opens later is: --window %s', (kind, answer, then) => {
    const asked = askedAtNoon(LATER, { kind });
    expect(asked).toMatchObject({ answer, told: [{ type: 'window-shut', counts: answer, remedy: then }] });
  });
});
