import type { Problems } from '../../core/diagnostic.ts';
import type { TaskPlan } from '../../core/plan.ts';
import { Unknown, UnknownValueError } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { Question } from '../hosts/observe.ts';
import { peersOf } from '../hosts/peers.ts';
import { type BlockNode, type Conditional, type EachNode, tasksIn } from '../program/compiled.ts';
import { firstProblem, inclusionsOf } from '../program/inclusions.ts';
import { ANY_NAME, type Registered } from '../program/place.ts';
import { withShared } from '../program/shared-result.ts';
import { holds } from '../program/task-input.ts';
import type { Conditions, Verdict, Verdicts, WalkRequest } from '../walk/request.ts';
import { walkPlay } from '../walk/walk.ts';
import { type HostTaskPlan, nothing, type PlannedPlay, type PlannerInput, planTask, wrongInput } from './plan-task.ts';
import { notifiedOf, unsure, verdictOf, worldsBefore } from './prediction.ts';
import { stateAfter } from './state-after.ts';

/** Questions that plans still need an answer to, by host. */
export type MissingFacts = ReadonlyMap<string, readonly Question[]>;

export interface PlayPlanning {
  readonly plans: PlannedPlay;
  /** Hosts to which tasks are delegated and that are to be looked for. */
  readonly absent: ReadonlySet<string>;
  /** Empty when nothing is left to ask: then the plans are final. */
  readonly missing: MissingFacts;
  /** Hosts whose errors are to count no longer (`clear_host_errors`). */
  readonly cleared: ReadonlySet<string>;
  /** The hosts as they will be. */
  readonly states: ReadonlyMap<string, HostState>;
}

export interface PlanningOptions {
  /** Gets the templates that have no value. */
  readonly problems?: Problems;
  /** Hosts that are known to take no part: they keep the plans that say so, and help no other. */
  readonly refused?: PlannedPlay;
  /** Hosts of one batch are planned side by side, the next one on what that leads to. Absent: all of them together. */
  readonly batches?: readonly (readonly string[])[];
}

const NONE: Verdicts = new Map();

/**
 * Plans a play, on the same way that the run will take through it: each task against the worlds that those before it lead
 * to. Pure. Where facts are missing it says which; planning on worlds that know nothing is how a play says what it needs.
 */
export function planPlay(
  input: PlannerInput,
  hosts: ReadonlyMap<string, HostState>,
  { problems, refused = new Map(), batches = [[...hosts.keys()]] }: PlanningOptions = {},
): PlayPlanning {
  const driver = new PlanDriver(input, hosts, refused, problems);
  const { body, handlers, forceHandlers } = input.play;
  const walk = walkPlay({
    body,
    handlers,
    forceHandlers,
    batches,
    // What one host would make of another is not foreseen: a plan is shown to its end.
    isTolerable: () => true,
    stopOnFailure: false,
    supposes: true,
    takesPart: (host) => hosts.has(host) && !refused.has(host),
  });
  for (let step = walk.next(); step.done !== true; ) step = walk.next(driver.answer(step.value));
  return driver.planning(hosts);
}

/** Answers the walk with what is predicted, on the hosts as they are predicted to be. */
class PlanDriver {
  readonly #input: PlannerInput;
  readonly #problems: Problems | undefined;
  readonly #plans: Map<string, Map<string, HostTaskPlan>>;
  readonly #states: Map<string, HostState>;
  #batch: readonly string[] = [];
  readonly #absent = new Set<string>();
  readonly #cleared = new Set<string>();
  /** What the host had registered that is doing a task for others too. */
  #beforeShare: Registered = new Map();
  readonly #missing = new Map<string, readonly Question[]>();
  /** What is so although something else is being supposed; suppositions stand in one another. */
  readonly #kept: (readonly (readonly [string, HostState])[])[] = [];

