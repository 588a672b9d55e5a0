import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostPlan } from '../../src/core/events/plan.ts';
import type { Change } from '../../src/core/plan.ts';
import { fc, seedOfCases } from '../support/random-cases.ts';
import {
  alwaysCases,
  type Case,
  cases,
  type FreeCase,
  freeCases,
  NAMES,
  removeFiles,
  writeFiles,
} from './support/any-play.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report } from './support/workshop.ts';

/** 300 for every change of the engine; a long run is told by the environment. */
const RUNS = Number(process.env['KPLAY_CASES'] ?? 300);

const SEED = seedOfCases(922_394_923);
// A long run prints which cases they are.
if (process.env['KPLAY_CASES'] !== undefined) process.stdout.write(`KPLAY_CASES=${RUNS} KPLAY_SEED=${SEED}\n`);

const LIMIT_MS = 60_000 + RUNS * 500;

beforeAll(writeFiles);

afterAll(removeFiles);

function fleetOf({ hosts }: Case): readonly FakeHost[] {
  return hosts.map((slots, index) => new FakeHost(NAMES[index] ?? 'z', slots));
}

/** The same, with hosts that are not of one speed. */
function pacedFleetOf(one: FreeCase): readonly FakeHost[] {
  const fleet = fleetOf(one);
  for (const [index, host] of fleet.entries()) host.pace = (one.paces[index] ?? 0) ** 2;
  return fleet;
}

