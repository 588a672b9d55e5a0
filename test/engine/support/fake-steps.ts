import { FactError, type FactRef, factRef } from '../../../src/core/fact.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Change, StepPlan } from '../../../src/core/plan.ts';
import type { Registry } from '../../../src/core/registry.ts';
import type { JsonSchema, JsonSchemaObject } from '../../../src/core/schema.ts';
import { sh } from '../../../src/core/shell.ts';
import { defineStep, type Step, StepFailure } from '../../../src/core/step.ts';
import type { Strategy } from '../../../src/core/strategy.ts';
import type { World } from '../../../src/core/world.ts';
import { assert } from '../../../src/steps/general/assert.ts';
import { includeVars } from '../../../src/steps/general/include-vars.ts';

/** What a slot of a host holds; null for nothing. */
function slot(name: string): FactRef<string | null> {
  return factRef(
    {
      name: 'slot',
      summary: 'a slot',
      probe: (params) => ({ script: sh`get ${params.name}` }),
      parse: ({ exitCode, stdout }) => {
        if (stdout === 'garbage') throw new FactError('nobody understands this', 'clean the slot');
        return exitCode === 0 ? stdout : null;
      },
    },
    { name },
  );
}

const text = { type: 'string' } as const;

function parameters(
  properties: Readonly<Record<string, JsonSchema>>,
  ...optional: readonly string[]
): JsonSchemaObject {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

type Definition<Params> = Pick<Step<Params>, 'name' | 'schema' | 'needs' | 'plan'> & Partial<Step<Params>>;

function step<Params>(definition: Definition<Params>): Step {
  return defineStep<Params>({ summary: definition.name, details: '', examples: [], ...definition });
}

function update(key: string, before: string | null, after: string, more: Partial<Change> = {}): Change {
  return { kind: 'update', target: key, before, after, disruptive: false, ...more };
}

interface KeyValue {
  readonly key: string;
  readonly value: string;
}

const keyValue = parameters({ key: text, value: text });

function setPlan({ key, value }: KeyValue, world: World): StepPlan {
  const now = world.get(slot(key));
  if (now === value) return { action: 'none', reason: `${key} is ${value}`, result: { was: now } };
  return {
    action: 'change',
    changes: [update(key, now, value)],
    after: world.set(slot(key), value),
    result: { was: now },
  };
}

function withCompletion(plan: StepPlan, isComplete: boolean): StepPlan {
  return plan.action === 'change' ? { ...plan, isComplete } : plan;
}

/** Puts a text into a slot. */
const set = step<KeyValue>({
  name: 'set',
  schema: keyValue,
  needs: ({ key }) => [slot(key)],
  plan: setPlan,
  apply: async (context, { key, value }) => {
    await context.run(sh`set ${key} ${value}`);
    return {};
  },
});

/** Sets a slot, which is half of something: a host that loses the run now puts itself back. */
const halve = step<KeyValue>({
  ...(set as unknown as Step<KeyValue>),
  name: 'halve',
  plan: (params, world) => withCompletion(setPlan(params, world), false),
  apply: async (context, { key, value }) => {
    await context.whenLost(sh`unset ${key}`);
    await context.run(sh`set ${key} ${value}`);
    return {};
  },
});

/** The other half of it. */
const complete = step<KeyValue>({
  ...(set as unknown as Step<KeyValue>),
  name: 'complete',
  plan: (params, world) => withCompletion(setPlan(params, world), true),
  apply: async (context, { key, value }) => {
    await context.run(sh`set ${key} ${value}`);
    await context.whenLost(undefined);
    return {};
  },
});

/** Puts a text into a slot for whoever is served by it; two slots at once. */
const serve = step<KeyValue>({
  name: 'serve',
  schema: keyValue,
  stages: ['drain', 'fill'],
  needs: ({ key }) => [slot(key), slot(`${key}-drained`)],
  plan({ key, value }, world) {
    const now = world.get(slot(key));
    if (now === value) return { action: 'none', reason: `${key} serves ${value}` };
    return {
      action: 'change',
      changes: [
        update(`${key}-drained`, world.get(slot(`${key}-drained`)), value, { stage: 'drain', disruptive: true }),
        update(key, now, value, { stage: 'fill' }),
      ],
      after: world.set(slot(key), value).set(slot(`${key}-drained`), value),
    };
  },
  apply: async (context, { value }, { changes }) => {
    for (const { target } of changes) await context.run(sh`set ${target} ${value}`);
    return {};
  },
  settle: async (context, _params, { stage, changes }) => {
    let looks = 0;
    await context.waitFor(`${stage}`, 10_000, async () => {
      await context.observe([slot(changes[0].target)]);
      looks += 1;
      return looks > 1 ? { done: true, value: undefined } : { done: false, state: `${changes[0].target} settles` };
    });
    return { result: { looks } };
  },
});

/** Puts into a slot what another holds, as it is then. */
const trace: Step<{ readonly from: string; readonly key: string }> = {
  name: 'trace',
  summary: 'trace',
  details: '',
  examples: [],
  schema: parameters({ from: text, key: text }),
  needs: ({ from, key }) => [slot(from), slot(key)],
  plan({ from, key }, world) {
    const value = world.get(slot(from));
    const now = world.get(slot(key));
    if (value === null || now === value) return { action: 'none', reason: `${key} is as ${from}` };
    return { action: 'change', changes: [update(key, now, value)], after: world.set(slot(key), value) };
  },
  apply: async (context, { from, key }, { world }) => {
    await context.run(sh`set ${key} ${world.get(slot(from)) ?? ''}`);
    return {};
  },
};

/** Says that it changes a slot, and does not. */
const pretend = step<KeyValue>({
  ...(set as unknown as Step<KeyValue>),
  name: 'pretend',
  apply: async (context, { key }) => {
    await context.run(sh`pretend ${key}`);
    return {};
  },
});

/** The same, but what it says may come true a while later. */
const stumble = step<KeyValue>({
  ...(pretend as unknown as Step<KeyValue>),
  name: 'stumble',
  convergesWithinMs: 10_000,
});

/** The same, and it is no failure if it never comes true. */
const endeavour = step<KeyValue>({
  ...(pretend as unknown as Step<KeyValue>),
  name: 'endeavour',
  isBestEffort: ({ target }) => target === 'hard',
});

/** Sees to it that what later tasks do to these slots can be taken back. */
const guard = step<{ readonly keys: readonly string[]; readonly by?: string }>({
  name: 'guard',
  schema: parameters({ keys: { type: 'array', items: text }, by: text }, 'by'),
  needs: ({ keys }) => keys.map(slot),
  plan: ({ keys, by = 'put_back' }, world) => ({
    action: 'none',
    reason: `${keys.length} slots are guarded`,
    undo: keys.map((key) => {
      const value = world.get(slot(key));
      return { step: by, params: { key, ...(value !== null && { value }) } };
    }),
  }),
});

/** Without a value the slot becomes empty, unless it is `kept`. */
const putBack = step<{ readonly key: string; readonly value?: string }>({
  name: 'put_back',
  schema: parameters({ key: text, value: text }, 'value'),
  needs: ({ key }) => [slot(key)],
  plan({ key, value = null }, world) {
    const now = world.get(slot(key));
    if (now === value) return { action: 'none', reason: `${key} is as before` };
    if (key === 'kept' && value === null) return { action: 'none', reason: 'nothing is to be undone', stays: [key] };
    return { action: 'change', changes: [update(key, now, value ?? '')], after: world.set(slot(key), value) };
  },
  apply: async (context, { key, value }) => {
    await context.run(value === undefined ? sh`unset ${key}` : sh`set ${key} ${value}`);
    return {};
  },
});

/** Puts it back only when another look has been taken. */
const putBackLate = step<KeyValue>({
  ...(set as unknown as Step<KeyValue>),
  name: 'put_back_late',
  apply: () => Promise.resolve({}),
  settleChanges: () => true,
  settle: async (context, { key, value }) => {
    await context.observe([slot(key)]);
    await context.run(sh`set ${key} ${value}`);
    return {};
  },
});

/** Sees to it that a slot can be put back, which has come to its end only when another slot holds something. */
const need = step<{ readonly key: string; readonly needed: string }>({
  name: 'need',
  schema: parameters({ key: text, needed: text }),
  needs: ({ key }) => [slot(key)],
  plan: ({ key, needed }, world) => ({
    action: 'none',
    reason: `${key} needs ${needed}`,
    undo: [{ step: 'put_back_with', params: { key, value: world.get(slot(key)) ?? '', needed } }],
  }),
});

const putBackWith = step<KeyValue & { readonly needed: string }>({
  ...(set as unknown as Step<KeyValue & { readonly needed: string }>),
  name: 'put_back_with',
  schema: parameters({ key: text, value: text, needed: text }),
  settle: async (context, { needed }) => {
    await context.waitFor(needed, 1_000, async () => {
      const now = (await context.observe([slot(needed)])).get(slot(needed));
      return now === null ? { done: false, state: `there is no ${needed}` } : { done: true, value: undefined };
    });
    return {};
  },
});

/** Runs something of which nobody knows beforehand what it says: its word, or that of its environment. */
const shell = step<{ readonly cmd: string }>({
  name: 'shell',
  schema: parameters({ cmd: { type: 'string', 'x-free-form': true } }),
  runsCommand: true,
  delegable: true,
  usesEnvironment: true,
  isKillable: true,
  needs: () => [],
  plan: ({ cmd }, world) => ({
    action: 'change',
    changes: [{ kind: 'run', target: cmd, before: null, after: null, disruptive: false }],
    after: world,
  }),
  apply: async (context, { cmd }) => {
    const { stdout } = await context.run(sh`say ${context.environment['WORD'] ?? cmd}`);
    return { result: { out: stdout.replaceAll("'", '') } };
  },
});

/** Adds a letter to a slot, and has failed as long as it does not hold what is wanted. */
const attempt = step<{ readonly key: string; readonly wanted: string }>({
  name: 'try',
  schema: parameters({ key: text, wanted: text }),
  runsCommand: true,
  needs: () => [],
  plan: ({ key }, world) => ({
    action: 'change',
    changes: [{ kind: 'run', target: key, before: null, after: null, disruptive: false }],
    after: world,
  }),
  apply: async (context, { key, wanted }) => {
    const before = (await context.observe([slot(key)])).get(slot(key)) ?? '';
    const now = `${before}x`;
    await context.run(sh`set ${key} ${now}`);
    return { result: { now }, ...(now !== wanted && { failure: new StepFailure('service-state', 'not yet') }) };
  },
});

/** Gives the host variables. */
const remember = step<JsonObject>({
  name: 'remember',
  schema: { type: 'object', properties: {}, additionalProperties: true },
  setsFacts: true,
  delegable: true,
  needs: () => [],
  plan: (facts) => ({ action: 'none', reason: 'remembers', facts }),
});

/** Changes nothing, and says something. */
const say = step<{ readonly msg: string }>({
  name: 'say',
  schema: parameters({ msg: { 'x-free-form': true } }),
  needs: () => [],
  plan: ({ msg }) => ({ action: 'none', reason: String(msg), result: { msg } }),
});

/** Waits until a slot holds a text. */
const expectation = step<KeyValue>({
  name: 'expect',
  schema: keyValue,
  needs: ({ key }) => [slot(key)],
  plan: ({ key, value }, world) =>
    world.get(slot(key)) === value
      ? { action: 'none', reason: `${key} is ${value}` }
      : { action: 'check', expectation: `${key} becomes ${value}` },
  check: async (context, { key, value }) => {
    await context.waitFor(`${key} is ${value}`, 1_000, async () => {
      const now = (await context.observe([slot(key)])).get(slot(key));
      return now === value ? { done: true, value: undefined } : { done: false, state: `${key} is ${now}` };
    });
    return { result: { proven: true } };
  },
});

/** Refuses hosts of which a slot holds a text. */
const shun = step<KeyValue>({
  name: 'shun',
  schema: keyValue,
  needs: ({ key }) => [slot(key)],
  plan: ({ key, value }, world) =>
    world.get(slot(key)) === value
      ? { action: 'refuse', code: 'wrong-input', reason: `${key} is ${value}`, remedy: 'make it something else' }
      : { action: 'none', reason: `${key} is not ${value}` },
});

/** Fails, as is known beforehand. */
const doomed = step<{ readonly why: string }>({
  name: 'doomed',
  schema: parameters({ why: { type: 'string', 'x-free-form': true } }),
  needs: () => [],
  plan: ({ why }) => ({ action: 'refuse', code: 'wrong-input', reason: why, remedy: 'let it be', isFailure: true }),
});

/** Says how long it may take. */
const lengthy = step<{ readonly within: string }>({
  name: 'lengthy',
  schema: parameters({ within: { type: 'string', default: '10m', 'x-async': true } }, 'within'),
  isKillable: true,
  supportsAsync: true,
  needs: () => [],
  plan: ({ within }) => ({ action: 'none', reason: `it may take ${within}` }),
});

/** Follows a slot that holds the name of another. */
const follow = step<{ readonly from: string }>({
  name: 'follow',
  schema: parameters({ from: text }),
  needs: ({ from }, known) => {
    const next = known.has(slot(from)) ? known.get(slot(from)) : null;
    return [slot(from), ...(next === null ? [] : [slot(next)])];
  },
  plan({ from }, world) {
    const next = world.get(slot(from));
    const found = next === null ? null : world.get(slot(next));
    return { action: 'none', reason: `${from} leads to ${found}`, result: { found } };
  },
});

/** Tells when a slot was asked. */
const age = step<{ readonly key: string }>({
  name: 'age',
  describeHost: ({ key }, world) => `${key} is ${world.get(slot(key)) ?? 'empty'}`,
  schema: parameters({ key: text }),
  needs: ({ key }) => [slot(key)],
  plan: ({ key }, _world, { observedAt }) => {
    const asked = observedAt(slot(key)).toISOString();
    return { action: 'none', reason: `${key} was asked at ${asked}`, result: { asked } };
  },
});

/** Has a bug that shows when it is to do something. */
const buggy = step<KeyValue>({
  ...(set as unknown as Step<KeyValue>),
  name: 'buggy',
  apply: async () => {
    throw new TypeError('undefined is not a function');
  },
});

/** Has another host do something before it sets its own slot. */
const borrow = step<KeyValue & { readonly peer: string }>({
  ...(set as unknown as Step<KeyValue & { readonly peer: string }>),
  name: 'borrow',
  readsPeers: true,
  schema: parameters({ key: text, value: text, peer: text }),
  apply: async (context, { key, value, peer }) => {
    const other = context.peer(peer);
    await other?.run(sh`lend ${key}`);
    await context.run(sh`set ${key} ${other ? value : 'alone'}`);
    return {};
  },
});

/** Sets a slot to the name of the first of the others; it cannot do without one. */
const lean = step<{ readonly key: string }>({
  name: 'lean',
  readsPeers: true,
  schema: parameters({ key: text }),
  needs: ({ key }) => [slot(key)],
  plan({ key }, world, { peers }) {
    const [support] = peers.keys();
    if (support === undefined)
      return { action: 'refuse', code: 'wrong-input', reason: 'nobody to lean on', remedy: 'add a host' };
    const now = world.get(slot(key));
    if (now === support) return { action: 'none', reason: `${key} leans on ${support}` };
    return { action: 'change', changes: [update(key, now, support)], after: world.set(slot(key), support) };
  },
  apply: async (context, { key }, { changes }) => {
    await context.run(sh`set ${key} ${String(changes[0].after)}`);
    return {};
  },
});

/** Sets a slot to how many of the others have it set. */
const tally = step<{ readonly key: string }>({
  name: 'tally',
  readsPeers: true,
  schema: parameters({ key: text }),
  needs: ({ key }) => [slot(key)],
  plan({ key }, world, { peers }) {
    const all = [...peers.values()].filter((peer) => peer.has(slot(key)) && peer.get(slot(key)) !== null);
    const now = world.get(slot(key));
    if (now === String(all.length)) return { action: 'none', reason: `${key} is ${now}` };
    const wanted = String(all.length);
    return { action: 'change', changes: [update(key, now, wanted)], after: world.set(slot(key), wanted) };
  },
  apply: async (context, { key }, { changes }) => {
    await context.run(sh`set ${key} ${String(changes[0].after)}`);
    return {};
  },
});

/** Sets a slot to the moment at which its run began. */
const stamp = step<{ readonly key: string }>({
  name: 'stamp',
  schema: parameters({ key: text }),
  needs: ({ key }) => [slot(key)],
  plan({ key }, world, { startedAt: begunAt }) {
    const [now, wanted] = [world.get(slot(key)), begunAt.toISOString()];
    if (now === wanted) return { action: 'none', reason: `${key} is ${now}` };
    return { action: 'change', changes: [update(key, now, wanted)], after: world.set(slot(key), wanted) };
  },
  apply: async (context, { key }, { changes }) => {
    await context.run(sh`set ${key} ${String(changes[0].after)}`);
    return {};
  },
});

/** Sets a slot to what the first of the others has there that has anything. */
const followPeer = step<{ readonly key: string }>({
  name: 'follow_peer',
  readsPeers: true,
  schema: parameters({ key: text }),
  needs: ({ key }) => [slot(key)],
  plan({ key }, world, { peers }) {
    const known = [...peers.values()].flatMap((peer) => (peer.covers(slot(key)) ? (peer.get(slot(key)) ?? []) : []));
    const [wanted] = known;
    const now = world.get(slot(key));
    if (wanted === undefined || now === wanted) return { action: 'none', reason: `${key} is as elsewhere` };
    return { action: 'change', changes: [update(key, now, wanted)], after: world.set(slot(key), wanted) };
  },
  apply: async (context, { key }, { changes }) => {
    await context.run(sh`set ${key} ${String(changes[0].after)}`);
    return {};
  },
});

/** Changes nothing, and warns of what a slot holds. */
const beware = step<{ readonly key: string }>({
  name: 'beware',
  schema: parameters({ key: text }),
  needs: ({ key }) => [slot(key)],
  plan: ({ key }, world) => ({
    action: 'none',
    reason: 'it only looks',
    warnings: [{ message: `${key} is ${world.get(slot(key))}`, remedy: 'look' }],
  }),
  apply: async () => ({}),
});

/** One host after another, the last first; not while a slot `sick` of a host is set; not at all when their `team` differs. */
const backwards: Strategy = {
  name: 'backwards',
  summary: 'the last first',
  needs: () => [slot('sick'), slot('team')],
  order(worlds, { forced }) {
    const teams = new Set([...worlds.values()].map((world) => world.get(slot('team'))));
    if (teams.size > 1)
      return { action: 'refuse', code: 'wrong-input', reason: 'they are of several teams', remedy: 'make it one team' };
    return {
      name: forced ?? (teams.has('up') ? 'upwards' : 'backwards'),
      reason: teams.has('up') ? 'they are up' : 'because it can',
      batches: [...worlds.keys()].reverse().map((name) => [name]),
      stopOnFailure: true,
      gate: (batch, known) => {
        const sick = [...known].filter(([name, world]) => !batch.includes(name) && world.get(slot('sick')) !== null);
        const [first] = sick.map(([name]) => name);
        return first === undefined
          ? undefined
          : { action: 'refuse', code: 'wrong-input', reason: `${first} is sick`, remedy: 'heal it' };
      },
    };
  },
};

const STEPS = [
  assert,
  includeVars,
  set,
  stamp,
  halve,
  complete,
  serve,
  step(trace),
  step({ ...trace, name: 'trace_all', predictsAllFacts: true }),
  pretend,
  stumble,
  endeavour,
  guard,
  putBack,
  putBackLate,
  need,
  putBackWith,
  shell,
  attempt,
  remember,
  say,
  expectation,
  shun,
  doomed,
  lengthy,
  follow,
  age,
  borrow,
  lean,
  followPeer,
  tally,
  buggy,
  beware,
];

export const fakeRegistry: Registry = {
  steps: new Map(STEPS.map((one) => [one.name, one])),
  strategies: new Map([[backwards.name, backwards]]),
};
