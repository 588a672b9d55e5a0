import { describe, expect, test } from 'vitest';
import { failuresIn } from '../../../src/cli/journal/failures.ts';
import type { Event } from '../../../src/core/events/event.ts';
import type { HostRecap } from '../../../src/core/events/recap.ts';
import type { Change } from '../../../src/core/plan.ts';
import { COMMENT } from '../../../src/report/formats/page-size.ts';
import { wholeText } from '../../../src/report/formats/report-kinds.ts';
import { github } from '../../../src/report/reports/github.ts';
import { gitlab, gitlabLog } from '../../../src/report/reports/gitlab.ts';
import { json } from '../../../src/report/reports/json.ts';
import { junit } from '../../../src/report/reports/junit.ts';
import { markdown } from '../../../src/report/reports/markdown.ts';
import { failuresOf, sentenceOf, warningsOf } from '../../../src/report/reports/summary.ts';
import { LEAF_CHANGES, PLAY, recap, renewal } from '../support/cluster.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { htmlPageOf, plansShown } from './support/pages.ts';
import { recordOf } from './support/records.ts';

const HOSTS = ['prod-m1', 'prod-m2'] as const;
const OLD = '2026-11-23T15:12:00.000Z';
const REASON =
  'apiserver of prod-m1 (and 1 more) expired 1d ago, before cluster prod may be changed: outside its windows';
const REMEDY = 'give the cluster an earlier window';

const { behind: _, ...window } = EVERY_EVENT['window-late'];
const LATE: Event = {
  ...window,
  certificates: HOSTS.map((host) => ({ host, name: 'apiserver', ends: OLD })),
  reason: REASON,
  remedy: REMEDY,
};
const WAITS = 'leave this run alone: it waits';
const SHUT: Event = { ...EVERY_EVENT['window-shut'], hosts: HOSTS, counts: 'left', remedy: WAITS };
const WAITING = EVERY_EVENT['window-waiting'];

/** A run over a cluster whose certificates expire before its window. @param more what happens then */
function runOf(hosts: readonly HostRecap[], { writes = true, more = [SHUT, WAITING] as readonly Event[] } = {}) {
  const begun = { ...EVERY_EVENT['run-started'], writes };
  const { noUndo: _, contacts: __, declined: ___, ...end } = EVERY_EVENT['run-finished'];
  return [begun, { ...EVERY_EVENT['play-started'], hosts: HOSTS }, LATE, ...more, { ...end, hosts }] as const;
}

const recordOfRun = (...run: Parameters<typeof runOf>) => recordOf(runOf(...run).map((event, index) => [index, event]));
const both = (more: Partial<HostRecap> = {}) => HOSTS.map((host) => recap(host, more));
const IDLE = both({ ok: 0, changed: 0, state: 'unchanged', changes: [] });
const restored = (ends: string | undefined): Change => ({
  ...renewal('apiserver'),
  after: { restored: '20261124T151244Z-3f9c', ...(ends !== undefined && { ends }) },
});

describe('a run that waited for the window, and has renewed what expired before it', () => {
  const record = recordOfRun(both());

  test('has no failure in any report, only a warning', () => {
    const inRepository = (file: string) => file;
    const page = wholeText(markdown(record, plansShown(), COMMENT));
    const texts = {
      junit: wholeText(junit(record)),
      json: wholeText(json(record)),
      page,
      html: wholeText(htmlPageOf(record)),
      github: wholeText(github(record, inRepository)),
      gitlab: wholeText(gitlab(record, inRepository)),
      log: wholeText(gitlabLog(record, inRepository)),
    };
    expect(texts.junit).toMatch(/ tests="2" failures="0" errors="0"/);
    expect(JSON.parse(texts.json)).toMatchObject({ failures: [] });
    expect(texts.page).not.toContain('What went wrong');
    expect(texts.page).toContain('## Warnings\n\n- **prod-m1, prod-m2**: apiserver of prod-m1');
    expect(texts.html).not.toMatch(/\brefused:|What went wrong/);
    expect(texts.html).toContain('; renewed since');
    expect(texts.github).not.toContain('::error');
    expect(texts.github).toContain(`::warning title=prod-m1%2C prod-m2::${REASON}; renewed since\n`);
    expect(JSON.parse(texts.gitlab)).toMatchObject([{ severity: 'minor' }, { severity: 'minor' }]);
    for (const text of Object.values(texts)) {
      expect(text).not.toContain(REMEDY);
      expect(text).not.toContain(WAITS);
      expect(text).not.toMatch(/\d hosts? refused|before their window/);
    }
  });

  test('has nothing under "What went wrong" of kplay show', () => {
    const told = (events: readonly Event[]) =>
      failuresIn(
        events.map((event, index) => ({
          version: 1,
          sequence: index,
          time: new Date(0),
          entry: { type: 'event', event },
        })),
      );
    expect(told(runOf(both()))).toEqual([]);
    // While it waits, they are what is wrong.
    expect(told(runOf(both()).slice(0, -1))).toMatchObject([{ hosts: HOSTS, code: 'window-late', remedy: REMEDY }]);
  });
});

