import type { Problems } from '../../core/diagnostic.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { Question } from '../hosts/observe.ts';
import { peersOf } from '../hosts/peers.ts';
import type { BlockNode } from '../program/compiled.ts';
import type { Registered } from '../program/place.ts';
import { mayEverWrite, tasksIn } from '../program/play-tasks.ts';
import { RESCUE_VARIABLES } from '../program/registered.ts';
import { namesToShare, withShared } from '../program/shared-result.ts';
import { Participants } from '../walk/participants.ts';
import type { Doubt, TaskRequest, Verdict, Verdicts, Walk, WalkEnd, WalkRequest } from '../walk/request.ts';
import type { HostTaskPlan, PlansByHost } from './host-task-plan.ts';
import type { PlannerInput } from './plan-task.ts';
import { type Predicted, type PredictionInput, predictEach, predictTask, predictWhen, reporting } from './predict.ts';
import type { PredictableNode, StandIns } from './stand-ins.ts';
import { Suppositions } from './suppositions.ts';
import { afterFailure, commandedHosts, variablesSetBy, withUnknown } from './uncertain-state.ts';
import { mayHaveFailedIn, plansSince, plansUnlessFailed } from './unless-failed.ts';

/** The plans of a play, and what is missing before they are final. */
export interface PlayPlanning {
  readonly plans: PlansByHost;
  /** Delegates that have to be connected first. */
  readonly absent: ReadonlySet<string>;
  /** By host, the facts that have to be read first. Empty when the plans are final. */
  readonly missing: ReadonlyMap<string, readonly Question[]>;
  /** Hosts whose errors the play clears (`clear_host_errors`). */
  readonly cleared: ReadonlySet<string>;
  readonly end: WalkEnd;
  /** Hosts that the run does not start, because no host of an earlier batch succeeds (`batch-lost`). */
  readonly notStarted: ReadonlySet<string>;
  /** The hosts as they will be after the play. */
  readonly states: ReadonlyMap<string, HostState>;
}

const NONE: Verdicts = new Map();

/** Answers the walk with predictions, and tracks the predicted states of the hosts. */
export class PlanDriver {
  readonly #input: PlannerInput;
  readonly #problems: Problems | undefined;
  readonly #standIns: StandIns | undefined;
  #plans: Map<string, Map<string, HostTaskPlan>>;
  /** Put away while an `always` is planned as if its block had failed. The last is of the innermost. */
  readonly #plansBefore: Map<string, Map<string, HostTaskPlan>>[] = [];
  /** What was planned so, until the `always` is planned again as if its block had not failed. */
  readonly #ifFailed: PlansByHost[] = [];
  /** The paths of tasks that may change something. */
  readonly #writers = new Set<string>();
  readonly #states: Map<string, HostState>;
  #batch: readonly string[] = [];
  readonly #started = new Set<string>();
  readonly #participants: Participants;
  readonly #absent = new Set<string>();
  readonly #cleared = new Set<string>();
  readonly #missing = new Map<string, readonly Question[]>();
  readonly #suppositions = new Suppositions();

  constructor(
    input: PlannerInput,
    hosts: ReadonlyMap<string, HostState>,
    refused: PlansByHost,
    problems: Problems | undefined,
    standIns: StandIns | undefined,
  ) {
    this.#standIns = standIns;
    this.#participants = new Participants((hosts) => standIns?.withRepresented(hosts) ?? hosts);
    const delegates = { find: (name: string) => this.#known(name) ?? input.delegates.find(name) };
    this.#input = { ...input, delegates, playHosts: this.#playHosts(input.playHosts) };
    this.#problems = problems;
    this.#states = new Map([...hosts].filter(([name]) => !refused.has(name)));
    this.#plans = new Map([...hosts.keys()].map((name) => [name, new Map(refused.get(name))]));
  }

  /** The predicted hosts at the task being planned. */
  #playHosts(before: PlannerInput['playHosts']): PlannerInput['playHosts'] {
    const live = () => this.#participants.among(this.#states.keys());
    return {
      get live() {
        return live();
      },
      batchOf: () => this.#participants.among(this.#batch),
      registered: (name) => this.#known(name)?.registered ?? before.registered(name),
    };
  }

