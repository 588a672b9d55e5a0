import { describe, expect, it } from 'vitest';
import { fc } from '../support/random-cases.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report } from './support/workshop.ts';

const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4'];
const VALUES = ['v0', 'v1', 'v2'];
const NAMES = ['a', 'b', 'c'];
const RUNS = 80;

type Slots = Readonly<Record<string, string>>;

interface Case {
  readonly hosts: readonly Slots[];
  readonly head: string;
  readonly tasks: readonly string[];
}

const key = fc.constantFrom(...KEYS);
const value = fc.constantFrom(...VALUES);
const condition = fc.constantFrom(
  'true',
  'false',
  "inventory_hostname == 'a'",
  'play_hosts | length > 1',
  'wanted == "v1"',
);

const serial = fc.constantFrom('1', '2', '"50%"');

/** Tasks whose effects are known beforehand. */
function tasks(): fc.Arbitrary<string> {
  return fc.oneof(
    fc
      .tuple(fc.constantFrom('set', 'serve'), key, value, condition)
      .map(([step, name, text, when]) => `${step}: { key: ${name}, value: ${text} }\nwhen: ${when}`),
    fc
      .tuple(fc.subarray(KEYS, { minLength: 1 }), value)
      .map(([names, text]) => `set: { key: "{{ item }}", value: ${text} }\nloop: [${names.join(', ')}]`),
    fc
      .tuple(key, value, key, value)
      .map(
        ([first, text, second, other]) =>
          `set: { key: ${first}, value: ${text} }\nregister: made\n#set: { key: ${second}, value: ${other} }\nwhen: made is changed`,
      ),
    fc.subarray(KEYS, { minLength: 1 }).map((names) => `guard: { keys: [${names.join(', ')}] }`),
    key.map((name) => `say: "{{ inventory_hostname }} ${name}"`),
    key.map((name) => `follow: { from: ${name} }`),
  );
}

function cases(): fc.Arbitrary<Case> {
  return fc.record({
    hosts: fc.array(fc.dictionary(key, value, { maxKeys: 4 }), { minLength: 1, maxLength: 3 }),
    head: fc.oneof(
      fc.constant(''),
      serial.map((size) => `  serial: ${size}\n`),
    ),
    tasks: fc.array(tasks(), { minLength: 1, maxLength: 7 }),
  });
}

/** As YAML; `#` in the text of a task begins another. */
function playbookOf({ head, tasks: list }: Pick<Case, 'head' | 'tasks'>): string {
  const all = list.flatMap((text) => text.split('\n#'));
  return `- hosts: all\n${head}  vars: { wanted: v1 }\n  tasks:\n${all
    .map((text) => `    - ${text.replaceAll('\n', '\n      ')}\n`)
    .join('')}`;
}

function fleetOf({ hosts }: Pick<Case, 'hosts'>): readonly FakeHost[] {
  return hosts.map((slots, index) => new FakeHost(NAMES[index] ?? 'z', slots));
}

interface Essence {
  readonly kind: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

const essence = (changes: readonly Essence[]): readonly Essence[] =>
  changes.map(({ kind, target, before, after }) => ({ kind, target, before, after }));

function planned({ result }: Report): Readonly<Record<string, readonly Essence[]>> {
  const hosts = result.plans[0]?.hosts ?? [];
  return Object.fromEntries(
    hosts.map(({ host, tasks: list }) => [
      host,
      essence(list.flatMap((task) => (task.action === 'change' ? task.changes : []))),
    ]),
  );
}

function made({ result }: Report): Readonly<Record<string, readonly Essence[]>> {
  return Object.fromEntries(result.hosts.map(({ host, changes }) => [host, essence(changes)]));
}

/** What changes come to, whatever was there before. */
const outcomesOf = (changes: Readonly<Record<string, readonly Essence[]>>): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(changes).map(([host, list]) => [
      host,
      list.map(({ kind, target, after }) => JSON.stringify([kind, target, after])),
    ]),
  );

const slotsOf = (fleet: readonly FakeHost[]): readonly unknown[] =>
  fleet.map(({ slots }) => Object.fromEntries([...slots].toSorted()));

