import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import type { PlayPlan } from '../../src/core/events/plan.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { planTotals } from '../../src/core/plan-totals.ts';
import { journalLine } from '../../src/journal/journal-line.ts';
import { Controller } from './support/controller.ts';
import { startElsewhere } from './support/start-entry.ts';

const RUN = '20261124T151244Z-3f9c';

let controller: Controller;
beforeEach(() => {
  controller = new Controller();
});
afterEach(() => controller.close());

function planned(name: string): Event {
  const change = { kind: 'update', target: 'apiserver', before: null, after: null, disruptive: false } as const;
  const window = {
    state: 'shut',
    windows: 'Tue 01:00-04:00 UTC',
    reason: 'outside its windows',
    opens: '2026-11-25T01:00:00.000Z',
    expected: '5m',
  } as const;
  const plan: PlayPlan = {
    play: 'Renew',
    cluster: { kind: 'declared', name },
    window,
    order: { name: 'planned', reason: '', batches: [] },
    tasks: [{ path: 'tasks.0', name: 'Renew', step: 'certs.regenerate' }],
    hosts: [{ host: `${name}1`, tasks: [{ action: 'change', changes: [change], path: 'tasks.0' }] }],
  };
  return { type: 'play-planned', plan, totals: planTotals(plan) };
}

/** The row of cluster `a` in the plan that `kplay show` prints of a run in progress with these options. */
async function rowOf(options: Readonly<Record<string, string>> | undefined): Promise<string | undefined> {
  const recipe = options && { command: 'run', runId: RUN, now: '', playbook: '', options, hiddenVars: 0, files: {} };
  const start = { ...startElsewhere(RUN), ...(recipe && { recipe }) } as JournalEntry;
  const events: readonly Event[] = [{ type: 'play-started', play: 'Renew', hosts: [] }, planned('a'), planned('b')];
  const entries = [start, ...events.map((event): JournalEntry => ({ type: 'event', event }))];
  const journal = join(controller.directory, 'state/kplay/runs', RUN, 'journal.ndjson');
  mkdirSync(dirname(journal), { recursive: true });
  const time = new Date('2026-11-24T15:12:44Z');
  for (const [index, entry] of entries.entries())
    appendFileSync(journal, `${journalLine({ version: 1, sequence: index + 1, time, entry })}\n`);
  const { stdout } = await controller.run(['show', 'last']);
  return /^ *1 +a .*$/m.exec(stdout)?.[0].replace(/^.* {2}/, '');
}

it.each([
  ['overrides windows', { window: 'override' }, 'now; overridden; outside its windows'],
  ['skips clusters', { window: 'skip' }, 'skipped; outside its windows'],
  ['waits', { window: 'wait' }, 'outside its windows'],
  ['was told nothing', {}, 'refused; outside its windows'],
  ['has recorded no options', undefined, 'outside its windows'],
] as const)(
  'the plan of a run that %s says what becomes of clusters outside their windows',
  async (_, options, text) => {
    expect(await rowOf(options)).toBe(text);
  },
);
