import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import { COMMENT } from '../../../src/report/formats/page-size.ts';
import { type InRepository, wholeText } from '../../../src/report/formats/report-kinds.ts';
import { github as githubOf } from '../../../src/report/reports/github.ts';
import { gitlabLog as gitlabLogOf, gitlab as gitlabOf } from '../../../src/report/reports/gitlab.ts';
import { json as jsonPieces } from '../../../src/report/reports/json.ts';
import { junit as junitPieces } from '../../../src/report/reports/junit.ts';
import { runReports } from '../../../src/report/reports/kinds.ts';
import { markdown as markdownOf } from '../../../src/report/reports/markdown.ts';
import type { RunRecord } from '../../../src/report/reports/run-record.ts';
import { failuresOf, sentenceOf, warningsOf } from '../../../src/report/reports/summary.ts';
import { markdownText } from '../../../src/report/text/markdown-text.ts';
import { HOSTILE } from '../check/support/reports.ts';
import { PLAY } from '../support/cluster.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { failedFleet, renewedFleet } from '../support/fleet-runs.ts';
import { againstCodeQuality, readSections } from '../support/gitlab.ts';
import { FAILED_RUN, finished, GOOD_RUN, IDLE_RUN, PLANNED_RUN, type Timed } from '../support/runs.ts';
import { type ReadElement, readXml } from '../support/xml-reader.ts';
import { againstJenkins } from './support/jenkins.ts';
import { htmlPageOf as html, plansShown } from './support/pages.ts';
import { recordOf, runOfAll } from './support/records.ts';

/** Everything but what begins with a slash stands in the repository. */
const inRepository: InRepository = (file) => (file.startsWith('/') ? undefined : file.replace(/^\.\//, ''));
const github = (run: RunRecord) => githubOf(run, inRepository);
const gitlab = (run: RunRecord) => gitlabOf(run, inRepository);
const gitlabLog = (run: RunRecord) => gitlabLogOf(run, inRepository);
const json = (run: RunRecord) => wholeText(jsonPieces(run));
const SHOWN = plansShown();
const RUN_REPORTS = runReports(SHOWN);
const markdown = (run: RunRecord) => markdownOf(run, SHOWN, COMMENT);
const junit = (run: RunRecord) => wholeText(junitPieces(run));

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

  test.each([...RUN_REPORTS.files, ...RUN_REPORTS.logs])('%s is written, and the same again', (_kind, report) => {
    const text = wholeText(report(record, inRepository));
    expect(text).toBe(wholeText(report(recordOf(run), inRepository)));
    expect(text).toMatch(/^$|\n$/);
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
    expect(markdown(record).replaceAll('<!-- -->', '')).not.toMatch(/<|(?!\n)\p{C}/u);
  });
});

describe('a cluster that was not well after its change', () => {
  const begun: Event = {
    ...EVERY_EVENT['cluster-started'],
    cluster: { kind: 'declared', name: 'prod' },
    hosts: ['prod-m1', 'prod-m2'],
  };

  test.each(['cluster-check', 'wave-settled'] as const)('has failed in every report (%s)', (type) => {
    const said: Timed[] = [begun, EVERY_EVENT[type]].map((event, index) => [index + 2, event]);
    const [first, second, ...rest] = GOOD_RUN;
    if (!first || !second) throw new Error('no run');
    const record = recordOf([first, second, ...said, ...rest.map(([at, event]): Timed => [at + 9, event])]);
    const root = readXml(junit(record));
    const failed = casesOf(root).filter(({ children }) => children.some(({ name }) => name === 'failure'));
    expect(failed.map(({ attributes }) => [attributes['classname'], attributes['name']])).toEqual([
      ['prod-m1', `${PLAY}: works after its change`],
      ['prod-m2', `${PLAY}: works after its change`],
    ]);
    expect(markdown(record)).toMatch(/^- \*\*prod-m1, prod-m2\*\* failed: /m);
    expect(sentenceOf(record)).toMatch(/^2 hosts failed\. /);
  });
});

