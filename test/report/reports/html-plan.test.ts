import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import type { PlayPlan, ShownTaskPlan } from '../../../src/core/events/plan.ts';
import { PAGE, sizeOf } from '../../../src/report/formats/page-size.ts';
import { HOSTILE } from '../check/support/reports.ts';
import { MASTERS, RECOVERY_PLAN } from '../support/cluster.ts';
import { pageProblems } from '../support/page-problems.ts';
import { END as FLEET_END, PLANS as FLEET_PLANS, WAVES } from '../support/planned-fleet.ts';
import { GOOD_RUN, type Timed } from '../support/runs.ts';
import { htmlPageOf, plansShown } from './support/pages.ts';
import { END, FILE, hostilePlan, planned, planOf, REFUSAL, STARTED, withTask } from './support/planned.ts';
import { recordOf } from './support/records.ts';

function page(events: readonly Event[], { diff = false, bytes = PAGE.bytes } = {}): string {
  return htmlPageOf(recordOf(events.map((event, index): Timed => [index, event])), plansShown(events, diff), bytes);
}

/** The part of a page with its plans. */
function planIn(text: string): string {
  const [, plan = ''] = /<section><h2>The plan<\/h2>\n(.*)\n<\/section>\n(?=<\/main>|<section>)/s.exec(text) ?? [];
  return plan;
}

/** What a reader sees, without tags. */
function words(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
}

const changing = (...contents: readonly (readonly [before: string, after: string])[]): ShownTaskPlan => {
  const [first, ...others] = contents.map(([before, after], index) => ({
    ...FILE,
    target: `/etc/app-${index}.conf`,
    before: { content: before },
    after: { content: after },
  }));
  return { action: 'change', changes: [first ?? FILE, ...others] };
};

describe('the page of a plan', () => {
  test('shows each task on each host, its dates, its order and its refusals, and no hosts besides', () => {
    const hosts = RECOVERY_PLAN.hosts.map((host) => (host.host === 'prod-m3' ? withTask(host, 3, REFUSAL) : host));
    const order = { name: 'planned', reason: 'etcd has its quorum', batches: MASTERS.map((host) => [host]) };
    const text = page(planned({ ...RECOVERY_PLAN, order, hosts }));
    const plan = words(planIn(text));
    expect(plan).toContain('in planned order: etcd has its quorum.');
    expect(plan).toContain('One after another: prod-m1, prod-m2, prod-m3.');
    expect(plan).toContain('certs.regenerate create apiserver');
    expect(plan).toMatch(/refused : its etcd CA differs .* What to do: restore the CA from a backup/);
    expect(text).not.toContain('<h2>Hosts');
    expect(pageProblems(text)).toEqual([]);
  });

  test('of a fleet has a line for each cluster, then the plan of each, which is found by its hosts', () => {
    const text = page([STARTED, ...FLEET_PLANS, WAVES, { ...END, hosts: FLEET_END.hosts }]);
    expect(words(planIn(text))).toContain("Plan for 'Renew the leaf certificates': 6 clusters, wave by wave.");
    const lines = [...text.matchAll(/<td data-name="Cluster">([^<]*).*?<td data-name="To do">([^<]*)/g)];
    expect(lines.map(([, name, toDo]) => `${name}: ${toDo}`)).toEqual([
      'staging-eu: 1 host to change',
      'late: 1 host to change',
      'prod-eu: 2 hosts to change, 1 refused',
      'prod-us: nothing',
      'prod-ap: refused',
      'prod-sa: 1 unreachable',
    ]);
    const cards = [...text.matchAll(/<details class="card plan item" data-names="([^"]*)"/g)].map(([, names]) => names);
    expect(cards).toContain('prod-eu-m1 prod-eu-m2 prod-eu-m3');
    expect(cards).toHaveLength(4);
    expect(text).not.toContain('<h2>Clusters');
  });

  test('shows the difference of files where that is wanted, without secrets', () => {
    const events = planned(planOf({ m1: { action: 'change', changes: [FILE] } }));
    const plan = planIn(page(events, { diff: true }));
    expect(plan).toContain('<summary>1 line added, 1 removed</summary>');
    expect(plan).toContain('<del>-level: info\n</del>');
    expect(plan).toContain('<ins>+level: debug\n</ins>');
    expect(plan).toContain('<span> password: ***\n</span>');
    expect(plan).not.toContain('hunter');
    expect(planIn(page(events))).not.toContain('level');
  });

  test('shows it for a task that says so, and not for one that says otherwise', () => {
    const task = { ...changing(['a\n', 'b\n']), path: 'tasks.0' } as const;
    const saying = (diff: boolean): PlayPlan => ({
      ...planOf({ m1: task }),
      hosts: [{ host: 'm1', tasks: [{ ...task, diff }] }],
    });
    expect(page(planned(saying(true)))).toContain('<ins>+b\n</ins>');
    expect(page(planned(saying(false)), { diff: true })).not.toContain('<ins>');
  });

  test.each([
    ['password: a\n', 'password: b\n', 'only hidden values differ'],
    ['a\n'.repeat(1_100), 'b\n'.repeat(1_100), 'files differ'],
  ])('says why it shows no lines: %#', (before, after, why) => {
    expect(page(planned(planOf({ m1: changing([before, after]) })), { diff: true })).toContain(
      `<p class="note">${why}</p>`,
    );
  });

  test('collapses a long difference, and a plan with many lines', () => {
    const open = (text: string, what: string) =>
      text.match(new RegExp(`<details class="${what}[^>]* open>`, 'g')) ?? [];
    const of = (lines: number) => page(planned(planOf({ m1: changing(['', 'x\n'.repeat(lines)]) })), { diff: true });
    expect([open(of(20), 'diff'), open(of(20), 'card plan')].map(({ length }) => length)).toEqual([1, 1]);
    expect([open(of(30), 'diff'), open(of(30), 'card plan')].map(({ length }) => length)).toEqual([0, 1]);
    expect([open(of(100), 'diff'), open(of(100), 'card plan')].map(({ length }) => length)).toEqual([0, 0]);
  });

  test('shows each host once, with those for which the same is planned', () => {
    const [one, other] = [changing(['a\n', 'b\n']), changing(['a\n', 'c\n'])];
    const text = page(planned(planOf({ m1: one, m2: other, m3: one })), { diff: true });
    expect([...text.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, names]) => names)).toEqual(['m1, m3', 'm2']);
  });

  test('of a run stands at its end, collapsed, and its hosts are what is searched', () => {
    const text = htmlPageOf(recordOf(GOOD_RUN), plansShown());
    expect(text.indexOf('<h2>Hosts')).toBeLessThan(text.indexOf('<h2>The plan'));
    expect(text.match(/<details class="card plan[^>]*>/g)).toEqual(['<details class="card plan">']);
  });

  test.each([HOSTILE, '<script>alert(1)</script>', '"\' onload=x', '</pre></details>', '\u202egnp.exe\u0007'])(
    'shows hostile text as text, wherever it stands: %j',
    (text) => {
      expect(pageProblems(page(hostilePlan(text), { diff: true }))).toEqual([]);
    },
  );
});