describe('any playbook', () => {
  it('does what its plan says, no more and no less, and a plan does nothing', async () => {
    await fc.assert(
      fc.asyncProperty(cases(), async (one) => {
        const playbook = playbookOf(one);
        const fleet = fleetOf(one);
        const before = slotsOf(fleet);
        const shown = await plan(playbook, fleet);
        expect(slotsOf(fleet)).toEqual(before);
        expect(fleet.flatMap(({ log }) => log.filter((message) => !/^(open-read|look|close)/.test(message)))).toEqual(
          [],
        );
        const done = await apply(playbook, fleet);
        expect(done.result).toMatchObject({ failed: [], refused: [], unreachable: [] });
        expect(planned(done)).toEqual(planned(shown));
        expect(made(done)).toEqual(planned(shown));
        const sets = fleet.map(({ changes }) => changes.filter((message) => message.startsWith('set')).length);
        expect(sets).toEqual(done.result.hosts.map(({ changes }) => changes.length));
      }),
      { numRuns: RUNS },
    );
  });

  it('has nothing left to do when it has been run, if it does not contradict itself', async () => {
    const consistent = fc.record({
      hosts: cases().map(({ hosts }) => hosts),
      head: fc.constantFrom('', '  serial: 1\n'),
      tasks: fc
        .dictionary(key, value, { minKeys: 1 })
        .map((wanted) => Object.entries(wanted).map(([name, text]) => `set: { key: ${name}, value: ${text} }`)),
    });
    await fc.assert(
      fc.asyncProperty(consistent, async (one) => {
        const fleet = fleetOf(one);
        await apply(playbookOf(one), fleet);
        for (const host of fleet) host.log.length = 0;
        const again = await apply(playbookOf(one), fleet);
        expect(made(again)).toEqual(Object.fromEntries(fleet.map(({ name }) => [name, []])));
        const looks = fleet.map(({ log }) => log.filter((message) => message.startsWith('look')).length);
        expect(looks).toEqual(fleet.map(() => 1));
        expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('any playbook of which hosts are out before it begins', () => {
  const out = fc.array(fc.constantFrom('well', 'well', 'away', 'sick'), { minLength: 4, maxLength: 4 });

  it('begins in its run the hosts and plays that its plan begins, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.option(serial), tasks(), out, async (size, task, how) => {
        const head = size === null ? '' : `  serial: ${size}\n`;
        const first = playbookOf({ head, tasks: ['shun: { key: sick, value: very }', task] });
        const playbook = `${first}- hosts: all\n  tasks:\n    - set: { key: last, value: v9 }\n`;
        const fleet = () =>
          how.map((state, index) => {
            const host = new FakeHost(`h${index}`, state === 'sick' ? { sick: 'very' } : {});
            return state === 'away' ? host.break(/^open/, 'lost-before') : host;
          });
        const shown = await plan(playbook, fleet());
        const done = await apply(playbook, fleet());
        expect(done.result.failed).toEqual([]);
        expect(begun(done)).toEqual(begun(shown));
        for (const name of ['h0', 'h1', 'h2', 'h3']) {
          const certain = shown.result.plans.flatMap(({ hosts }) =>
            hosts.filter(({ host }) => host === name).flatMap((one) => one.tasks),
          );
          const isRefused = certain.some(({ action }) => action === 'refuse');
          const expected = isRefused ? [] : certain.flatMap((one) => (one.action === 'change' ? one.changes : []));
          expect(made(done)[name] ?? []).toEqual(essence(expected));
        }
      }),
      { numRuns: RUNS },
    );
  });

  /** The hosts of each play that was begun. */
  function begun({ events }: Report): readonly unknown[] {
    return events.flatMap((event) => (event.type === 'play-started' ? [event.hosts] : []));
  }
});

describe('any playbook on hosts that go wrong', () => {
  const faults = fc.record({
    host: fc.nat({ max: 2 }),
    at: fc.nat({ max: 12 }),
    kind: fc.constantFrom('fails', 'lost-before', 'lost-after'),
  } as const);

  /** `set`s that are to be undone, in any order. */
  const guarded = fc.record({
    hosts: cases().map(({ hosts }) => hosts),
    head: fc.constantFrom('', '  serial: 1\n', '  any_errors_fatal: true\n'),
    tasks: fc
      .array(fc.tuple(key, value), { minLength: 1, maxLength: 6 })
      .map((sets) => [
        `guard: { keys: [${KEYS.join(', ')}] }`,
        ...sets.map(([name, text]) => `set: { key: ${name}, value: ${text} }`),
      ]),
  });

  it('leaves each host changed, as before, or says that it does not know', async () => {
    await fc.assert(
      fc.asyncProperty(guarded, faults, async (one, { host, at, kind }) => {
        const fleet = fleetOf(one);
        const before = slotsOf(fleet);
        fleet[host % fleet.length]?.break(/^(set|look|lock)/, kind, at);
        const { result } = await apply(playbookOf(one), fleet);
        const whole = await wholeRun(one);
        for (const [index, { name, slots }] of fleet.entries()) {
          const now = Object.fromEntries([...slots].toSorted());
          const { state } = result.hosts.find((recap) => recap.host === name) ?? { state: 'unchanged' };
          if (state === 'changed') expect(now).toEqual(whole[index]);
          else if (state === 'unchanged' || state === 'restored') expect(now).toEqual(before[index]);
          else expect(state).toMatch(/^(unknown|partly-changed|not-restored|unproven)$/);
        }
        expect(result.failed.length + result.unreachable.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: RUNS },
    );
  });

  it('comes to its end by the same run again', async () => {
    await fc.assert(
      fc.asyncProperty(guarded, faults, async (one, { host, at, kind }) => {
        const fleet = fleetOf(one);
        fleet[host % fleet.length]?.break(/^(set|look|lock)/, kind, at);
        await apply(playbookOf(one), fleet);
        const { result } = await apply(playbookOf(one), fleet);
        if (result.failed.length + result.unreachable.length === 0) expect(slotsOf(fleet)).toEqual(await wholeRun(one));
        else expect((await apply(playbookOf(one), fleet)).result).toMatchObject({ failed: [], unreachable: [] });
      }),
      { numRuns: RUNS },
    );
  });

  it('goes on with hosts that are lost where that is ignored, and changes nothing that was not shown', async () => {
    const loss = fc.record({
      host: fc.nat({ max: 2 }),
      at: fc.nat({ max: 8 }),
      kind: fc.constantFrom('lost-before', 'lost-after'),
    });
    await fc.assert(
      fc.asyncProperty(cases(), fc.array(loss, { minLength: 1, maxLength: 4 }), async (one, losses) => {
        const playbook = playbookOf({ ...one, head: `${one.head}  ignore_unreachable: true\n` });
        const fleet = fleetOf(one);
        const before = slotsOf(fleet);
        const shown = outcomesOf(planned(await plan(playbook, fleet)));
        for (const { host, at, kind } of losses)
          fleet[host % fleet.length]?.break(/^(open-write|set|look|lock|unlock)/, kind as 'lost-before', at);
        const done = await apply(playbook, fleet);
        expect(done.result).toMatchObject({ failed: [], unreachable: [] });
        expect(done.result.mistake).toBeUndefined();
        for (const [index, { name }] of fleet.entries()) {
          const own = shown.get(name) ?? [];
          const beyond = (outcomesOf(made(done)).get(name) ?? []).filter((outcome) => !own.includes(outcome));
          expect(beyond).toEqual([]);
          const { state } = done.result.hosts.find((recap) => recap.host === name) ?? { state: 'unchanged' };
          if (state === 'unchanged') expect(slotsOf(fleet)[index]).toEqual(before[index]);
        }
      }),
      { numRuns: RUNS },
    );
  });

  /** What the hosts are after a run in which nothing goes wrong. */
  async function wholeRun(one: Case): Promise<readonly unknown[]> {
    const fleet = fleetOf(one);
    await apply(playbookOf(one), fleet);
    return slotsOf(fleet);
  }
});
