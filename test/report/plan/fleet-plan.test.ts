import { describe, expect, test } from 'vitest';
import type { ClusterWindow } from '../../../src/core/cluster.ts';
import type { Event } from '../../../src/core/events/event.ts';
import { FleetPlanFormatter } from '../../../src/report/plan/fleet-plan-formatter.ts';
import { waveLines } from '../../../src/report/progress/waves.ts';
import type { FleetPlanShown } from '../../../src/report/reporter.ts';
import { displayWidth } from '../../../src/report/text/width.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { COLORED, PLAIN, withTags } from '../support/options.ts';
import { CHANGE, END, NONE, NOW, OPEN, PLANS, PLAY, planned, REFUSED, SHUT, WAVES } from '../support/planned-fleet.ts';

/** With another window where it is shut. */
function withWindow(event: Event, window: ClusterWindow): Event {
  return event.type === 'play-planned' && event.plan.window === SHUT
    ? { ...event, plan: { ...event.plan, window } }
    : event;
}

/** What is shown of a plan, event by event. */
function shown(events: readonly Event[], width: number, shows: Partial<FleetPlanShown> = {}, options = PLAIN): string {
  const formatter = new FleetPlanFormatter({
    ...options,
    now: () => NOW,
    fleetPlan: { isDetailed: false, isOfRun: false, ...shows },
  });
  return events.flatMap((event) => formatter.before(event, width)).join('\n');
}