describe('a plan that is larger than a page', () => {
  const contents = (index: number) => changing(['', `${index}\n${'x'.repeat(50)}\n`.repeat(20)]);
  const many = (number: number, prefix: string): PlayPlan => ({
    ...planOf(Object.fromEntries(Array.from({ length: number }, (_, index) => [`${prefix}${index}`, contents(index)]))),
    cluster: { kind: 'declared', name: prefix },
  });
  const headsIn = (text: string) => [...text.matchAll(/<h3>(\w+)<\/h3>/g)].length;
  const diffsIn = (text: string) => text.match(/<details class="diff"/g)?.length ?? 0;

  test('says what is left out, and what shows it: first differences, then hosts', () => {
    const plan = planned(many(1_000, 'm'));
    const text = page(plan, { diff: true });
    expect(sizeOf(planIn(text))).toBeLessThan(PAGE.bytes);
    expect(sizeOf(planIn(text))).toBeGreaterThan(0.9 * PAGE.bytes);
    expect(headsIn(text)).toBe(1_000);
    const said =
      /<b>Left out below<\/b>, because a page with more of them opens slowly: what only -v shows; all or some of the plan of (\d+) hosts: m\d+, .* and \d+ more\. For all of it: <code>kplay plan -v -D<\/code> with the same options\./;
    const [, left] = said.exec(text) ?? [];
    expect(Number(left) + diffsIn(text)).toBe(1_000);
    expect(diffsIn(text)).toBeGreaterThan(100);
    const smaller = page(plan, { diff: true, bytes: 100_000 });
    expect(headsIn(smaller)).toBeLessThan(1_000);
    expect(diffsIn(smaller)).toBe(0);
    expect(pageProblems(smaller)).toEqual([]);
  });

  test('is whole if there is room for it', () => {
    const plan = planned(many(500, 'm'));
    const all = page(plan, { diff: true, bytes: 10_000_000 });
    expect(all).not.toContain('eft out');
    expect(page(plan, { diff: true, bytes: sizeOf(planIn(all)) + 2_000 })).toBe(all);
  });

  test('does not leave out a small cluster for a large one', () => {
    const events = [...planned(many(2_000, 'large')).slice(0, -1), ...planned(many(1, 'small')).slice(2)];
    const [, small = ''] = page(events, { diff: true }).split('<b>cluster small</b>');
    expect(diffsIn(small)).toBe(1);
  });

  test('of many clusters keeps to its limit, and names the hosts of those that are missing', () => {
    const plans = Array.from({ length: 400 }, (_, index) => planned(many(3, `c${index}x`))[2]);
    const [, started] = planned(many(1, 'c0x'));
    const events = [STARTED, ...(started ? [started] : []), ...plans.flatMap((plan) => plan ?? []), END];
    const text = page(events, { diff: true, bytes: 300_000 });
    expect(sizeOf(planIn(text))).toBeLessThan(300_000);
    expect(text).toMatch(/all or some of the plan of \d+ hosts: /);
    expect(pageProblems(text)).toEqual([]);
  });
});