test('what is to be said of each cluster stands in an annotation, and the details of a task do not', () => {
  const [first, second, ...rest] = GOOD_RUN;
  if (!first || !second) throw new Error('no run');
  const details = [['cluster size', '3 members']] as const;
  const said: Timed[] = [
    [2, { ...EVERY_EVENT['task-finished'], outcome: 'failed', reason: 'no quorum', details }],
    [3, { ...EVERY_EVENT['wave-settled'], failed: [{ cluster: 'prod', reason: 'a node is not Ready' }] }],
  ];
  const text = github(recordOf([first, second, ...said, ...rest.map(([at, event]): Timed => [at + 9, event])]));
  expect(text).toContain('; cluster prod a node is not Ready');
  expect(text).toContain('no quorum');
  expect(text).not.toContain('3 members');
});

test('no report names a page about a message of the playbook itself: there is none on the screen', () => {
  const [first, second, ...rest] = GOOD_RUN;
  if (!first || !second) throw new Error('no run');
  const bad: Event = { ...EVERY_EVENT['task-finished'], outcome: 'failed', code: 'command-failed' };
  const record = recordOf([first, second, [2, bad], ...rest.map(([at, event]): Timed => [at + 9, event])]);
  for (const text of [junit(record), html(record), markdown(record)])
    expect(text).not.toContain('explain command-failed');
});

test.each(['host-unreachable', 'host-refused', 'play-refused', 'task-finished'] as const)(
  'where more is said of a failure stands in every report (%s)',
  (type) => {
    const [first, second, ...rest] = GOOD_RUN;
    if (!first || !second) throw new Error('no run');
    const code = 'unreachable-timeout';
    const bad: Event =
      type === 'task-finished'
        ? { ...EVERY_EVENT[type], outcome: 'failed', code }
        : type === 'host-unreachable'
          ? { ...EVERY_EVENT[type], cause: 'timeout' }
          : { ...EVERY_EVENT[type], code };
    const record = recordOf([first, second, [2, bad], ...rest.map(([at, event]): Timed => [at + 9, event])]);
    const more = `kplay explain ${code}, or docs/troubleshooting.md#${code}`;
    expect(junit(record)).toContain(`more: ${more}`);
    expect(html(record)).toContain(`<p>More: <code>${more}</code></p>`);
    expect(markdown(record).replaceAll('\\', '')).toContain(`  - More: ${more}`);
  },
);

test.each(['task-finished', 'warning'] as const)('every host stands in Markdown with its own reason (%s)', (type) => {
  const [first, second, ...rest] = GOOD_RUN;
  if (!first || !second) throw new Error('no run');
  const hosts = Array.from({ length: 30 }, (_, index) => `n${index + 1}`);
  const reasonOf = (index: number): string => (index % 2 === 0 ? 'disk full' : 'no space');
  const bad = hosts.map((host, index): Timed => {
    const event: Event =
      type === 'warning'
        ? { type, hosts: [host], message: reasonOf(index) }
        : { ...EVERY_EVENT[type], host, outcome: 'failed', reason: reasonOf(index), details: [] };
    return [2, event];
  });
  const lines = markdown(recordOf([first, second, ...bad, ...rest.map(([at, event]): Timed => [at + 9, event])])).split(
    '\n',
  );
  for (const index of [0, 1]) {
    const at = lines.findIndex((line) => line.startsWith('- **') && line.endsWith(`: ${reasonOf(index)}`));
    const own = hosts.filter((_, other) => other % 2 === index);
    expect(lines[at]).toContain(`**${own.slice(0, 7).join(', ')} and 8 more**`);
    expect(lines[at + 1]).toBe(`  - Hosts: ${own.join(', ')}`);
  }
});

test('what to do about a warning stands on a line of its own in Markdown', () => {
  const [first, second, ...rest] = GOOD_RUN;
  if (!first || !second) throw new Error('no run');
  const warning: Event = { type: 'warning', hosts: ['m1'], message: 'it has expired', remedy: 'make another' };
  const record = recordOf([first, second, [2, warning], ...rest.map(([at, event]): Timed => [at + 9, event])]);
  expect(markdown(record)).toContain('- **m1**: it has expired\n  - What to do: make another\n');
});

test('a warning because of which hosts take no part is explained as on the screen', () => {
  const [first, second, ...rest] = GOOD_RUN;
  if (!first || !second) throw new Error('no run');
  const message = 'not started: the plan was made for another order';
  const warning: Event = { type: 'warning', hosts: ['m1'], message, remedy: 'run again', code: 'order-changed' };
  const record = recordOf([first, second, [2, warning], ...rest.map(([at, event]): Timed => [at + 9, event])]);
  const more = 'kplay explain order-changed, or docs/troubleshooting.md#order-changed';
  expect(markdown(record)).toContain(`\n  - What to do: run again\n  - More: ${markdownText(more)}\n`);
  expect(html(record)).toContain(`<p>More: <code>${more}</code></p>`);
});

