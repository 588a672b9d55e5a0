import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processEnvironment } from '../../src/cli/environment.ts';
import { beginJournal } from '../../src/cli/run/run-journal.ts';
import { RunStore } from '../../src/journal/run-store.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'kplay-state-'));
});
afterEach(() => rmSync(state, { recursive: true }));

/** Makes as many runs as that, of which no journal is left. */
function makeRuns(runs: number, year: number): void {
  const id = (index: number): string => `${year}0101T000000Z-${index.toString(16).padStart(4, '0')}`;
  for (let index = 0; index < runs; index += 1) mkdirSync(join(state, 'runs', id(index)), { recursive: true });
}

/** Begins a run. @returns how many there are then */
async function keptAt(time: string): Promise<number> {
  const run = { command: 'run', source: 'a.yml', hosts: ['m1'], clusters: [] };
  const environment = { ...processEnvironment(), clock: () => new Date(time) };
  const { journal } = await beginJournal(run, { state }, environment, new Date(time), {});
  await journal.close();
  return new RunStore(join(state, 'runs')).ids().length;
}

it('a run that begins leaves the last two hundred of those that are old, itself among them', async () => {
  makeRuns(203, 2020);
  expect(await keptAt('2026-11-24T00:00:00Z')).toBe(200);
});

it('a run that begins removes the others where one cannot be removed', async () => {
  makeRuns(203, 2020);
  mkdirSync(join(state, 'runs/20200101T000000Z-0000/journal.ndjson'));
  expect(await keptAt('2026-11-24T00:00:00Z')).toBe(201);
});

it('a run that begins leaves all that are young', async () => {
  makeRuns(203, 2026);
  expect(await keptAt('2026-11-24T00:00:00Z')).toBe(204);
});

it('only the first run of a day reads the journals of all others to find those that are old', async () => {
  expect(await keptAt('2026-11-24T00:00:00Z')).toBe(1);
  makeRuns(203, 2020);
  expect(await keptAt('2026-11-24T23:59:59Z')).toBe(205);
  expect(await keptAt('2026-11-25T00:00:00Z')).toBe(200);
});
