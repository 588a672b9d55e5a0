import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JournalEntry } from '../../src/core/journal.ts';
import { journalLine } from '../../src/journal/journal-line.ts';
import { readJournal } from '../../src/journal/read-journal.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { expectRenewed } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const ALL = ['-e', 'renew_before=all', '-o', 'plain'];
const AGES = [
  ['six minutes', 6 * 60_000],
  ['a day', 86_400_000],
] as const;

/** As if the last run had begun so long ago. */
function age(ageMs: number): void {
  const journal = site.controller.journals.at(-1) ?? '';
  const aged = readJournal(readFileSync(journal)).records.map(({ entry, ...record }) => {
    const recipe = entry.type === 'start' ? entry.recipe : undefined;
    const start: JournalEntry =
      entry.type === 'start' && recipe ? { ...entry, recipe: { ...recipe, now: earlier(recipe.now, ageMs) } } : entry;
    return `${journalLine({ ...record, entry: start })}\n`;
  });
  writeFileSync(journal, aged.join(''));
}

const earlier = (time: string, ms: number): string => new Date(Date.parse(time) - ms).toISOString();

/** A command begins, and all else of it is so much later. */
function begun(ageMs: number): () => Date {
  let looks = 0;
  return () => new Date(Date.now() - (looks++ === 0 ? ageMs : 0));
}

function serials(fleet: Fleet): readonly (string | undefined)[] {
  return fleet.hosts.map((host) => host.snapshot().get('/etc/kubernetes/pki/apiserver.crt')?.sha256);
}

describe.each(AGES)('a renewal that goes on %s after it was planned', (_age, ageMs) => {
  it('is resumed: what is renewed stays, the rest is renewed', async () => {
    const fleet = await site.fleet({ masters: 2, stateOf: () => ({ all: { condition: 'valid' } }) });
    const [, second] = fleet.hosts;
    let said = '';
    const first = await site.controller.run(
      ['run', RENEW, '-i', fleet.inventoryFile, '-e', 'renew_before=all', '-o', 'json'],
      {
        onOutput: (text) => {
          // Several lines may come at once.
          said += text;
          if ((said.match(/"task-started".*certs\.regenerate/g)?.length ?? 0) < 2) return;
          second?.connections.cut();
          said = '';
        },
      },
    );
    expect(first.exitCode).not.toBe(0);
    age(ageMs);
    const [renewed] = serials(fleet);
    const { exitCode, stdout } = await site.controller.run(['resume', 'last', '-o', 'plain']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.not.stringContaining('not valid yet') });
    expect(serials(fleet)[0]).toBe(renewed);
    expect(stdout).toMatch(/to undo it: kplay rollback -i \S+ --backup \S+$/m);
    await expectRenewed(fleet);
  });

  it('is applied from a saved plan', async () => {
    const fleet = await site.fleet({ stateOf: () => ({ all: { condition: 'valid' } }) });
    const path = join(site.controller.directory, 'old.kplan');
    await site.controller.run(['plan', RENEW, '-i', fleet.inventoryFile, '--out', path, ...ALL], {
      clock: begun(ageMs),
    });
    const { exitCode, stdout } = await site.controller.run(['apply', path, '-o', 'plain']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.not.stringContaining('not valid yet') });
    await expectRenewed(fleet);
  });

  it('comes to its later batches', async () => {
    const fleet = await site.fleet({ masters: 3, stateOf: () => ({ all: { condition: 'valid' } }) });
    const { exitCode, stdout } = await site.controller.run(['run', RENEW, '-i', fleet.inventoryFile, ...ALL], {
      clock: begun(ageMs),
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.not.stringContaining('not valid yet') });
    await expectRenewed(fleet);
  });
});
