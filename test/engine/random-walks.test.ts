import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Case, cases, DIRECTORY, NAMES } from './support/any-play.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report } from './support/workshop.ts';

/** 300 for every change of the engine; a long run is told by the environment. */
const RUNS = Number(process.env['KPLAY_CASES'] ?? 300);

/** CI runs the same cases each time, so that what fails there is what was changed; a long run prints which cases they are. */
const SEED = Number(process.env['KPLAY_SEED'] ?? (process.env['CI'] ? 922_394_923 : Date.now() % 2 ** 31));
if (process.env['KPLAY_CASES'] !== undefined) process.stdout.write(`KPLAY_CASES=${RUNS} KPLAY_SEED=${SEED}\n`);

const LIMIT_MS = 60_000 + RUNS * 500;

afterAll(() => rmSync(DIRECTORY, { recursive: true }));

function fleetOf({ hosts }: Case): readonly FakeHost[] {
  return hosts.map((slots, index) => new FakeHost(NAMES[index] ?? 'z', slots));
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
    // Behind a command nobody knows how a host is.
    hasUnknown: tasks.some(
      (one) => one.action === 'unknown' || (one.action === 'change' && one.changes.some(({ kind }) => kind === 'run')),
    ),
  };
}

describe('any play with blocks, handlers, looped includes, meta actions, batches and peers', () => {
  it(
    'does what its plan says, but for what the plan left to the run',
    async () => {
      await fc.assert(
        fc.asyncProperty(cases, async (one) => {
          const fleet = fleetOf(one);
          const before = fleet.map(({ slots }) => [...slots]);
          const shown = await plan(one.playbook, fleet);
          expect(fleet.map(({ slots }) => [...slots])).toEqual(before);
          const done = await apply(one.playbook, fleet);
          expect(done.result).toMatchObject({ failed: [], unreachable: [] });
          // What one did that was unknown another may read, and then is no longer as it was planned on: it is not changed.
          const isUnsure = fleet.some(({ name }) => shownTo(shown, name).hasUnknown);
          if (!isUnsure) expect(done.result.refused).toEqual([]);
          for (const { name } of fleet) {
            const { certain, isOpen } = shownTo(shown, name);
            const made = (done.result.hosts.find(({ host }) => host === name)?.changes ?? []).map(essence);
            if (!isOpen && !isUnsure) expect(made).toEqual(certain.map(essence));
            expect(beyond(shown, done, name)).toEqual([]);
          }
          expect(askedOf(fleet)).toEqual(toldToAsk(fleet, done));
        }),
        { numRuns: RUNS, seed: SEED },
      );
    },
    LIMIT_MS,
  );

  it(
    'leaves a host that fails in a rescue, changed as shown, or says how it is',
    async () => {
      const fault = fc.record({ host: fc.nat({ max: 2 }), at: fc.nat({ max: 8 }) });
      await fc.assert(
        fc.asyncProperty(cases, fault, async (one, { host, at }) => {
          const fleet = fleetOf(one);
          const shown = await plan(one.playbook, fleet);
          fleet[host % fleet.length]?.break(/^set/, 'fails', at);
          const { result } = await apply(one.playbook, fleet);
          expect(result.mistake).toBeUndefined();
          expect(result.failed.length).toBeLessThanOrEqual(1);
          for (const { name } of fleet) {
            expect(beyond(shown, { result }, name)).toEqual([]);
          }
        }),
        { numRuns: RUNS, seed: SEED },
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