  #known(name: string): HostState | undefined {
    return this.#states.get(name) ?? this.#standIns?.stateOf(name, this.#states);
  }

  planning(hosts: ReadonlyMap<string, HostState>, end: WalkEnd): PlayPlanning {
    return {
      plans: this.#plans,
      absent: this.#absent,
      missing: this.#missing,
      cleared: this.#cleared,
      end,
      notStarted: new Set(
        end === 'batch-lost' ? [...this.#states.keys()].filter((name) => !this.#started.has(name)) : [],
      ),
      states: new Map([...hosts, ...this.#states]),
    };
  }

  /** Takes a walk to its end. */
  drive(walk: Walk<WalkEnd>): WalkEnd {
    let step = walk.next();
    while (step.done !== true) {
      const verdicts = this.#answer(step.value);
      this.#participants.note(step.value, verdicts);
      this.#standIns?.answered();
      step = walk.next(verdicts);
    }
    return step.value;
  }

  #answer(request: WalkRequest): Verdicts {
    switch (request.kind) {
      case 'task':
        return this.#task(request);
      case 'when':
        return this.#when(request);
      case 'each':
        return new Map(request.hosts.map((host) => [host, this.#each(request, host)]));
      case 'suppose':
        this.#suppose(request);
        return NONE;
      case 'supposed':
        this.#endSupposition(request);
        return NONE;
      case 'passed':
        this.#pass(request);
        return NONE;
      case 'caught':
        this.#standIns?.share(request.hosts, RESCUE_VARIABLES);
        for (const host of request.hosts)
          this.#states.set(host, withUnknown(this.#stateOf(host), RESCUE_VARIABLES, request.by));
        return NONE;
      case 'rescue':
        this.#rescue(request.block, request.hosts);
        return NONE;
      case 'batch':
        this.#batch = request.hosts;
        for (const host of request.hosts) this.#started.add(host);
        return NONE;
      case 'apart':
        for (const walk of request.walks) this.drive(walk);
        return NONE;
      case 'end':
      case 'leave':
        return NONE;
      case 'clear':
        for (const host of request.hosts) this.#cleared.add(host);
        return NONE;
    }
  }

  /** Hosts go side by side: none of them sees what the task does to another. */
  #task(request: TaskRequest): Verdicts {
    const { task, hosts, conditions, notify } = request;
    if (mayEverWrite(task)) this.#writers.add(task.ref.path);
    const [first] = hosts;
    const before = first === undefined ? undefined : this.#stateOf(first).registered;
    const verdicts = new Map<string, Verdict>();
    const after = new Map<string, HostState>();
    for (const host of hosts) {
      const input = this.#predictionInput(conditions.get(host));
      const predict = (own: HostState) =>
        this.#suppositions.predict(conditions.get(host), own, (state) =>
          reporting(input, (given) => predictTask(task, state, peersOf(this.#states, host), given)),
        );
      const { planned, state, notifiedNames: notified, verdict } = this.#predict(host, task, predict);
      if (planned) this.#plans.get(host)?.set(task.ref.path, planned);
      for (const { ref, actor = host } of planned?.missing ?? []) this.#ask(actor, [{ ref, become: task.become }]);
      for (const name of planned?.absent ?? []) this.#absent.add(name);
      after.set(host, state);
      verdicts.set(host, verdict);
      if (notified) notify(host, notified);
    }
    for (const [host, state] of after) this.#states.set(host, state);
    const plans = hosts.flatMap((host) => this.#plans.get(host)?.get(task.ref.path) ?? []);
    for (const actor of commandedHosts(task, plans, this.#states.keys())) {
      const state = this.#states.get(actor);
      if (state) this.#states.set(actor, { ...state, isBehindCommand: true });
    }
    if (!task.runOnce || first === undefined || !before) return verdicts;
    return this.#share(request, first, before, verdicts.get(first) ?? 'ok');
  }

  /**
   * Gives the others the result of the host that runs a task for all (`run_once`).
   * @param before its variables before the task
   */
  #share({ task, alsoFor }: TaskRequest, from: string, before: Registered, verdict: Verdict): Verdicts {
    const { registered: after, isBehindCommand } = this.#stateOf(from);
    const names = namesToShare(task, verdict, before, after);
    for (const host of alsoFor) {
      const state = this.#stateOf(host);
      const registered = withShared(state.registered, names, after);
      // A command for all of them may have done something to each.
      this.#states.set(host, { ...state, registered, ...(isBehindCommand && { isBehindCommand }) });
    }
    this.#standIns?.share([from, ...alsoFor], names);
    // A refusal concerns that one host, not the others.
    const ofOthers = verdict === 'refused' ? 'ok' : verdict;
    return new Map([[from, verdict], ...alsoFor.map((host) => [host, ofOthers] as const)]);
  }

  #ask(host: string, questions: readonly Question[]): void {
    if (questions.length > 0) this.#missing.set(host, [...(this.#missing.get(host) ?? []), ...questions]);
  }

  #when({ node, hosts, conditions, isSupposed }: Extract<WalkRequest, { kind: 'when' }>): Verdicts {
    const { byFirst: _, ...ofEach } = node;
    const of = isSupposed ? ofEach : node;
    const judge = (host: string): Verdict => {
      // Where it has no value on a host that need not judge it, that is no error.
      const input = { ...this.#predictionInput(conditions.get(host)), ...(isSupposed && { problems: undefined }) };
      return this.#predict(host, of, (state) => reporting(input, (given) => predictWhen(node, state, given))).verdict;
    };
    return new Map(hosts.map((host) => [host, judge(host)]));
  }

  #each({ node, conditions, take }: Extract<WalkRequest, { kind: 'each' }>, host: string): Verdict {
    const input = this.#predictionInput(conditions.get(host));
    const { verdict, state, planned, inclusions } = this.#predict(host, node, (own) =>
      reporting(input, (given) => predictEach(node, own, given)),
    );
    if (planned) this.#plans.get(host)?.set(node.task.ref.path, planned);
    if (inclusions) take(host, inclusions);
    this.#states.set(host, state);
    return verdict;
  }

  #predictionInput(doubt?: Doubt): PredictionInput {
    return { input: this.#input, doubt, problems: doubt?.isPastEnd ? undefined : this.#problems };
  }

  #predict(host: string, of: PredictableNode, predict: (state: HostState) => Predicted): Predicted {
    const state = this.#stateOf(host);
    return this.#standIns ? this.#standIns.predict(state, of, predict) : predict(state);
  }

  /** A predictable failure does not keep a host out of the play if a rescue catches it. */
  #rescue({ name }: BlockNode, hosts: readonly string[]): void {
    for (const plans of hosts.map((host) => this.#plans.get(host)))
      for (const [path, planned] of plans ?? [])
        if (planned.plan.action === 'refuse' && planned.condition === undefined)
          plans?.set(path, { ...planned, condition: `caught by the rescue of '${name}'`, isCaught: true });
  }

  /** Predicts the hosts after some task of the block has failed: everything that its tasks would change is uncertain. */
  #suppose({ block, part, hosts }: Extract<WalkRequest, { kind: 'suppose' }>): void {
    this.#suppositions.open(hosts.map((host) => this.#stateOf(host)));
    const isCaught = block.rescue.length > 0;
    const tasks = tasksIn(part === 'rescue' ? block.body : [...block.body, ...block.rescue]);
    const open = new Set([...(isCaught ? RESCUE_VARIABLES : []), ...variablesSetBy(tasks, hosts, this.#plans)]);
    this.#standIns?.suppose(hosts, open);
    for (const host of hosts)
      this.#states.set(host, afterFailure(this.#stateOf(host), tasks, this.#plans.get(host), open, block.name));
    if (part === 'rescue') return;
    this.#plansBefore.push(this.#plans);
    this.#plans = new Map([...this.#plans].map(([host, own]) => [host, new Map(own)]));
  }

  #endSupposition({ block, part }: Extract<WalkRequest, { kind: 'supposed' }>): void {
    for (const state of this.#suppositions.close(block, part, (host) => this.#stateOf(host)))
      this.#states.set(state.compiled.host.name, state);
    this.#standIns?.supposed();
    const before = part === 'always' && this.#plansBefore.pop();
    if (!before) return;
    this.#ifFailed.push(new Map([...this.#plans].map(([host, own]) => [host, plansSince(before.get(host), own)])));
    this.#plans = before;
  }

  /** Adds to the plans for an `always` what it may do besides if its block fails. */
  #pass({ block, hosts, ended }: Extract<WalkRequest, { kind: 'passed' }>): void {
    const ifFailed = this.#ifFailed.pop();
    const others = mayHaveFailedIn(block, ended, this.#plans, this.#input.play);
    for (const host of [...hosts, ...others]) {
      const [failed, passed] = [ifFailed?.get(host) ?? new Map(), this.#plans.get(host) ?? new Map()];
      const mayWrite = (path: string) => this.#writers.has(path);
      for (const [path, planned] of plansUnlessFailed(failed, passed, block, mayWrite)) passed.set(path, planned);
    }
  }

  #stateOf(host: string): HostState {
    const state = this.#states.get(host);
    if (!state) throw new Error(`${host} is not among the hosts of the plan`);
    return state;
  }
}
