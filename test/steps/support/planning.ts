import type { FactRef } from '../../../src/core/fact.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { StepPlan } from '../../../src/core/plan.ts';
import type { HostInfo, PlanContext, Step } from '../../../src/core/step.ts';
import { UnknownValueError, World } from '../../../src/core/world.ts';
import { visiblePeers } from '../../../src/engine/hosts/peers.ts';
import { createParameterChecker, type ParameterChecker } from '../../../src/playbook/parameters/parameter-checker.ts';
import { controlPlaneFacts } from '../../../src/steps/control-plane/control-plane-facts.ts';
import { etcdMemberOf } from '../../../src/steps/control-plane/etcd-gate.ts';
import { registry } from '../../../src/steps/registry.ts';
import { NOW } from '../../kubeadm/support/keys.ts';
import { answersOf, RUN_ID, type WorldDescription } from './described-world.ts';

/** More rounds of questions than any step needs. */
const MAX_ROUNDS = 8;

const checker: ParameterChecker = await createParameterChecker({
  steps: registry.steps,
  strategies: new Set(registry.strategies.keys()),
});

/** A step with its parameters as a playbook gives them. */
export interface Task {
  readonly step: string;
  readonly params?: JsonObject;
}

/** A host of a test between two tasks. */
export interface Planning {
  readonly world: World;
  readonly context: PlanContext;
  readonly answers: (ref: FactRef) => unknown;
}

export function stepNamed(name: string): Step {
  const step = registry.steps.get(name);
  if (!step) throw new Error(`there is no step ${name}`);
  return step;
}

/** The parameters with the defaults of the schema. */
function paramsOf({ step, params = {} }: Task): JsonObject {
  const completion = checker.complete(step, params);
  if (completion.kind === 'complete') return completion.params;
  throw new Error(completion.problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
}

export function begin(
  description: WorldDescription,
  peers: Readonly<Record<string, WorldDescription>> = {},
  order = 'planned',
): Planning {
  const host: HostInfo = {
    name: description.inventory_name ?? description.node ?? 'master-1',
    groups: ['all'],
    address: description.address ?? '10.0.0.1',
  };
  const answers = answersOf(description);
  const known = new Map(Object.entries(peers).map(([name, peer]) => [name, peerWorld({ node: name, ...peer })]));
  return {
    world: World.empty,
    answers,
    context: { host, now: NOW, observedAt: () => NOW, runId: RUN_ID, startedAt: NOW, peers: known, order },
  };
}

/** What is known of another host of the play: all that the steps that make certificates ask for, and what decides the order. */
function peerWorld(description: WorldDescription): World {
  const tasks: readonly Task[] = [
    { step: 'certs.check' },
    { step: 'certs.regenerate', params: { renew_before: 'all' } },
    { step: 'certs.tidy' },
  ];
  const { world, answers } = tasks.reduce((known, task) => observed(task, known), begin(description));
  const member = etcdMemberOf(world);
  // For the order of the cluster, these are known of each master before its play.
  return [...controlPlaneFacts(world, undefined), ...(member ? [member] : [])]
    .filter((ref) => !world.covers(ref))
    .reduce((known, ref) => known.set(ref, frozen(answers(ref))), world);
}

/** With everything in its world that the step needs, asked in rounds as the engine does. */
export function observed(task: Task, planning: Planning): Planning {
  const step = stepNamed(task.step);
  const params = paramsOf(task);
  let { world } = planning;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const peers = visiblePeers(step, planning.context.peers);
    const missing = step.needs(params, world, planning.context.host, peers).filter((ref) => !world.covers(ref));
    if (missing.length === 0) return { ...planning, world };
    for (const ref of missing) world = world.set(ref, frozen(planning.answers(ref)));
  }
  throw new Error(`${task.step} asks for ever new facts`);
}

/** The plan of a task, as the planner makes it; the planning must have been observed. */
export function planOf(task: Task, { world, context }: Planning): StepPlan {
  const step = stepNamed(task.step);
  try {
    return step.plan(paramsOf(task), world, { ...context, peers: visiblePeers(step, context.peers) });
  } catch (error) {
    if (error instanceof UnknownValueError) return { action: 'unknown', until: error.until };
    throw error;
  }
}

/** The host as it will be after a task. */
export function afterTask(task: Task, planning: Planning): Planning {
  const before = observed(task, planning);
  const plan = planOf(task, before);
  if (plan.action === 'refuse') throw new Error(`${task.step} is refused: ${plan.reason}`);
  return { ...before, world: 'after' in plan && plan.after ? plan.after : before.world };
}

/** The value, in which from now on nothing can be changed. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map || value instanceof Set) {
    for (const [key, inner] of value.entries()) {
      frozen(key);
      frozen(inner);
    }
    const refuse = (): never => {
      throw new TypeError('what was observed must not be changed');
    };
    return Object.assign(value, { set: refuse, add: refuse, delete: refuse, clear: refuse });
  }
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
