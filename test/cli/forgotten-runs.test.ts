import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processEnvironment } from '../../src/cli/environment.ts';
import { beginJournal } from '../../src/cli/run/run-journal.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'kplay-state-'));
});
afterEach(() => rmSync(state, { recursive: true }));

/** Makes as many runs as that, of which no journal is left, and begins another. @returns how many of all there are then */
async function keptOf(runs: number, year: number): Promise<number> {
  const id = (index: number): string => `${year}0101T000000Z-${index.toString(16).padStart(4, '0')}`;
  for (let index = 0; index < runs; index += 1) mkdirSync(join(state, 'runs', id(index)), { recursive: true });
  const run = { command: 'run', source: 'a.yml', hosts: ['m1'], clusters: [] };
  const { journal } = await beginJournal(run, { state }, processEnvironment(), new Date('2026-11-24'), undefined);
  await journal.close();
  return readdirSync(join(state, 'runs')).length;
}

it('a run that begins leaves the last two hundred of those that are old, itself among them', async () => {
  expect(await keptOf(203, 2020)).toBe(200);
});

it('a run that begins leaves all that are young', async () => {
  expect(await keptOf(203, 2026)).toBe(204);
});
