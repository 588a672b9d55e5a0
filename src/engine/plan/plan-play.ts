import type { Problems } from '../../core/diagnostic.ts';
import { Unknown } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { Question } from '../hosts/observe.ts';
import { peersOf } from '../hosts/peers.ts';
import { type BlockNode, tasksIn } from '../program/compiled.ts';
import type { Registered } from '../program/place.ts';
import { gained, withShared } from '../program/shared-result.ts';
import type { Verdict, Verdicts, WalkRequest } from '../walk/request.ts';
import { walkPlay } from '../walk/walk.ts';
import { type Foreseen, type Foresight, foreseeEach, foreseeTask, foreseeWhen } from './foresee.ts';
import type { HostTaskPlan, PlannedPlay, PlannerInput } from './plan-task.ts';
import { worldsBefore } from './prediction.ts';
import type { Foreseeable, StandIns } from './stand-ins.ts';

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
  /** The hosts that are planned stand for others. */
  readonly standIns?: StandIns;
}

const NONE: Verdicts = new Map();

/**
 * Plans a play, on the same way that the run will take through it: each task against the worlds that those before it lead
 * to. Pure. Where facts are missing it says which; planning on worlds that know nothing is how a play says what it needs.
 */
export function planPlay(
  input: PlannerInput,
  hosts: ReadonlyMap<string, HostState>,
  { problems, refused = new Map(), batches = [[...hosts.keys()]], standIns }: PlanningOptions = {},
): PlayPlanning {
  const driver = new PlanDriver(input, hosts, refused, problems, standIns);
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
  readonly #standIns: StandIns | undefined;
  readonly #plans: Map<string, Map<string, HostTaskPlan>>;
  readonly #states: Map<string, HostState>;
  #batch: readonly string[] = [];
  /** Hosts that have ended themselves. */
  readonly #ended = new Set<string>();
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
    standIns: StandIns | undefined,
  ) {
    this.#standIns = standIns;
    const delegates = { find: (name: string) => this.#known(name) ?? input.delegates.find(name) };
    this.#input = { ...input, delegates, fleet: this.#fleet(input.fleet) };
    this.#problems = problems;
    this.#states = new Map([...hosts].filter(([name]) => !refused.has(name)));
    this.#plans = new Map([...hosts.keys()].map((name) => [name, new Map(refused.get(name))]));
  }

  /** The hosts as they are predicted to be at the task that is being planned. */
  #fleet(before: PlannerInput['fleet']): PlannerInput['fleet'] {
    const taking = (names: Iterable<string>) => [...names].filter((name) => !this.#ended.has(name));
    const live = () => this.#standIns?.names ?? taking(this.#states.keys());
    return {
      get live() {
        return live();
      },
      batchOf: () => this.#standIns?.names ?? taking(this.#batch),
      registered: (name) => this.#known(name)?.registered ?? before.registered(name),
    };
  }

  #known(name: string): HostState | undefined {
    return this.#states.get(name) ?? this.#standIns?.stateOf(name, this.#states);
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
    const verdicts = this.#answer(request);
    this.#standIns?.answered();
    return verdicts;
  }

  #answer(request: WalkRequest): Verdicts {
    switch (request.kind) {
      case 'task':
        return this.#task(request);
      case 'share':
        return this.#share(request);
      case 'when':
        return this.#when(request);
      case 'each':
        return new Map(request.hosts.map((host) => [host, this.#each(request, host)]));
      case 'suppose':
        this.#suppose(request.block, request.hosts);
        return NONE;
      case 'supposed':
        for (const [host, state] of this.#kept.pop() ?? []) this.#states.set(host, state);
        this.#standIns?.supposed();
        return NONE;
      case 'rescue':
        this.#rescue(request.block, request.hosts);
        return NONE;
      case 'batch':
        this.#batch = request.hosts;
        return NONE;
      case 'end':
        this.#end(request.hosts);
        return NONE;
      case 'leave':
        return NONE;
      case 'clear':
        for (const host of request.hosts) this.#cleared.add(host);
        return NONE;
    }
  }

  #end(hosts: readonly string[]): void {
    for (const host of hosts) this.#ended.add(host);
    this.#standIns?.end(hosts);
  }

  /** Hosts go side by side: none of them sees yet what the task makes of another. */
  #task({ task, hosts, conditions, notify }: Extract<WalkRequest, { kind: 'task' }>): Verdicts {
    const [first] = hosts;
    if (task.runOnce && first !== undefined) this.#beforeShare = this.#stateOf(first).registered;
    const verdicts = new Map<string, Verdict>();
    const after = new Map<string, HostState>();
    for (const host of hosts) {
      const foresight = this.#foresight(conditions.get(host));
      const look = (own: HostState) => foreseeTask(task, own, peersOf(this.#states, host), foresight);
      const { planned, state, words, verdict } = this.#look(host, task, look);
      if (planned) this.#plans.get(host)?.set(task.ref.path, planned);
      for (const { ref, actor = host } of planned?.missing ?? []) this.#ask(actor, [{ ref, become: task.become }]);
      for (const name of planned?.absent ?? []) this.#absent.add(name);
      after.set(host, state);
      verdicts.set(host, verdict);
      if (words) notify(host, words);
    }
    for (const [host, state] of after) this.#states.set(host, state);
    if (task.runOnce && first !== undefined)
      this.#standIns?.share([first], gained(this.#beforeShare, this.#stateOf(first).registered));
    return verdicts;
  }

  #share({ from, hosts, verdicts }: Extract<WalkRequest, { kind: 'share' }>): Verdicts {
    const after = this.#stateOf(from).registered;
    for (const host of hosts) {
      const state = this.#stateOf(host);
      this.#states.set(host, { ...state, registered: withShared(state.registered, this.#beforeShare, after) });
    }
    this.#standIns?.share(hosts, gained(this.#beforeShare, after));
    const verdict = verdicts.get(from) ?? 'ok';
    // That a step refuses the one host says nothing of the others.
    return new Map([[from, verdict], ...hosts.map((host) => [host, verdict === 'refused' ? 'ok' : verdict] as const)]);
  }

  #ask(host: string, questions: readonly Question[]): void {
    if (questions.length > 0) this.#missing.set(host, [...(this.#missing.get(host) ?? []), ...questions]);
  }

  #when({ node, hosts }: Extract<WalkRequest, { kind: 'when' }>): Verdicts {
    const look = (state: HostState) => foreseeWhen(node, state, this.#foresight());
    return new Map(hosts.map((host) => [host, this.#look(host, node, look).verdict]));
  }

  #each({ node, conditions, take }: Extract<WalkRequest, { kind: 'each' }>, host: string): Verdict {
    const foresight = this.#foresight(conditions.get(host));
    const { verdict, state, planned, inclusions } = this.#look(host, node, (own) => foreseeEach(node, own, foresight));
    if (planned) this.#plans.get(host)?.set(node.task.ref.path, planned);
    if (inclusions) take(host, inclusions);
    this.#states.set(host, state);
    return verdict;
  }

  #foresight(condition?: string): Foresight {
    return { input: this.#input, condition, problems: this.#problems };
  }

  #look(host: string, of: Foreseeable, look: (state: HostState) => Foreseen): Foreseen {
    const state = this.#stateOf(host);
    return this.#standIns ? this.#standIns.look(state, of, look) : look(state);
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
    this.#standIns?.suppose(hosts, new Set(open.keys()));
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
