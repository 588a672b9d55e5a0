import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Environment } from '../../src/cli/environment.ts';
import { KeptRuns } from '../../src/cli/journal/kept-runs.ts';
import { onlySuccessor } from '../../src/cli/journal/only-successor.ts';
import { JOURNAL_VERSION, journalLine } from '../../src/journal/journal-line.ts';
import { Controller } from './support/controller.ts';
import { startElsewhere } from './support/start-entry.ts';

const FIRST = '20261124T151244Z-3f9c';

let controller: Controller;
let runs: KeptRuns;
beforeEach(() => {
  vi.useFakeTimers();
  controller = new Controller();
  const state = controller.directory;
  runs = new KeptRuns({ state }, {} as Environment);
});
afterEach(() => {
  vi.useRealTimers();
  controller.close();
});

const journalOf = (number: number): string => `runs/${FIRST}.${number}/journal.ndjson`;

/** Begins the journal of a run; without an entry, only its directory. */
function begin(number: number, hasStart = true): void {
  const entry = startElsewhere(`${FIRST}.${number}`);
  const line = journalLine({ version: JOURNAL_VERSION, sequence: 1, time: new Date(0), entry });
  controller.file(journalOf(number), hasStart ? `${line}\n` : '');
}

/** What the run with this number is told. */
function claimed(claim: (id: string) => Promise<void>, number: number): Promise<string> {
  return claim(`${FIRST}.${number}`).then(
    () => 'goes on',
    (error: Error) => error.message,
  );
}

const claim = (): ((id: string) => Promise<void>) => onlySuccessor('last', FIRST, runs, {});

it('the lowest of those that began since goes on', async () => {
  begin(2);
  const [third, fourth, tenth] = [claim(), claim(), claim()];
  for (const number of [3, 4, 10]) begin(number);
  expect(await claimed(third, 3)).toBe('goes on');
  expect(await claimed(fourth, 4)).toContain(`run ${FIRST}.3 was started in the same moment`);
  expect(await claimed(tenth, 10)).toContain(`run ${FIRST}.3 was started in the same moment`);
});

it('waits for one that has a directory and has not begun', async () => {
  const own = claim();
  begin(2, false);
  begin(3);
  const told = claimed(own, 3);
  await vi.advanceTimersByTimeAsync(1000);
  begin(2);
  await vi.advanceTimersByTimeAsync(100);
  expect(await told).toContain(`run ${FIRST}.2 was started`);
});

it('goes on once that one has given way', async () => {
  const own = claim();
  begin(2, false);
  const told = claimed(own, 3);
  await vi.advanceTimersByTimeAsync(1000);
  controller.remove(`runs/${FIRST}.2`);
  await vi.advanceTimersByTimeAsync(100);
  expect(await told).toBe('goes on');
});

it('does not wait forever for one that was killed before it began', async () => {
  const own = claim();
  begin(2, false);
  const told = claimed(own, 3);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await told).toBe('goes on');
});
