import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report } from './support/workshop.ts';

/** 300 for every change of the engine; a long run is told by the environment, and prints its seed when it fails. */
const RUNS = Number(process.env['KPLAY_CASES'] ?? 300);

/** CI runs the same cases each time, so that what fails there is what was changed. */
const SEED = process.env['CI'] ? { seed: 922_394_923 } : {};

const LIMIT_MS = 60_000 + RUNS * 500;

const KEYS = ['k0', 'k1', 'k2'];
const HANDLERS = ['Reload', 'Restart'];
const NAMES = ['a', 'b', 'c'];

type Slots = Readonly<Record<string, string>>;

interface Case {
  readonly hosts: readonly Slots[];
  readonly playbook: string;
}

const key = fc.constantFrom(...KEYS);
const value = fc.constantFrom('v0', 'v1');
const keyword = fc.oneof(
  { weight: 4, arbitrary: fc.constant<readonly string[]>([]) },
  { weight: 2, arbitrary: fc.constantFrom(...HANDLERS).map((name) => [`notify: ${name}`]) },
  { weight: 1, arbitrary: fc.constantFrom(...NAMES).map((name) => [`when: inventory_hostname == '${name}'`]) },
  { weight: 1, arbitrary: fc.constant<readonly string[]>(["when: (made | default({})).out | default('') == 'x'"]) },
);

/** Tasks as lines of YAML. */
const task: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    fc.oneof(
      fc.tuple(key, value).map(([name, text]) => `set: { key: ${name}, value: ${text} }`),
      fc.tuple(key, value).map(([name, text]) => `serve: { key: ${name}, value: ${text} }`),
      key.map((name) => `follow_peer: { key: ${name} }`),
      key.map((name) => `say: "${name}"`),
    ),
    keyword,
  )
  .map(([step, more]) => [step, ...more]);

const asking = fc.constantFrom('x', 'y').map((text) => [`shell: ${text}`, 'register: made']);

const meta = fc
  .tuple(fc.constantFrom('flush_handlers', 'noop', 'end_host', 'end_batch', 'end_play'), fc.constantFrom(...NAMES))
  .map(([action, name]) => [
    `meta: ${action}`,
    ...(action === 'flush_handlers' ? [] : [`when: inventory_hostname == '${name}'`]),
  ]);

const { node } = fc.letrec<{ node: readonly string[]; block: readonly string[] }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'blocks' },
    { weight: 6, arbitrary: task },
    { weight: 1, arbitrary: asking },
    { weight: 1, arbitrary: meta },
    { weight: 3, arbitrary: tie('block') },
  ),
  block: fc
    .record({
      body: fc.array(tie('node'), { minLength: 1, maxLength: 3, depthIdentifier: 'blocks' }),
      rescue: fc.array(tie('node'), { maxLength: 2, depthIdentifier: 'blocks' }),
      always: fc.array(tie('node'), { maxLength: 2, depthIdentifier: 'blocks' }),
      when: fc.option(fc.constantFrom(...NAMES)),
    })
    .map(({ body, rescue, always, when }) => [
      ...part('block', body),
      ...part('rescue', rescue),
      ...part('always', always),
      ...(when === null ? [] : [`when: inventory_hostname != '${when}'`]),
    ]),
}));

function part(name: string, nodes: readonly (readonly string[])[]): readonly string[] {
  return nodes.length === 0 ? [] : [`${name}:`, ...listed(nodes).map((line) => `  ${line}`)];
}

function listed(nodes: readonly (readonly string[])[]): readonly string[] {
  return nodes.flatMap(([first = '', ...rest]) => [`- ${first}`, ...rest.map((line) => `  ${line}`)]);
}

const heads = fc.constantFrom('', 'serial: 1', 'serial: 2', 'any_errors_fatal: true', 'force_handlers: true');

const cases: fc.Arbitrary<Case> = fc
  .record({
    hosts: fc.array(fc.dictionary(key, value, { maxKeys: 3 }), { minLength: 1, maxLength: 3 }),
    head: heads,
    pre: fc.array(task, { maxLength: 2 }),
    tasks: fc.array(node, { minLength: 1, maxLength: 5 }),
    post: fc.array(task, { maxLength: 1 }),
    handlers: fc.tuple(key, key, value, fc.boolean()),
  })
  .map(({ hosts, head, pre, tasks, post, handlers: [one, other, text, chains] }) => {
    const handlers = [
      [`set: { key: ${one}, value: ${text} }`, `name: ${HANDLERS[0]}`, ...(chains ? [`notify: ${HANDLERS[1]}`] : [])],
      [`serve: { key: ${other}, value: ${text} }`, `name: ${HANDLERS[1]}`],
    ];
    const lines = [
      'hosts: all',
      ...(head === '' ? [] : [head]),
      ...part('pre_tasks', pre),
      ...part('tasks', tasks),
      ...part('post_tasks', post),
      ...part('handlers', handlers),
    ];
    return { hosts, playbook: `${listed([lines]).join('\n')}\n` };
  });

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

describe('any play with blocks, handlers, words to the run, batches and peers', () => {
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
        }),
        { numRuns: RUNS, ...SEED },
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
        { numRuns: RUNS, ...SEED },
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