test.each<[string, readonly HostRecap[], Parameters<typeof runOf>[1]?]>([
  ['not got to it', IDLE],
  ['only planned it', both(), { writes: false }],
  ['left it', IDLE, { more: [SHUT] }],
  ['renewed something else', both({ changes: LEAF_CHANGES.filter(({ target }) => target !== 'apiserver') })],
  ['put them back', both({ state: 'restored', restored: 1, changes: [] })],
  ['not put them back completely', both({ state: 'not-restored' })],
  ['put them back by a task', both({ changes: [...LEAF_CHANGES, restored(OLD)] })],
  ['put back what cannot be read', both({ changes: [...LEAF_CHANGES, restored(undefined)] })],
  ['left the same expiry', both({ changes: [{ ...renewal('apiserver'), after: { ends: OLD } }] })],
])('a run that has %s still tells of certificates that expire before their window as of a failure', (_, hosts, how) => {
  const record = recordOfRun(hosts, how);
  expect(failuresOf(record)).toMatchObject([
    { kind: 'refused', hosts: HOSTS, reason: REASON, remedy: REMEDY, code: 'window-late' },
  ]);
  expect(wholeText(junit(record))).toContain(`name="${PLAY}: certificates last until its window"`);
  expect(sentenceOf(record)).toMatch(/^Certificates of 2 hosts expire before their window\. /);
});

test('only hosts whose certificates are still the old ones are left, with those of the others told', () => {
  const record = recordOfRun([recap('prod-m1'), recap('prod-m2', { changes: [] })]);
  const reason = `${REASON}; renewed since on prod-m1`;
  expect(failuresOf(record)).toMatchObject([{ kind: 'refused', hosts: ['prod-m2'], reason, remedy: REMEDY }]);
  expect(warningsOf(record).map((warning) => warning.reason)).toEqual([expect.stringContaining('outside its windows')]);
  expect(sentenceOf(record)).toMatch(/^Certificates of 1 host expire before their window\. /);
});

test('a cluster that was left for good says what to do: nothing waits for its window', () => {
  const { waits: __, ...shut } = EVERY_EVENT['window-shut'];
  const left: Event = { ...shut, counts: 'left', remedy: 'run it again then' };
  expect(warningsOf(recordOfRun(IDLE, { more: [left] }))).toMatchObject([{ remedy: 'run it again then' }]);
  expect(warningsOf(recordOfRun(IDLE)).map(({ remedy }) => remedy)).toEqual([undefined]);
});

test('a run that was interrupted before it began to wait for a window does not wait any more', () => {
  const stopped = [SHUT, EVERY_EVENT.interrupted, EVERY_EVENT['rollout-stopped']];
  const [left, ...others] = warningsOf(recordOfRun(IDLE, { more: stopped }));
  expect(left).toMatchObject({ reason: expect.stringContaining('outside its windows') });
  expect(left?.remedy).toBeUndefined();
  expect(others).toMatchObject([{ remedy: EVERY_EVENT['rollout-stopped'].remedy }]);
});

test('a host that is refused is not counted again because its certificates expire before their window', () => {
  const refused: Event = { ...EVERY_EVENT['window-shut'], hosts: HOSTS.slice(0, 1) };
  expect(sentenceOf(recordOfRun(IDLE, { more: [refused] }))).toMatch(
    /^1 host refused\. Certificates of 1 host expire before their window\. /,
  );
});
