import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import type { PlayPlan, ShownTaskPlan } from '../../../src/core/events/plan.ts';
import { COMMENT, type PageLimit, sizeOf } from '../../../src/report/formats/page-size.ts';
import { markdown } from '../../../src/report/reports/markdown.ts';
import { HOSTILE } from '../check/support/reports.ts';
import { MASTERS, masterPlan, RECOVERY_PLAN } from '../support/cluster.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { END as FLEET_END, PLANS as FLEET_PLANS, WAVES } from '../support/planned-fleet.ts';
import { GOOD_RUN, type Timed } from '../support/runs.ts';
import { plansShown } from './support/pages.ts';
import { END, FILE, hostilePlan, planned, planOf, REFUSAL, STARTED, withTask } from './support/planned.ts';
import { recordOf } from './support/records.ts';

function page(events: readonly Event[], { diff = false, limit = COMMENT } = {}): string {
  const record = recordOf(events.map((event, index): Timed => [index, event]));
  return markdown(record, plansShown(events, diff), limit);
}

const bounded = (bytes: number): PageLimit => ({ ...COMMENT, bytes });

/** What of a page is not in code, and whether it leaves anything open. */
function outsideOfCode(text: string): string {
  const outside: string[] = [];
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const [marks = ''] = /^ {0,3}`{3,}(?=\s*$)/.exec(line) ?? [];
    if (fence === undefined && marks !== '') fence = marks;
    else if (fence !== undefined && marks.trim().length >= fence.length) fence = undefined;
    else if (fence === undefined) outside.push(line);
  }
  expect(fence).toBeUndefined();
  const all = outside.join('\n');
  expect(all.match(/^<details( open)?>$/gm)?.length).toBe(all.match(/^<\/details>$/gm)?.length);
  return all;
}

describe('the Markdown of a plan', () => {
  test('shows each task on each host, its dates, its order and its refusals', async () => {
    const hosts = RECOVERY_PLAN.hosts.map((host) => (host.host === 'prod-m3' ? withTask(host, 3, REFUSAL) : host));
    const order = { name: 'planned', reason: 'etcd has its quorum', batches: MASTERS.map((host) => [host]) };
    await expect(page(planned({ ...RECOVERY_PLAN, order, hosts }))).toMatchFileSnapshot('../golden/plan.md');
  });

  test('of a fleet has a line for each cluster, then the plan of each', async () => {
    const { hosts, contacts = [] } = FLEET_END;
    const events = [STARTED, ...FLEET_PLANS, WAVES, { ...END, hosts, contacts }];
    await expect(page(events)).toMatchFileSnapshot('../golden/fleet-plan.md');
  });

  test('says what is decided only in the run', () => {
    const change: ShownTaskPlan = {
      action: 'change',
      changes: [{ kind: 'run', target: 'id -u', before: null, after: null, disruptive: false }],
    };
    const plan = planOf({ m1: change });
    const tasks = [
      ...plan.tasks,
      { path: 'tasks.1', name: 'Then', step: 'copy' },
      { path: 'tasks.2', name: 'Last', step: 'debug' },
    ];
    const hosts = plan.hosts.map((host) => ({
      ...host,
      tasks: [
        ...host.tasks,
        { action: 'change', changes: [FILE], path: 'tasks.1', condition: "only if 'The task' changes something" },
        { action: 'unknown', until: 'The task', path: 'tasks.2' },
      ] as const,
    }));
    const text = page(planned({ ...plan, tasks, hosts }));
    expect(text).toContain("    copy       only if 'The task' changes something:\n               ~ /etc/app.conf\n");
    expect(text).toContain("    debug        not known until 'The task' has run\n");
    expect(text).toContain(
      "\n</details>\n\nWhat follows 'The task' is planned again after it has run, and may then differ,",
    );
  });

  test('shows the difference of files where that is wanted, without secrets, and no line is cut', () => {
    const long = 'x'.repeat(500);
    const plan = planOf({ m1: { action: 'change', changes: [{ ...FILE, after: { content: `level: ${long}\n` } }] } });
    const text = page(planned(plan), { diff: true });
    expect(text).toContain(`-level: info\n`);
    expect(text).toContain(`+level: ${long}\n`);
    expect(text).toContain('-password: ***\n');
    expect(text).not.toContain('hunter');
    expect(page(planned(plan))).not.toContain('level');
  });

  test('is not collapsed if it is short', () => {
    expect(page(planned(RECOVERY_PLAN))).toContain(
      '\n<details open>\n<summary>3 hosts to change, 0 unchanged, 0 refused.</summary>\n\n```\n',
    );
    const hosts = ['a', 'b', 'c', 'd'].map((name) => ({ ...masterPlan(name), about: name }));
    expect(page(planned({ ...RECOVERY_PLAN, hosts }))).toContain('\n<details>\n<summary>4 hosts');
  });

  test('is not in the report of a run that writes', () => {
    const record = recordOf(GOOD_RUN);
    const text = markdown(record, plansShown(), COMMENT);
    expect(text).not.toContain('## The plan');
  });
});

