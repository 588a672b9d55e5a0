import { Unknown, type World } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { namesSetBy } from '../program/play-tasks.ts';
import type { HostTaskPlan, HostTaskPlans, PlansByHost } from './host-task-plan.ts';

/** The predicted worlds before each of these tasks, and between the entries of their loops. */
function worldsBefore(paths: readonly string[], plans: HostTaskPlans | undefined): ReadonlySet<World> {
  const calls = paths.flatMap((path) => plans?.get(path)?.calls ?? []);
  return new Set(calls.flatMap(({ actor, world }) => (actor === undefined ? [world] : [])));
}

/** The state of a host that may or may not reach a task. */
export function uncertainState(before: HostState, after: HostState, until: string): HostState {
  const names = [...after.registered.keys()].filter(
    (name) => after.registered.get(name) !== before.registered.get(name),
  );
  const { registered } = withUnknown(before, names, until);
  return { ...after, world: before.world.uncertain(after.world, until), registered };
}

/**
 * A host after some of these tasks have failed: everything that they would change is uncertain.
 * @param open variables that are uncertain as well. @param until the task or block that has to run before it is known
 */
export function afterFailure(
  state: HostState,
  tasks: readonly CompiledTask[],
  plans: HostTaskPlans | undefined,
  open: Iterable<string>,
  until: string,
): HostState {
  const paths = tasks.map(({ ref }) => ref.path);
  // Each intermediate world counts: a fact that one task changes and a later one changes back is uncertain as well.
  const world = [...worldsBefore(paths, plans)].reduce((known, one) => known.uncertain(one, until), state.world);
  return { ...withUnknown(state, open, until), world };
}

/** The names of the variables that these tasks set on these hosts, with those that only their plans tell (`include_vars`). */
export function variablesSetBy(
  tasks: readonly CompiledTask[],
  hosts: readonly string[],
  plans: PlansByHost,
): ReadonlySet<string> {
  const calls = tasks.flatMap(({ ref }) => hosts.flatMap((host) => plans.get(host)?.get(ref.path)?.calls ?? []));
  const found = calls.flatMap(({ plan, included }) => [
    ...(plan.action === 'none' ? Object.keys(plan.facts ?? {}) : []),
    ...(included?.variables.keys() ?? []),
  ]);
  return new Set([...tasks.flatMap(namesSetBy), ...found]);
}

/**
 * The hosts on which a task may run a command on behalf of others.
 * @param plans those of its hosts
 * @param all the hosts of the play
 */
export function commandedHosts(
  { step, delegateTo }: CompiledTask,
  plans: readonly HostTaskPlan[],
  all: Iterable<string>,
): ReadonlySet<string> {
  if (!step.runsCommand || !delegateTo) return new Set();
  const actors = plans.flatMap(({ calls }) => calls.flatMap(({ actor }) => actor ?? []));
  if (plans.every(({ plan }) => plan.action !== 'unknown')) return new Set(actors);
  return new Set(delegateTo.kind === 'constant' ? [...actors, String(delegateTo.value)] : all);
}

/** The state of a host for which only the run tells the values of these variables. */
export function withUnknown(state: HostState, names: Iterable<string>, until: string): HostState {
  const unknown = [...names].map((name) => [name, new Unknown(until)] as const);
  return { ...state, registered: new Map([...state.registered, ...unknown]) };
}