  constructor(
    input: PlannerInput,
    hosts: ReadonlyMap<string, HostState>,
    refused: PlannedPlay,
    problems: Problems | undefined,
  ) {
    const delegates = { find: (name: string) => this.#states.get(name) ?? input.delegates.find(name) };
    this.#input = { ...input, delegates, fleet: this.#fleet(input.fleet) };
    this.#problems = problems;
    this.#states = new Map([...hosts].filter(([name]) => !refused.has(name)));
    this.#plans = new Map([...hosts.keys()].map((name) => [name, new Map(refused.get(name))]));
  }

  /** The hosts as they are predicted to be at the task that is being planned. */
  #fleet(before: PlannerInput['fleet']): PlannerInput['fleet'] {
    const states = () => this.#states;
    return {
      get live() {
        return [...states().keys()];
      },
      batchOf: () => this.#batch,
      registered: (name) => this.#states.get(name)?.registered ?? before.registered(name),
    };
  }

  planning(hosts: ReadonlyMap<string, HostState>): PlayPlanning {
    return {
      plans: this.#plans,
      absent: this.#absent,
      missing: this.#missing,
      cleared: this.#cleared,
      states: new Map([...hosts, ...this.#states]),
    };
  }

  answer(request: WalkRequest): Verdicts {
    switch (request.kind) {
      case 'task':
        return this.#task(request);
      case 'share':
        return this.#share(request);
      case 'when':
        return new Map(request.hosts.map((host) => [host, this.#when(request.node, host)]));
      case 'each':
        return new Map(request.hosts.map((host) => [host, this.#each(request, host)]));
      case 'suppose':
        this.#suppose(request.block, request.hosts);
        return NONE;
      case 'supposed':
        for (const [host, state] of this.#kept.pop() ?? []) this.#states.set(host, state);
        return NONE;
      case 'rescue':
        this.#rescue(request.block, request.hosts);
        return NONE;
      case 'batch':
        this.#batch = request.hosts;
        return NONE;
      case 'leave':
        return NONE;
      case 'clear':
        for (const host of request.hosts) this.#cleared.add(host);
        return NONE;
    }
  }

  /** Hosts go side by side: none of them sees yet what the task makes of another. */
  #task({ task, hosts, conditions, notify }: Extract<WalkRequest, { kind: 'task' }>): Verdicts {
    const [first] = hosts;
    if (task.runOnce && first !== undefined) this.#beforeShare = this.#stateOf(first).registered;
    const verdicts = new Map<string, Verdict>();
    const after = new Map<string, HostState>();
    for (const host of hosts) {
      const state = this.#stateOf(host);
      const condition = conditions.get(host);
      const bare = planTask(this.#input, task, state, peersOf(this.#states, host), this.#problems);
      const planned = condition === undefined ? bare : { ...bare, condition };
      this.#plans.get(host)?.set(task.ref.path, planned);
      for (const { ref, actor = host } of planned.missing) this.#ask(actor, [{ ref, become: task.become }]);
      for (const name of planned.absent ?? []) this.#absent.add(name);
      const then = stateAfter(task, planned, state);
      after.set(host, condition === undefined ? then : unsure(state, then, task.ref.name));
      verdicts.set(host, verdictOf(task, planned));
      if (task.notifyTemplates.length > 0) notify(host, notifiedOf(planned));
    }
    for (const [host, state] of after) this.#states.set(host, state);
    return verdicts;
  }

  #share({ from, hosts, verdicts }: Extract<WalkRequest, { kind: 'share' }>): Verdicts {
    const after = this.#stateOf(from).registered;
    for (const host of hosts) {
      const state = this.#stateOf(host);
      this.#states.set(host, { ...state, registered: withShared(state.registered, this.#beforeShare, after) });
    }
    const verdict = verdicts.get(from) ?? 'ok';
    // That a step refuses the one host says nothing of the others.
    return new Map([[from, verdict], ...hosts.map((host) => [host, verdict === 'refused' ? 'ok' : verdict] as const)]);
  }

  #ask(host: string, questions: readonly Question[]): void {
    if (questions.length > 0) this.#missing.set(host, [...(this.#missing.get(host) ?? []), ...questions]);
  }

  #when(node: Conditional, host: string): Verdict {
    const { play, surroundings, fleet } = this.#input;
    const { compiled, registered } = this.#stateOf(host);
    try {
      return holds(node, { play, host: compiled, registered, surroundings, fleet }) ? 'ok' : 'skipped';
    } catch (error) {
      if (error instanceof UnknownValueError) return 'unknown';
      if (!(error instanceof TemplateError)) throw error;
      this.#problems?.error(error.message, error.range, error.hint);
      return 'unknown';
    }
  }

  /** The including has a plan of its own only where it cannot be told, or not be done. */
  #each({ node, conditions, take }: Extract<WalkRequest, { kind: 'each' }>, host: string): Verdict {
    const { play, surroundings, fleet } = this.#input;
    const state = this.#stateOf(host);
    const { compiled, registered } = state;
    try {
      const found = inclusionsOf(node, { play, host: compiled, registered, surroundings, fleet });
      const wrong = firstProblem(found);
      for (const { message, range, hint } of found.flatMap(({ part }) => part.problems))
        this.#problems?.error(message, range, hint);
      if (wrong) return this.#planEach(node, host, conditions, wrongInput(wrong));
      take(host, found);
      return 'ok';
    } catch (error) {
      if (error instanceof TemplateError) {
        this.#problems?.error(error.message, error.range, error.hint);
        return this.#planEach(node, host, conditions, wrongInput(error));
      }
      if (!(error instanceof UnknownValueError)) throw error;
      const open = tasksIn(node.parts.nodes).flatMap(({ register }) => register ?? []);
      const left = [...open, ...(node.parts.isOpen ? [ANY_NAME] : [])].map(
        (name) => [name, new Unknown(node.task.ref.name)] as const,
      );
      // What it does only the run tells, as of a command.
      this.#states.set(host, { ...state, registered: new Map([...registered, ...left]), isBehindCommand: true });
      return this.#planEach(node, host, conditions, { action: 'unknown', until: error.until });
    }
  }

  #planEach({ task }: EachNode, host: string, conditions: Conditions, plan: TaskPlan): Verdict {
    const condition = conditions.get(host);
    const planned = { ...nothing(plan), ...(condition !== undefined && { condition }) };
    this.#plans.get(host)?.set(task.ref.path, planned);
    return verdictOf(task, planned);
  }

  /** That a task is known to fail keeps a host from nothing where a rescue catches it. */
  #rescue(block: BlockNode, hosts: readonly string[]): void {
    const condition = `caught by the rescue of '${block.name}'`;
    for (const host of hosts) {
      const plans = this.#plans.get(host);
      for (const [path, planned] of plans ?? [])
        if (planned.plan.action === 'refuse' && planned.condition === undefined)
          plans?.set(path, { ...planned, condition });
    }
  }

  /** Some task of the block has failed: of what its tasks would do nothing is certain. */
  #suppose(block: BlockNode, hosts: readonly string[]): void {
    this.#kept.push(hosts.map((host) => [host, this.#stateOf(host)]));
    const tasks = tasksIn(block.body);
    const until = block.name;
    const open = new Map(
      ['ansible_failed_task', 'ansible_failed_result', ...tasks.flatMap(({ register }) => register ?? [])].map(
        (name) => [name, new Unknown(until)] as const,
      ),
    );
    for (const host of hosts) {
      const state = this.#stateOf(host);
      const paths = tasks.map(({ ref }) => ref.path);
      // What one task changes and a later one changes back is as it was only where nothing fails between them.
      const between = [...worldsBefore(paths, this.#plans.get(host))];
      const world = between.reduce((known, one) => known.uncertain(one, until), state.world);
      this.#states.set(host, { ...state, world, registered: new Map([...state.registered, ...open]) });
    }
  }

  #stateOf(host: string): HostState {
    const state = this.#states.get(host);
    if (!state) throw new Error(`${host} is not among the hosts of the plan`);
    return state;
  }
}