interface Made {
  readonly kind: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

const essence = ({ kind, target, before, after }: Made): string => JSON.stringify([kind, target, before, after]);
const nameOf = ({ kind, target }: Made): string => `${kind} ${target}`;

/** What the plan of a host says for certain, and what may come besides. */
function shownTo({ result }: Report, host: string) {
  const tasks = result.plans[0]?.hosts.find((candidate) => candidate.host === host)?.tasks ?? [];
  const changes = (isMeant: (task: (typeof tasks)[number]) => boolean) =>
    tasks.filter(isMeant).flatMap((one) => (one.action === 'change' ? one.changes : []));
  return {
    certain: changes(({ condition }) => condition === undefined),
    all: changes(() => true),
    isOpen: tasks.some(({ action, condition }) => action === 'unknown' || condition !== undefined),
    mayDifferIfFailed: tasks.some(({ unless }) => unless !== undefined),
    // Behind a command nobody knows how a host is, also behind one of another host that is delegated to it.
    hasUnknown:
      tasks.some(
        (one) =>
          one.action === 'unknown' || (one.action === 'change' && one.changes.some(({ kind }) => kind === 'run')),
      ) || (result.plans[0]?.hosts ?? []).some((other) => runsOn(host, other)),
  };
}

/** Whether a command of another host is delegated to this one. */
function runsOn(host: string, { tasks }: HostPlan): boolean {
  const isThere = ({ kind, target }: Change): boolean => kind === 'run' && target.endsWith(` (on ${host})`);
  return tasks.some((one) => one.action === 'change' && one.changes.some(isThere));
}

/** Plans and runs a case, and compares. @param readsOthers what only the run tells of one host may count for another */
async function happensAsShown(one: Case, fleet: readonly FakeHost[], readsOthers: boolean): Promise<Report> {
  const before = fleet.map(({ slots }) => [...slots]);
  const shown = await plan(one.playbook, fleet);
  expect(fleet.map(({ slots }) => [...slots])).toEqual(before);
  const done = await apply(one.playbook, fleet);
  expect(done.result).toMatchObject({ failed: [], unreachable: [] });
  // What one did that was unknown another may read, and then is no longer as it was planned on: it is not changed.
  const unsure = new Set(fleet.filter(({ name }) => shownTo(shown, name).hasUnknown).map(({ name }) => name));
  for (const { name } of fleet) {
    const isUnsure = readsOthers ? unsure.size > 0 : unsure.has(name);
    if (!isUnsure) expect(done.result.refused).not.toContain(name);
    const { certain, isOpen } = shownTo(shown, name);
    const made = (done.result.hosts.find(({ host }) => host === name)?.changes ?? []).map(essence);
    if (!isOpen && !isUnsure) expect(made).toEqual(certain.map(essence));
    expect(beyond(shown, done, name)).toEqual([]);
  }
  expect(askedOf(fleet)).toEqual(toldToAsk(fleet, done));
  return done;
}

/** Steps that read other hosts, and files and roles with such steps. */
const HEEDS_OTHERS = /follow_peer|\btwo\b|late/;

/** What would follow if a host failed before it ends there is not in its plan (docs/ansible.md). */
const ENDS = /meta: end_/;
const FOLLOWS_FAILURE = /force_handlers: true|always:/;

interface Fault {
  readonly host: number;
  readonly at: number;
}

const faults = fc.record({ host: fc.nat({ max: 2 }), at: fc.nat({ max: 8 }) });

/** Plans a case and runs it on hosts of which one fails. */
async function staysWithinPlan(one: Case, fleet: readonly FakeHost[], { host, at }: Fault): Promise<Report> {
  const shown = await plan(one.playbook, fleet);
  fleet[host % fleet.length]?.break(/^set/, 'fails', at);
  const done = await apply(one.playbook, fleet);
  expect(done.result.mistake).toBeUndefined();
  expect(done.result.failed.length).toBeLessThanOrEqual(1);
  const isUnsure = fleet.some(({ name }) => shownTo(shown, name).hasUnknown);
  // Behind a failure the others no longer find what was to be done to the host that has failed, nor does that end the play for them.
  const { text } = one.playbook;
  const isShown = !HEEDS_OTHERS.test(text) && !(ENDS.test(text) && FOLLOWS_FAILURE.test(text));
  if (!isUnsure && isShown) expect(done.result.refused).toEqual([]);
  for (const { name } of fleet)
    if (!shownTo(shown, name).mayDifferIfFailed) expect(beyond(shown, done, name)).toEqual([]);
  return done;
}

/** How the tasks of each host ended, in the order of the host. Includes are numbered by it: hosts that include other files do so as they come. */
function waysOf({ events }: Report): Readonly<Record<string, readonly string[]>> {
  const ways: Record<string, string[]> = {};
  const numbers = new Map<string, (path: string) => string>();
  for (const event of events)
    if (event.type === 'task-finished') {
      const { task, outcome, reason } = event;
      const numbered = numbers.get(event.host) ?? inOwnOrder();
      numbers.set(event.host, numbered);
      ways[event.host] = [...(ways[event.host] ?? []), `${numbered(task.path)} ${outcome}: ${reason}`];
    }
  return ways;
}

/** Numbers includes by when they are first seen. */
function inOwnOrder(): (path: string) => string {
  const seen = new Map<string, string[]>();
  return (path) =>
    path.replaceAll(/(?<=\binclude\.)\d+/g, (number, at: number) => {
      const node = path.slice(0, at);
      const order = seen.get(node) ?? [];
      if (!order.includes(number)) order.push(number);
      seen.set(node, order);
      return String(order.indexOf(number));
    });
}

describe('any play with blocks, handlers, looped includes, meta actions, batches and peers', () => {
  const options = { numRuns: RUNS, seed: SEED };
  const fewer = { ...options, numRuns: Math.ceil(RUNS / 3) };

  it(
    'does what its plan says, but for what the plan left to the run',
    async () => {
      await fc.assert(
        fc.asyncProperty(cases, async (one) => void (await happensAsShown(one, fleetOf(one), true))),
        options,
      );
    },
    LIMIT_MS,
  );

  it(
    'leaves a host that fails in a rescue, changed as shown, or says how it is',
    async () => {
      await fc.assert(
        fc.asyncProperty(cases, faults, async (one, fault) => void (await staysWithinPlan(one, fleetOf(one), fault))),
        options,
      );
    },
    LIMIT_MS,
  );

  it(
    'runs an always behind a failure as its plan says, or as it is then where the plan says that',
    async () => {
      await fc.assert(
        fc.asyncProperty(alwaysCases, faults, async (one, fault) => {
          await happensAsShown(one, fleetOf(one), false);
          await staysWithinPlan(one, fleetOf(one), fault);
        }),
        fewer,
      );
    },
    LIMIT_MS,
  );

  it(
    'does with strategy: free what its plan says, and to each host what it does to it in step',
    async () => {
      await fc.assert(
        fc.asyncProperty(freeCases, async (one) => {
          const free = await happensAsShown(one, pacedFleetOf(one), false);
          if (!one.isOfOneOrder) return;
          expect(waysOf(free)).toEqual(waysOf(await apply(one.inStep, fleetOf(one))));
        }),
        fewer,
      );
    },
    LIMIT_MS,
  );

  it(
    'does so where a host fails, which changes nothing for the others',
    async () => {
      await fc.assert(
        fc.asyncProperty(freeCases, faults, async (one, fault) => {
          const free = await staysWithinPlan(one, pacedFleetOf(one), fault);
          if (!one.isOfOneOrder) return;
          const fleet = fleetOf(one);
          fleet[fault.host % fleet.length]?.break(/^set/, 'fails', fault.at);
          expect(waysOf(free)).toEqual(waysOf(await apply(one.inStep, fleet)));
        }),
        fewer,
      );
    },
    LIMIT_MS,
  );
});

/** What was done to a host that its plan does not show. What the plan calls unknown binds nothing, nor does it behind a rescue. */
function beyond(shown: Report, { result }: Pick<Report, 'result'>, name: string): readonly string[] {
  const { all, hasUnknown } = shownTo(shown, name);
  const names = new Set(all.map(nameOf));
  const recap = result.hosts.find(({ host }) => host === name);
  const made = (recap?.changes ?? []).map(nameOf);
  return hasUnknown || (recap?.rescued ?? 0) > 0 ? [] : made.filter((one) => !names.has(one));
}

/** How many commands each host was sent. */
function askedOf(fleet: readonly FakeHost[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    fleet.map(({ name, log }) => [name, log.filter((message) => message.startsWith('say ')).length]),
  );
}

/** How many each was to be sent: by its own tasks, and by those that others have delegated to it. */
function toldToAsk(fleet: readonly FakeHost[], { result }: Report): Readonly<Record<string, number>> {
  const doers = result.hosts.flatMap(({ host, changes }) =>
    changes.flatMap(({ kind, target }) => (kind === 'run' ? (/ \(on (\w+)\)$/.exec(target)?.[1] ?? host) : [])),
  );
  return Object.fromEntries(fleet.map(({ name }) => [name, doers.filter((doer) => doer === name).length]));
}