test('a pause is told with its end, and nobody is told to lift it: the run has ended', () => {
  const [first, second, ...rest] = GOOD_RUN;
  if (!first || !second) throw new Error('no run');
  const said: Timed[] = [
    [2, { ...EVERY_EVENT['run-paused'], remedy: 'kplay resume RUN' }],
    [3, EVERY_EVENT['run-resumed']],
  ];
  const record = recordOf([first, second, ...said, ...rest.map(([at, event]): Timed => [at + 9, event])]);
  expect(warningsOf(record).map(({ reason, remedy }) => [reason.split(' by ')[0], remedy])).toEqual([
    ['the run is paused', undefined],
    ['the run is resumed', undefined],
  ]);
  expect(markdown(record)).not.toContain('kplay resume RUN');
});

test('which clusters were not started stands in every report that lists warnings', () => {
  const [first, second, ...rest] = GOOD_RUN;
  if (!first || !second) throw new Error('no run');
  const stopped: Event = { ...EVERY_EVENT['rollout-stopped'], clusters: ['prod-eu', 'prod_us'] };
  const record = recordOf([first, second, [2, stopped], ...rest.map(([at, event]): Timed => [at + 9, event])]);
  const lines = markdown(record).split('\n');
  const at = lines.findIndex((line) => line.startsWith('- no more clusters start: '));
  expect(lines.slice(at + 1, at + 4)).toEqual([
    '  - cluster prod-eu: not started',
    '  - cluster prod\\_us: not started',
    expect.stringMatching(/^ {2}- What to do: /),
  ]);
  for (const cluster of stopped.clusters)
    expect(html(record)).toMatch(new RegExp(`cluster ${cluster}.{0,40}not started`));
  expect(JSON.parse(json(record)).plays[0].troubles[0].details).toEqual([
    ['cluster prod-eu', 'not started'],
    ['cluster prod_us', 'not started'],
  ]);
  const line = 'cluster prod-eu not started, cluster prod_us not started';
  expect(github(record)).toMatch(new RegExp(`^::warning .*no more clusters start: .*${line}`, 'm'));
  expect(JSON.parse(gitlab(record))[0].description).toContain(line);
});

test.each([
  ['kplay check -i prod.yml --state a_b', '`kplay check -i prod.yml --state a_b`'],
  [
    'to undo it: kplay rollback -i prod.yml --backup 2026-3f9c',
    'to undo it: `kplay rollback -i prod.yml --backup 2026-3f9c`',
  ],
  ["kplay check -i 'a`b'", "kplay check -i 'a\\`b'"],
  ["kplay check -i 'a<b'", "kplay check -i 'a&lt;b'"],
  ['look at prod-m1', 'look at prod-m1'],
])('a command that comes next can be copied from the source of the Markdown: %s', (line, shown) => {
  const run = FAILED_RUN.map(
    ([at, event]): Timed => [at, event.type === 'run-finished' ? { ...event, next: [line] } : event],
  );
  expect(markdown(recordOf(run))).toContain(`## Next\n\n- ${shown}\n`);
});

test('a run that cannot be undone has that below its end, and not among what comes next', () => {
  const noUndo = recordOf(GOOD_RUN).hosts.map(({ host }) => host);
  const run = GOOD_RUN.map(
    ([at, event]): Timed => [at, event.type === 'run-finished' ? { ...event, next: [], noUndo } : event],
  );
  const text = markdown(recordOf(run));
  expect(text).toContain(
    '\n\nNo undo is offered: the certificates before it have expired, expire within a day, or cannot be used.',
  );
  expect(text).not.toContain('## Next');
});

test('what begins a list or a number does so in no Markdown, and is left as it is elsewhere', () => {
  const texts = ['- one', ' -two', '12. three', 'pod-4 until 2026-11-27, 3.5s'];
  expect(texts.map(markdownText)).toEqual(['\\- one', ' \\-two', '12\\. three', 'pod-4 until 2026-11-27, 3.5s']);
});

test('the ends of certificates are told as before and now: old ones may still be ahead', () => {
  expect(markdown(recordOf(GOOD_RUN))).toContain('| host | certificate | old expiry | new expiry |');
});