describe('hostile text', () => {
  const TEXTS = [
    HOSTILE,
    '@octocat @org/team #123 GH-123 org/repo#123',
    '```\n</details>\n# Heading\n/lgtm\n/close',
    '``````````',
    '</summary></details><img src=x onerror=alert(1)>',
    '[a](javascript:alert(1)) ![b](https://evil.example/x.png) https://evil.example www.evil.example',
    '| a | b |\n|---|---|',
    '$x$ `code` **bold** ~~gone~~ <!-- hidden',
    '/lgtm',
  ];

  test.each(TEXTS)('does nothing, wherever it stands in a plan: %j', (text) => {
    const events = hostilePlan(text);
    const whole = page(events, { diff: true });
    const outside = outsideOfCode(whole);
    const bare = outside.replace(/^<\/?details( open)?>$|^<summary>[\w ,.]+<\/summary>$|<!-- -->/gm, '');
    expect(bare).not.toContain('<');
    expect(outside).not.toMatch(/@\w|#\d|GH-\d|:\/\/|www\.|(?<!\\)[`|$[](?!kplay)(?<!^- `)/);
    expect(whole).not.toMatch(/^(\/|#(?!#? ))/m);
    expect(whole).not.toMatch(/(?!\n)\p{C}/u);
  });
});

describe('a plan that is larger than a comment', () => {
  const change: ShownTaskPlan = { action: 'change', changes: [FILE] };
  const many = (number: number, prefix: string): PlayPlan => ({
    ...planOf(
      Object.fromEntries(
        Array.from({ length: number }, (_, index) => [
          `${prefix}${index}`,
          { ...change, changes: [{ ...FILE, summary: `version ${index}` }] } as const,
        ]),
      ),
    ),
    cluster: { kind: 'declared', name: prefix },
  });

  test('says what is left out, and is whole otherwise', () => {
    const text = page(planned(many(2_000, 'm')));
    expect(text.length).toBeLessThan(65_536);
    expect(text.length).toBeGreaterThan(60_000);
    expect(text).toMatch(
      /^\*\*Left out below\*\*, because a comment on GitHub holds 65,536 characters: what only -v shows; all or some of the plan of \d+ hosts: m\d+, m\d+, .* and \d+ more\. For all of it: `kplay plan -v` with the same options\.$/m,
    );
    expect(text).toMatch(/^ {2}… \d+ lines left out here\n```$/m);
    expect(text).toContain('\n\n## Next\n\n- `kplay run renew-certs.yml`\n');
    outsideOfCode(text);
  });

  test.each([500, 1_000])('leaves out nothing that there is room for (%i hosts)', (number) => {
    const all = page(planned(many(number, 'm')), { limit: bounded(1_000_000) });
    expect(all).not.toContain('eft out');
    const text = page(planned(many(number, 'm')), { limit: bounded(sizeOf(all) + 1_100) });
    expect(text).toBe(all);
    expect(text.match(/^ {2}m\d+$/gm)).toHaveLength(number);
  });

  test('names as much as it leaves out', () => {
    const text = page(planned(many(2_000, 'm')));
    const [, left] = /plan of (\d+) hosts/.exec(text) ?? [];
    const shown = text.match(/^ {2}m\d+$/gm)?.length ?? 0;
    expect([2_000, 2_001]).toContain(shown + Number(left));
  });

  test('a small cluster is not left out for a large one', () => {
    const events = [...planned(many(2_000, 'large')).slice(0, -1), ...planned(many(1, 'small')).slice(2)];
    expect(page(events)).toMatch(/^ {2}small0\n {4}some\.step {2}~ \/etc\/app\.conf {3}version 0\n```$/m);
  });

  test('of many clusters has the first, and says which are missing', () => {
    const plans = Array.from({ length: 400 }, (_, index) => planned(many(3, `c${index}-`))[2]);
    const events = [STARTED, EVERY_EVENT['play-started'], ...plans.flatMap((plan) => plan ?? []), END];
    const text = page(events);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/^\*\*Left out below\*\*, .*all or some of the plan of \d+ hosts: .*\. For all/m);
    expect(text).toContain('  c0-0\n');
    outsideOfCode(text);
  });

  test('of a fleet has the lines of all clusters, even if it has not all of their plans', () => {
    const plans = Array.from({ length: 60 }, (_, index) => planned(many(100, `cluster-${index}-of-many-`))[2]);
    const text = page([STARTED, EVERY_EVENT['play-started'], ...plans.flatMap((plan) => plan ?? []), END]);
    expect(text.length).toBeLessThan(65_536);
    expect(text.match(/^\d+ +cluster-\d+-of-many- +100 hosts to change/gm)).toHaveLength(60);
    expect(text).not.toContain('some of the clusters');
    expect(text).toContain('  cluster-50-of-many-0\n');
    outsideOfCode(text);
  });

  test('keeps to every limit, even if much more went wrong than was planned', () => {
    const refused = Object.fromEntries(
      Array.from({ length: 600 }, (_, index) => [`m${index}`, { ...REFUSAL, reason: `reason ${index} ${HOSTILE}` }]),
    );
    const events = planned(planOf(refused));
    for (const bytes of [2_500, 5_000, 10_000, 30_000, 65_000, 100_000]) {
      const text = page(events, { limit: bounded(bytes) });
      expect(sizeOf(text)).toBeLessThanOrEqual(bytes);
      expect(text).toContain('## What went wrong');
      outsideOfCode(text);
    }
  });
});