describe('the plan of a fleet', () => {
  test.each([60, 120, 200, Number.POSITIVE_INFINITY])('is a line a cluster in %d columns', async (width) => {
    const text = shown([...PLANS, WAVES, END], width);
    await expect(`${text}\n`).toMatchFileSnapshot(`../golden/fleet-plan-${width}.txt`);
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  test('is coloured, and says the same without', async () => {
    const colored = shown([...PLANS, WAVES, END], 120, {}, COLORED);
    await expect(`${withTags(colored)}\n`).toMatchFileSnapshot('../golden/fleet-plan-120-colored.txt');
    expect(withTags(colored).replace(/<\/?\w*>/g, '')).toBe(shown([...PLANS, WAVES, END], 120));
  });

  test('says which soak comes before a cluster', () => {
    const [canary, rest] = WAVES.waves;
    const soaking = { ...WAVES, waves: [{ ...canary, soakMs: 5_400_000 }, rest] };
    expect(waveLines(soaking)).toContain('wave canary: staging-eu; max_failed 0; soaks 1h 30m');
    expect(shown([...PLANS, soaking, END], Number.POSITIVE_INFINITY)).toMatch(
      /prod-eu .* after wave canary and its soak of 1h 30m, when it is approved; /,
    );
  });

  test('says which clusters wait for others of their wave, by how many run at once and how many may fail', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const clusters = [
      ...names.map((name) => planned(name, undefined, name === 'b' ? [NONE] : [CHANGE], name === 'e' ? SHUT : OPEN)),
    ];
    const starts = (events: readonly Event[], sideBySide?: number) =>
      [
        ...shown([...PLANS.slice(0, 1), ...clusters, ...events], Number.POSITIVE_INFINITY, {
          ...(sideBySide !== undefined && { sideBySide }),
        }).matchAll(/^\d {2}(\w) +(?:\w+ +)??(?:1 host to change|nothing)(.*?)(?:; open .*)?$/gm),
      ].map(([, name, text = '']) => `${name}: ${text.trim()}`.trim());
    const waves = (more: object, whole: object = {}): Event => ({
      ...{ type: 'rollout-planned', play: PLAY, ...whole },
      waves: [
        { name: 'x', clusters: ['a', 'b'] },
        { name: 'y', clusters: ['c', 'd', 'e'], ...more },
      ],
    });
    const shut = `e: ${SHUT.reason}`;
    expect(starts([END], 2)).toEqual(['a: now', 'b:', 'c: now', 'd: when a place is free (2 at a time)', shut]);
    expect(starts([END], 1)).toEqual(['a: now', 'b:', 'c: after a', 'd: after c', shut]);
    const begun = (sideBySide: number): Event => ({ ...EVERY_EVENT['rollout-started'], play: PLAY, sideBySide });
    expect(starts([begun(1)])).toEqual(['a: now', 'b:', 'c: after a', 'd: after c', shut]);
    const inWaves = ['a: now', 'b:', 'c: after wave x', 'd: after wave x, after c', `e: after wave x; ${SHUT.reason}`];
    expect(starts([waves({ maxFailed: 0 }), END], 4)).toEqual(inWaves);
    expect(starts([waves({}, { maxFailed: 0 }), END], 4)).toEqual(inWaves);
    expect(starts([waves({}), END], 4)[3]).toBe('d: after wave x');
  });

  test('says which clusters do not start because others before them cannot be changed', () => {
    const clusters = [
      planned('a', undefined, [CHANGE]),
      planned('b', undefined, [REFUSED]),
      planned('c', undefined, [CHANGE]),
      planned('d', undefined, [CHANGE], SHUT),
      planned('e', undefined, [CHANGE]),
    ];
    const starts = (x: object, y: object, whole: object, shows: Partial<FleetPlanShown> = {}) => {
      const waves: Event = {
        ...{ type: 'rollout-planned', play: PLAY, ...whole },
        waves: [
          { name: 'x', clusters: ['a', 'b', 'c'], ...x },
          { name: 'y', clusters: ['d'], ...y },
          { name: 'z', clusters: ['e'] },
        ],
      };
      const text = shown([...PLANS.slice(0, 1), ...clusters, waves, END], Number.POSITIVE_INFINITY, shows);
      return [...text.matchAll(/^\d {2}([acde]) .*1 host to change {2}(.*)$/gm)].map(
        ([, name, when]) => `${name}: ${when}`,
      );
    };
    const stop = 'not at all as things are: b has hosts that cannot be changed, and';
    const budget = `${stop} only 0 of wave x may fail (max_failed)`;
    expect(starts({ maxFailed: 0 }, {}, {})).toEqual([
      'a: now',
      ...['c', 'd', 'e'].map((name) => `${name}: ${budget}`),
    ]);
    const whole = `${stop} only 0 may fail (max_failed)`;
    expect(starts({}, {}, { maxFailed: 0 })).toEqual(['a: now', ...['c', 'd', 'e'].map((name) => `${name}: ${whole}`)]);
    const first = `${stop} wave x comes first`;
    expect(starts({ stopsOnFailure: true }, {}, {})).toEqual(['a: now', 'c: now', `d: ${first}`, `e: ${first}`]);
    expect(starts({ maxFailed: 1 }, {}, {})).toEqual([
      ...['a: now', 'c: now', `d: after wave x; ${SHUT.reason}`, 'e: after wave y'],
    ]);
    const ofRun = { isOfRun: true, whenShut: 'refused' } as const;
    expect(starts({ maxFailed: 1 }, {}, {}, ofRun).at(-1)).toBe(
      'e: not at all as things are: d is held back by its windows, and wave y comes first',
    );
    expect(starts({ maxFailed: 1 }, {}, {}, { ...ofRun, whenShut: 'overridden' }).at(-1)).toBe('e: after wave y');
  });

  test.each([
    ['refused', /^1 +prod-eu .* {2}refused; outside its windows; it may start /m, /^2 +staging-eu .* now; /m],
    ['skipped', /^1 +prod-eu .* {2}skipped; outside its windows; it may start /m, /^2 +staging-eu .* now; /m],
    [
      'overridden',
      /^1 +prod-eu .* {2}now; overridden; outside its windows; it may start /m,
      /^2 +stag.* after prod-eu; /m,
    ],
  ] as const)('of a run says that clusters outside their windows are %s', (whenShut, shut, other) => {
    const text = shown([...PLANS, END], Number.POSITIVE_INFINITY, { isOfRun: true, whenShut, sideBySide: 1 });
    expect(text).toMatch(shut);
    expect(text).toMatch(other);
  });

  test.each([
    ['refused', 'after wave canary; refused; outside'],
    ['skipped', 'after wave canary; skipped; outside'],
    ['overridden', 'after wave canary, when it is approved; overridden; outside'],
  ] as const)('of a run asks for no approval of a cluster that is left as it is (%s)', (whenShut, says) => {
    const text = shown([...PLANS, WAVES, END], Number.POSITIVE_INFINITY, { isOfRun: true, whenShut });
    expect(text.split('\n').find((line) => / prod-eu /.test(line))).toContain(says);
  });

  test.each([
    ['a plan', {}, undefined],
    ['a run', { isOfRun: true, whenShut: 'refused' }, '3 of the hosts to change are in clusters that do not start, as'],
    ['a run that skips them', { isOfRun: true, whenShut: 'skipped' }, '3 of the hosts to change are in clusters that'],
    ['a run that overrides their windows', { isOfRun: true, whenShut: 'overridden' }, undefined],
  ] as const)('says behind its totals how many of the hosts to change are not reached, in %s', (_, shows, says) => {
    const text = shown([...PLANS, END], Number.POSITIVE_INFINITY, shows);
    const [, behind = ''] = text.split('4 hosts to change, 2 unchanged, 3 refused.\n');
    if (says === undefined) expect(text).not.toContain('of the hosts to change');
    else expect(behind.startsWith(says)).toBe(true);
  });

  test('without a rollout is in the order of the plans', () => {
    const lines = shown([...PLANS, END], Number.POSITIVE_INFINITY).split('\n');
    const names = lines
      .filter((line) => /^(\d|-) {1,2}\S+ {2}/.test(line))
      .map((line) => line.split(/\s+/).slice(0, 2));
    expect(names).toEqual([
      ['1', 'prod-eu'],
      ['2', 'staging-eu'],
      ['3', 'late'],
      ['4', 'prod-us'],
      ['-', 'prod-ap'],
      ['-', 'prod-sa'],
    ]);
  });

  test.each([
    ['a plan', {}],
    ['a run that waits', { isOfRun: true }],
    ['a run', { isOfRun: true, whenShut: 'refused' }],
  ] as const)('calls a cluster refused where no window is ahead, not late, in %s', (_, shows) => {
    const { opens: _opens, ...never } = { ...SHUT, reason: 'outside its windows; there is no further window' };
    const events = PLANS.map((event) => withWindow(event, never));
    const text = shown([...events, END], Number.POSITIVE_INFINITY, shows);
    expect(text).toMatch(/late .* {2}refused; outside its windows; there is no further window$/m);
    expect(text).not.toContain('--window');
    const waves = { ...WAVES, waves: [{ name: 'first', clusters: ['late'] }, ...WAVES.waves] };
    expect(shown([...events, waves, END], Number.POSITIVE_INFINITY, shows)).toMatch(
      /staging-eu .* not at all as things are: late is held back by its windows, and wave first comes first$/m,
    );
  });

  test('says what is hidden and how to see it, unless it was shown', () => {
    const hint = 'To see what each task does to each host, use -v';
    expect(shown([...PLANS, END], Number.POSITIVE_INFINITY)).toContain(hint);
    const ofRun = shown([...PLANS, END], Number.POSITIVE_INFINITY, { isOfRun: true });
    expect(ofRun).toContain('use kplay plan -v');
    expect(ofRun).not.toContain('--window');
    expect(shown([...PLANS, END], Number.POSITIVE_INFINITY, { isDetailed: true })).not.toContain(hint);
  });

  test('says whom to turn to, where something needs attention', () => {
    const text = shown([...PLANS, END], Number.POSITIVE_INFINITY);
    expect(text).toMatch(/^- +prod-ap .* not at all: its hosts hold two etcd CAs; contact: Team AP, \+65 1234$/m);
  });

  test('is not shown again at the end of a run that has carried it out', () => {
    const begun: Event = { ...EVERY_EVENT['rollout-started'], play: PLAY };
    const [, planned1 = begun, planned2 = begun] = PLANS;
    const ofRun = (events: readonly Event[]) => shown(events, Number.POSITIVE_INFINITY, { isOfRun: true });
    const once = ofRun([...PLANS, WAVES, begun]);
    expect(once).toContain('Plan for ');
    expect(ofRun([...PLANS, WAVES, begun, planned1, planned2, END])).toBe(once);
    expect(ofRun([...PLANS, WAVES, begun, planned1, ...PLANS, END]).match(/^Plan for /gm)).toHaveLength(2);
  });

  test('is nothing where there is one cluster, or where nobody asked for it', () => {
    const [start, first] = PLANS;
    if (!start || !first) throw new Error('no plans');
    expect(shown([start, first, EVERY_EVENT['run-finished']], 80)).toBe('');
    const formatter = new FleetPlanFormatter({ ...PLAIN, now: () => NOW });
    expect([...PLANS, END].flatMap((event) => formatter.before(event, 80))).toEqual([]);
  });

  test('that workers have made is shown even of one cluster, with where the rest is to be seen', () => {
    const [start] = PLANS;
    const planned = { ...EVERY_EVENT['cluster-planned'], play: PLAY };
    const waves: Event = { ...EVERY_EVENT['rollout-planned'], waves: [{ name: 'all', clusters: ['prod'] }] };
    const text = shown([start ?? END, planned, waves, EVERY_EVENT['rollout-started']], Number.POSITIVE_INFINITY, {
      isOfRun: true,
    });
    expect(text).toMatch(
      /^1 +prod +all +\d hosts? to change.* outside its windows; it may start .*; refused: prod-m1: /m,
    );
    expect(text).toContain('use kplay plan -v on a machine that reaches the cluster');
    expect(text).not.toContain('kplay run -v');
  });

  test('tells hosts that will fail from those that are refused', () => {
    const [start] = PLANS;
    const planned = EVERY_EVENT['cluster-planned'];
    const rowOf = (refused: number, failing: number): string => {
      const totals = { change: 1, mayChange: 0, unchanged: 0, changes: 1, refused, failing };
      const told = { ...planned, play: PLAY, totals, refused: "prod-m1: 'Assert': x is not y: it fails" };
      return shown([start ?? END, told, EVERY_EVENT['rollout-started']], Number.POSITIVE_INFINITY, { isOfRun: true });
    };
    const failing = rowOf(2, 2);
    expect(failing).toMatch(/^1 +prod .*1 host to change, 2 will fail .*; prod-m1: 'Assert': x is not y: it fails/m);
    expect(failing).toContain('1 host to change, 0 unchanged, 0 refused, 2 will fail.');
    expect(failing).not.toContain('; refused: ');
    expect(rowOf(3, 1)).toMatch(/^1 +prod .*1 host to change, 2 refused, 1 will fail .*; refused: prod-m1: /m);
  });

  test('of each play of a playbook is shown when it is complete', () => {
    const twice = shown([...PLANS, ...PLANS, END], Number.POSITIVE_INFINITY);
    expect(twice.match(/^Plan for /gm)).toHaveLength(2);
    expect(twice.match(/^1 +prod-eu /gm)).toHaveLength(2);
  });
});