test('hosts that failed alike are one item of a Markdown report, and each of their own in a JSON report', () => {
  const record = recordOf(failedFleet(30, (index) => (index === 7 ? 'read-only' : 'full')));
  const [, wrong = ''] = /## What went wrong\n\n(.*?)\n\n## /s.exec(markdown(record)) ?? [];
  expect(wrong.match(/^- \*\*.*/gm)).toEqual([
    expect.stringMatching(/^- \*\*kubernetes-master-0, .* and 22 more\*\* failed in .*: full$/),
    expect.stringMatching(/^- \*\*kubernetes-master-7\*\* failed in .*: read-only$/),
  ]);
  expect(JSON.parse(json(record)).failures).toHaveLength(30);
});

describe('a run', () => {
  test('that went well is told by what it came to', () => {
    expect(sentenceOf(recordOf(GOOD_RUN))).toMatch(/^\d+ certificates renewed on 3 hosts: 2026-11-23 → 2027-11-24\. /);
    expect(failuresOf(recordOf(GOOD_RUN))).toEqual([]);
  });

  test('that failed says so first, with what to do, and what was restored', () => {
    const record = recordOf(FAILED_RUN);
    expect(sentenceOf(record)).toMatch(/^1 host failed, 1 restored\. /);
    expect(failuresOf(record)).toMatchObject([
      { kind: 'failed', hosts: ['prod-m2'], task: 'Restart the control plane' },
    ]);
    expect(markdown(record)).toMatch(/^## What went wrong\n\n- \*\*prod-m2\*\* failed in Restart the control plane: /m);
  });

  test('tells two failures of a host for one reason, each with its task, and the loss of a host once', () => {
    const failing = (name: string, host: string, outcome: 'failed' | 'unreachable'): Event => ({
      ...EVERY_EVENT['task-finished'],
      task: { path: name, name, step: 'command' },
      host,
      outcome,
      reason: 'the command ended with 1',
    });
    const record = recordOf([
      ...GOOD_RUN.slice(0, 1),
      [1, EVERY_EVENT['play-started']],
      [2, failing('Put it in place', 'prod-m1', 'failed')],
      [3, failing('Take it away', 'prod-m1', 'failed')],
      [4, failing('Take it away', 'prod-m1', 'failed')],
      [5, failing('Put it in place', 'prod-m2', 'unreachable')],
      [6, failing('Take it away', 'prod-m2', 'unreachable')],
    ]);
    expect(failuresOf(record).map(({ hosts, task }) => `${hosts[0]} ${task}`)).toEqual([
      'prod-m1 Put it in place',
      'prod-m1 Take it away',
      'prod-m2 Put it in place',
    ]);
    expect(sentenceOf(record)).toMatch(/1 host failed, 1 host unreachable/);
  });

  const onlyPlanned = GOOD_RUN.filter(([, { type }]) => !/^(task|stage|batch)-/.test(type)).map(
    ([atMs, event]): Timed => [atMs, event.type === 'run-started' ? { ...event, writes: false } : event],
  );

  test('that only planned says what would be done', () => {
    const record = recordOf(onlyPlanned);
    expect(sentenceOf(record)).toMatch(/^3 hosts to change, 0 unchanged, 0 refused\. Nothing was written\. /);
    expect(casesOf(readXml(junit(record)))).toHaveLength(21);
  });

  test('that only planned several clusters says what would be done in all of them, in one sentence', () => {
    const planned = onlyPlanned.flatMap((timed): readonly Timed[] =>
      timed[1].type === 'play-planned' ? [timed, timed] : [timed],
    );
    expect(sentenceOf(recordOf(planned))).toMatch(
      /^6 hosts to change, 0 unchanged, 0 refused\. Nothing was written\. /,
    );
  });

  test('that only planned tells what it knows will fail or be refused, in every report', () => {
    const planned = EVERY_EVENT['play-planned'];
    const [m1, m2, ...others] = planned.plan.hosts;
    const [first, second] = planned.plan.tasks;
    if (!m1 || !m2 || !first || !second) throw new Error('no plan');
    const refuse = { action: 'refuse', code: 'wrong-input', remedy: 'correct it' } as const;
    const hosts = [
      { ...m1, tasks: [{ ...refuse, path: second.path, reason: 'no such file', isFailure: true as const }] },
      { ...m2, tasks: [{ ...refuse, path: first.path, reason: 'no etcd' }] },
      // Only the run will tell.
      ...others.map((host) => ({
        ...host,
        tasks: [{ ...refuse, path: first.path, reason: 'perhaps', condition: 'only if' }],
      })),
    ];
    const plan: Event = { ...planned, plan: { ...planned.plan, hosts } };
    const record = recordOf(onlyPlanned.map(([at, event]) => [at, event.type === 'play-planned' ? plan : event]));
    expect(github(record)).toMatch(
      new RegExp(`^::error title=${m1.host} will fail in ${second.name}::no such file%0AWhat to do: correct it$`, 'm'),
    );
    expect(github(record)).not.toContain('::group::');
    expect(github(record)).toMatch(new RegExp(`^::error title=${m2.host} refused in ${first.name}::no etcd`, 'm'));
    expect(markdown(record)).toContain(`- **${m1.host}** will fail in ${second.name}: no such file\n`);
    expect(html(record)).toContain(`<b>${m1.host}</b> will fail in <b>${second.name}</b>`);
    expect(JSON.parse(gitlab(record))).toMatchObject([{ check_name: 'kplay/failed' }, { check_name: 'kplay/refused' }]);
    expect(JSON.parse(json(record))).toMatchObject({ failures: [{ isPlanned: true }, { isPlanned: true }] });
    expect(gitlabLog(record)).toContain(`${m2.host} refused in ${first.name}: no etcd`);
    // The totals of the plan say how many.
    expect(sentenceOf(record)).toMatch(/^\d+ hosts to change/);
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
      "prod-m1 'Restart the control plane' failed, rescued: no answer",
      "prod-m2 'Restart the control plane' failed, ignored: no answer",
    ]);
    const cases = casesOf(readXml(junit(record)));
    expect([endedBy('failure', cases), endedBy('system-out', cases)]).toEqual([0, 2]);
  });

  test('that was interrupted is no success in JUnit: a host that was begun has an error, one that was not is skipped', () => {
    const end = GOOD_RUN.find(([, { type }]) => type === 'run-finished')?.[1];
    if (end?.type !== 'run-finished') throw new Error('no end');
    const [m1, m2] = end.hosts;
    if (!m1 || !m2) throw new Error('no hosts');
    const stopped = { why: 'cancelled', at: 'Restart the control plane' } as const;
    const begun = { ...m1, state: 'restored', restored: 1, stopped } as const;
    const idle = { ...m2, state: 'unchanged', ok: 0, changed: 0, stopped } as const;
    const record = recordOf([
      ...GOOD_RUN.slice(0, 1),
      [1, { ...EVERY_EVENT['play-started'], hosts: [m1.host, m2.host] }],
      [2, finished(3, m1.host, { outcome: 'changed' })],
      [3, EVERY_EVENT.interrupted],
      [4, { ...end, exitCode: 130, hosts: [begun, idle] }],
    ]);
    const root = readXml(junit(record));
    expect(root.attributes).toMatchObject({ tests: '3', failures: '0', errors: '1' });
    expect(againstJenkins(root)).toEqual([]);
    expect(junit(record)).toContain('<error type="interrupted" message="interrupted: restored">');
    expect(endedBy('skipped', casesOf(root))).toBe(1);
  });

  test('annotates failures and warnings for GitHub', () => {
    expect(github(recordOf(FAILED_RUN))).toMatch(/^::error title=prod-m2 failed in Restart the control plane::/m);
  });

  test('is annotated where the task is written, if that is in the repository', () => {
    const [first, second] = GOOD_RUN;
    if (!first || !second) throw new Error('no run');
    const at = (file: string, line: number, outcome: 'failed' | 'ignored'): Event => {
      const event = finished(5, `m${line}`, { outcome, reason: 'no answer' });
      if (event.type !== 'task-finished') throw new Error('no end of a task');
      return { ...event, task: { ...event.task, position: { file, line, column: 7 } } };
    };
    const record = recordOf([
      first,
      second,
      [2, at('./roles/a, b/tasks/100%:main.yml', 3, 'failed')],
      [3, at('/usr/lib/kplay/renew-certs.yml', 4, 'failed')],
      [4, at('play.yml', 5, 'ignored')],
    ]);
    expect(github(record).match(/^::(error|warning) .*(?=::)/gm)).toEqual([
      '::error file=roles/a%2C b/tasks/100%25%3Amain.yml,line=3,col=7,title=m3 failed in Restart the control plane',
      '::error title=m4 failed in Restart the control plane',
      '::warning file=play.yml,line=5,col=7,title=m5',
    ]);
    const places = JSON.parse(gitlab(record)).map(({ location }: { location: unknown }) => location);
    expect(places).toEqual([
      { path: 'roles/a, b/tasks/100%:main.yml', lines: { begin: 3 } },
      { path: 'playbooks/renew-certs.yml', lines: { begin: 1 } },
      { path: 'play.yml', lines: { begin: 5 } },
    ]);
  });

  test('has no more annotations than GitHub shows before the one that says so', () => {
    const [first, second] = GOOD_RUN;
    if (!first || !second) throw new Error('no run');
    const failed = (number: number): Timed => [
      2,
      finished(5, `m${number}`, { outcome: 'failed', reason: `no ${number}` }),
    ];
    const ofFailures = (number: number) =>
      github(recordOf([first, second, ...Array.from({ length: number }, (_, index) => failed(index + 1))]))
        .split('\n')
        .filter((line) => line.startsWith('::error'));
    expect(ofFailures(10)).toHaveLength(10);
    expect(ofFailures(10).join('\n')).not.toContain('more errors');
    expect(ofFailures(12)).toHaveLength(13);
    expect(ofFailures(12)[9]).toMatch(/^::error title=3 more errors::GitHub shows 10 of a step: /);
  });

  test('has one annotation for hosts that have failed alike', () => {
    const [first, second] = GOOD_RUN;
    if (!first || !second) throw new Error('no run');
    const failed = (host: string, reason: string): Timed => [2, finished(5, host, { outcome: 'failed', reason })];
    const record = recordOf([first, second, failed('m1', 'no'), failed('m2', 'why'), failed('m3', 'no')]);
    expect(github(record).match(/^::error .*/gm)).toEqual([
      expect.stringMatching(/^::error title=m1%2C m3 failed in [^:]*::no$/),
      expect.stringMatching(/^::error title=m2 failed in [^:]*::why$/),
    ]);
  });
});

