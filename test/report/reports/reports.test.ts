import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import { github } from '../../../src/report/reports/github.ts';
import { json } from '../../../src/report/reports/json.ts';
import { junit } from '../../../src/report/reports/junit.ts';
import { FILE_REPORTS } from '../../../src/report/reports/kinds.ts';
import { markdown } from '../../../src/report/reports/markdown.ts';
import { failuresOf, sentenceOf, warningsOf } from '../../../src/report/reports/summary.ts';
import { HOSTILE } from '../check/support/reports.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { FAILED_RUN, finished, GOOD_RUN, IDLE_RUN, PLANNED_RUN, type Timed } from '../support/runs.ts';
import { type ReadElement, readXml } from '../support/xml-reader.ts';
import { againstJenkins } from './support/jenkins.ts';
import { recordOf, runOfAll } from './support/records.ts';

const ALL = Object.values(EVERY_EVENT) as readonly Event[];
const RUNS: readonly (readonly [name: string, run: readonly Timed[]])[] = [
  ['good', GOOD_RUN],
  ['failed', FAILED_RUN],
  ['with an unreachable host', PLANNED_RUN],
  ['idle', IDLE_RUN],
  ['of every event', runOfAll(ALL)],
  ['of hostile texts', runOfAll(ALL, (text) => `${text}${HOSTILE}`)],
  ['that has only begun', runOfAll(ALL.slice(0, 1))],
  ['that did not end', GOOD_RUN.slice(0, -1)],
];

const casesOf = ({ children }: ReadElement) => children.flatMap((suite) => suite.children);
const endedBy = (name: string, cases: readonly ReadElement[]) =>
  cases.filter(({ children }) => children.some((child) => child.name === name)).length;

describe.each(RUNS)('of a run that is %s', (_name, run) => {
  const record = recordOf(run);

  test.each([...FILE_REPORTS])('%s is written, and the same again', (_kind, report) => {
    expect(report(record)).toBe(report(recordOf(run)));
    expect(report(record).endsWith('\n')).toBe(true);
  });

  test('JUnit is valid, and its numbers are those of its cases', () => {
    const root = readXml(junit(record));
    expect(againstJenkins(root)).toEqual([]);
    expect(root.attributes).toMatchObject({
      tests: String(casesOf(root).length),
      failures: String(endedBy('failure', casesOf(root))),
      errors: String(endedBy('error', casesOf(root))),
    });
    for (const { attributes, children } of root.children)
      expect(attributes).toMatchObject({
        tests: String(children.length),
        skipped: String(endedBy('skipped', children)),
      });
  });

  test('JSON is a document that says in a sentence what happened', () => {
    expect(JSON.parse(json(record))).toMatchObject({ version: 1, summary: sentenceOf(record), runId: record.runId });
    expect(json(record)).not.toMatch(/(?!\n)\p{C}/u);
  });

  test('commands for GitHub are lines of their own, and no text begins one', () => {
    const lines = github(record).split('\n').slice(0, -1);
    expect(lines.filter((line) => !/^(::(group|endgroup|error|warning)\b| )/.test(line))).toEqual([]);
    expect(github(record)).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  test('Markdown holds no markup but its own', () => {
    expect(markdown(record)).not.toMatch(/<|(?!\n)\p{C}/u);
  });
});

describe('a run', () => {
  test('that went well is told by what it came to', () => {
    expect(sentenceOf(recordOf(GOOD_RUN))).toMatch(/^\d+ certificates renewed on 3 hosts: 2026-11-23 → 2027-11-24\. /);
    expect(failuresOf(recordOf(GOOD_RUN))).toEqual([]);
  });

  test('that failed says so first, with what to do, and what was restored', () => {
    const record = recordOf(FAILED_RUN);
    expect(sentenceOf(record)).toMatch(/^1 host failed, 1 restored\. /);
    expect(failuresOf(record)).toMatchObject([{ kind: 'failed', hosts: ['prod-m2'], task: 'Restart what reads them' }]);
    expect(markdown(record)).toMatch(/^## What went wrong\n\n- \*\*prod\\-m2\*\* failed in Restart what reads them: /m);
  });

  test('that only planned says what would be done', () => {
    const planned = GOOD_RUN.filter(([, { type }]) => !/^(task|stage|batch)-/.test(type)).map(
      ([atMs, event]): Timed => [atMs, event.type === 'run-started' ? { ...event, writes: false } : event],
    );
    const record = recordOf(planned);
    expect(sentenceOf(record)).toMatch(/^3 hosts to change, 0 unchanged, 0 refused\. Nothing was written\. /);
    expect(casesOf(readXml(junit(record)))).toHaveLength(21);
  });

  test('tells a failure that was rescued or ignored as a warning, and JUnit has it as passed', () => {
    const [m1 = '', m2 = ''] = ['prod-m1', 'prod-m2'];
    const record = recordOf([
      ...GOOD_RUN.slice(0, 1),
      [1, EVERY_EVENT['play-started']],
      [2, finished(5, m1, { outcome: 'failed', reason: 'no answer' })],
      [3, { ...EVERY_EVENT['task-rescued'], host: m1 }],
      [4, finished(5, m2, { outcome: 'ignored', reason: 'no answer' })],
    ]);
    expect(failuresOf(record)).toEqual([]);
    expect(warningsOf(record).map(({ hosts, reason }) => `${hosts[0]} ${reason}`)).toEqual([
      "prod-m1 'Restart what reads them' failed, rescued: no answer",
      "prod-m2 'Restart what reads them' failed, ignored: no answer",
    ]);
    const cases = casesOf(readXml(junit(record)));
    expect([endedBy('failure', cases), endedBy('system-out', cases)]).toEqual([0, 2]);
  });

  test('annotates failures and warnings for GitHub', () => {
    expect(github(recordOf(FAILED_RUN))).toMatch(/^::error title=prod-m2 failed in Restart what reads them::/m);
  });
});