describe('GitLab', () => {
  test('is given code quality that it can read, whatever hosts say', () => {
    for (const [, run] of RUNS) expect(againstCodeQuality(gitlab(recordOf(run)))).toEqual([]);
    expect(againstCodeQuality(gitlab(recordOf(runOfAll(ALL, (text) => `${text}${HOSTILE}`))))).toEqual([]);
    expect(JSON.parse(gitlab(recordOf(FAILED_RUN)))).toMatchObject([
      {
        description: expect.stringMatching(
          /^prod-m2 failed in Restart the control plane: readyz did not answer within 120s\. What to do: look at the logs/,
        ),
        check_name: 'kplay/failed',
        severity: 'critical',
        location: { path: 'playbooks/renew-certs.yml', lines: { begin: 1 } },
      },
    ]);
    expect(JSON.parse(gitlab(recordOf(GOOD_RUN)))).toEqual([]);
  });

  test('has a section for each play that takes as long as the play, and what went wrong in one that is open', () => {
    const [play, end, ...others] = readSections(gitlabLog(recordOf(FAILED_RUN)));
    expect(play).toMatchObject({ isCollapsed: true, seconds: 150, head: PLAY });
    expect(end).toMatchObject({ isCollapsed: false, head: expect.stringContaining('1 host failed') });
    expect(end?.lines).toEqual([
      expect.stringMatching(
        /^ {2}prod-m2 failed in Restart the control plane: readyz did not answer within 120s\. What to do: /,
      ),
    ]);
    expect(others).toEqual([]);
    expect(readSections(gitlabLog(recordOf(runOfAll(ALL, (text) => `${text}${HOSTILE}`)))).length).toBeGreaterThan(1);
  });
});

test.each(['junit', 'json', 'html'])('%s of a fleet is never in memory as a whole', (kind) => {
  let [whole, longest] = [0, 0];
  for (const { length } of RUN_REPORTS.files.get(kind)?.(recordOf(renewedFleet(200)), inRepository) ?? '') {
    whole += length;
    longest = Math.max(longest, length);
  }
  expect(whole).toBeGreaterThan(100_000);
  expect(longest).toBeLessThan(whole / 10);
});
