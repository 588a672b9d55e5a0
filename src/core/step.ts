import type { FactRef } from './fact.ts';
import type { Json, JsonObject } from './json.ts';
import type { Change, ChangePlan, PlanWarning, RefusePlan, StepPlan } from './plan.ts';
import type { ProblemCode } from './problems/code.ts';
import type { JsonSchemaObject } from './schema.ts';
import type { CommandResult, ScriptOptions } from './session.ts';
import type { ShellScript } from './shell.ts';
import type { World } from './world.ts';

/** What a task does: one file each under `steps/`. */
export interface Step<Params = JsonObject> {
  /** The name that tasks use: `certs.check`. */
  readonly name: string;
  /** One line, for `kplay steps`. */
  readonly summary: string;
  /** A few sentences, for `kplay doc`. */
  readonly details: string;
  /** The single source of the parameters' types, the published JSON Schema, the validator and the documentation. */
  readonly schema: JsonSchemaObject;
  /** Example tasks, for `kplay doc`. */
  readonly examples: readonly { readonly title: string; readonly task: string }[];
  /**
   * The stages in which it changes a host, in order. All hosts of a batch apply and settle a stage before any of them starts
   * the next: etcd on all masters, then the API servers. Absent: a single stage.
   */
  readonly stages?: readonly string[];
  /**
   * It runs a command of the user (`command`), whose effect nobody knows: it acts every time, and is not planned again to prove
   * that nothing is left to do.
   */
  readonly runsCommand?: true;
  /**
   * The only parameters for which it reads facts and predicts an effect: with none of them given, `needs` names nothing and
   * `plan` leaves the world as it is. Absent: it may do both whatever it is given.
   */
  readonly readsFactsFor?: readonly string[];
  /**
   * Milliseconds within which nothing may be left to do, for a step whose result may break again before it is stable, such as
   * a process that has just started. Absent: nothing may be left immediately.
   */
  readonly convergesWithinMs?: number;
  /**
   * Whether a change may be left to do after the task without failing its host: it is made each time, or the step warns if it had
   * no effect. Absent: none may.
   */
  isBestEffort?(change: Change): boolean;
  /**
   * True when the `after` of its plans differs from the world before in every fact that its changes affect. Then only those
   * facts are read again after it. Absent: all facts that it reads are.
   */
  readonly predictsAllFacts?: true;
  /** Another host may run it (`delegate_to`): its plan predicts nothing about the host on which it runs. */
  readonly delegable?: true;
  /** It may be killed (`timeout`): it leaves nothing half done except what the user's own command does. */
  readonly isKillable?: true;
  /** It works on the host and may take long, so a task may limit it with `async`. */
  readonly supportsAsync?: true;
  /** Its parameters become variables of the host (`set_fact`). */
  readonly setsFacts?: true;
  /** Its parameters name files of variables (`include_vars`). The engine reads them on the controller and never calls `plan`. */
  readonly includesVariables?: true;
  /**
   * Any earlier task, on this host or another, may have changed what it reads (a port, a path). So if anything was changed, a run
   * observes the host again before this step.
   */
  readonly needsFreshFacts?: true;
  /**
   * A command may have changed what it reads (a file, a service), even one with `changed_when: false`. So after a command on the host, a
   * run observes the host again before this step.
   */
  readonly distrustsCommands?: true;
  /**
   * Its plan or action depends on the play's other hosts. Only such steps are given peers, and they cannot be used in a play
   * in which each host goes on its own (`strategy: free`).
   */
  readonly readsPeers?: true;
  /** It runs the user's own command, which gets the task's `environment`. */
  readonly usesEnvironment?: true;

  /**
   * The facts that `plan` reads. Called again after each observation until it names nothing new, because one answer may lead
   * to the next question: the ports to check may depend on a file. Name whatever can be guessed immediately: each further call
   * costs a round trip.
   * @param known what has been observed so far
   * @param peers the other hosts of the play, as far as they are known: one may have to do something for another. Empty for
   * steps without `readsPeers`
   */
  needs(params: Params, known: World, host: HostInfo, peers: ReadonlyMap<string, World>): readonly FactRef[];
  /** One clause about the host, for the head of its plan: `kubeadm v1.33.13 · containerd · stacked etcd`. */
  describeHost?(params: Params, world: World): string | undefined;
  /** Pure: no I/O, and no clock of its own. */
  plan(params: Params, world: World, context: PlanContext): StepPlan;
  /**
   * Makes the changes of one stage.
   * @throws {StepFailure} when the host did not do what it should
   * @throws {UnreachableError} when the connection was lost
   */
  apply?(context: WriteContext, params: Params, planned: PlannedChanges): Promise<Outcome>;
  /** Waits until the changes of `apply` have taken effect; called when all hosts of the batch have applied the stage. */
  settle?(context: WriteContext, params: Params, planned: PlannedChanges): Promise<Outcome>;
  /** Whether `settle` makes a change of this stage itself, so that this is not made when `apply` has ended. Default: it only waits. */
  settleChanges?(planned: PlannedChanges): boolean;
  /** Carries out a plan whose action is `check`. */
  check?(context: ReadContext, params: Params): Promise<Outcome>;
}

/** The part of a plan that one call of `apply` carries out. */
export interface PlannedChanges {
  readonly changes: readonly [Change, ...Change[]];
  /** The whole plan of this task for this host. */
  readonly plan: ChangePlan;
  /**
   * The world before the task, and the context of its plan: a step that needs more than the plan contains plans again with
   * these.
   */
  readonly world: World;
  readonly planContext: PlanContext;
  readonly stage?: string;
}

/** What a step may know about a host from the inventory. */
export interface HostInfo {
  readonly name: string;
  readonly groups: readonly string[];
  /** The address of the connection, if it is a literal IP address. */
  readonly address?: string | undefined;
}

/** What a plan may depend on besides parameters and world. */
export interface PlanContext {
  readonly host: HostInfo;
  /** When the plan was made, or the saved plan: the reference time for what is due. */
  readonly now: Date;
  /** When a fact of the host was last read, by the controller's clock: facts may have been read at different times. */
  observedAt(ref: FactRef): Date;
  /**
   * The id of the run, the same for all hosts and saved with a plan. Everything that a run creates (backups) is named after
   * it.
   */
  readonly runId: string;
  /**
   * When this process started the run. Whatever was done under its id before (by a resumed run, a saved plan that is applied
   * again, a cluster that another worker takes over) may have been repaired by others since.
   */
  readonly startedAt: Date;
  /** The worlds of the play's other hosts before this task, by name; empty for steps without `readsPeers`. */
  readonly peers: ReadonlyMap<string, World>;
  /** The order chosen by the play's strategy: `linear`, `free`, `planned`, `recovery`. */
  readonly order: string;
  /** An earlier task runs a command, which may create or remove anything that was observed. */
  readonly isBehindCommand?: true;
  /** An earlier task changes something on the host. */
  readonly isBehindChange?: true;
  /** Only when changes are undone: what was known about the host before them. */
  readonly beforeUndone?: World;
}

/** What a step that only observes or waits may use. */
export interface ReadContext {
  readonly host: string;
  readonly runId: string;
  readonly order: string;
  readonly signal: AbortSignal;
  now(): Date;
  observe<const Refs extends readonly FactRef[]>(refs: Refs): Promise<World>;
  /** Shows a line of progress: what it waits for, and the current state. */
  report(message: string): void;
  /**
   * Calls `look` repeatedly until it returns done.
   * @param what what is waited for, for the failure: `etcd to answer`
   * @param remedy where to look for the cause if it never happens
   * @throws {StepFailure} after `timeoutMs`, with the last observed state
   */
  waitFor<T>(what: string, timeoutMs: number, look: () => Promise<Look<T>>, remedy?: string): Promise<T>;
}

/** The result of one look. */
export type Look<T> = { readonly done: true; readonly value: T } | Pending;

interface Pending {
  readonly done: false;
  /** A clause, shown as progress and, after a timeout, as the last state. */
  readonly state: string;
  /** The look starts no program on the host, so it may be repeated often. */
  readonly isLight?: boolean;
}

/** The context of `apply` and `settle`. Only the executor of a real run makes one. */
export interface WriteContext extends ReadContext {
  /** The task's `environment`; empty for steps without `usesEnvironment`. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The context of another host of the play, for what only that host can do, such as signing with its CA. Undefined when there
   * is no such host, when it has dropped out of the play, and for steps without `readsPeers`.
   */
  peer(name: string): WriteContext | undefined;
  /**
   * Runs a script and returns its result.
   * @throws {StepFailure} when it exits with another code than 0 or is killed, unless `mayFail` is set. The failure contains
   * the last lines of its output; with `secretOutput` only those of its standard error.
   */
  run(script: ShellScript, options?: WriteOptions): Promise<CommandResult>;
  /**
   * Arms the host: from now on, it runs this script by itself if the run is killed or cut off. Replaces the previous script;
   * undefined disarms the host. The script may use `$R` and `tool`, like any other.
   * @throws {StepFailure} when the host cannot be armed or disarmed
   */
  whenLost(script: ShellScript | undefined): Promise<void>;
}

/** Options of running a script of a step. */
export interface WriteOptions extends ScriptOptions {
  /** An exit code other than 0 is returned, not thrown. */
  readonly mayFail?: boolean;
  /** Its standard output is a secret, such as a private key: no failure quotes any of it. */
  readonly secretOutput?: boolean;
}

/** What a step reports about its work. */
export interface Outcome {
  /** The value of `register`. */
  readonly result?: Json;
  /** The result in a clause, if it says more than the plan did. */
  readonly summary?: string;
  /** Evidence of what it made or proved, for the journal: serials, ids of backups. Never a secret. */
  readonly evidence?: JsonObject;
  /** What the user should know although it is no failure, such as what could not be proved. */
  readonly warnings?: readonly PlanWarning[];
  /** The step worked, but the command that it ran failed (exit code 1): a failure, unless `failed_when` says otherwise. */
  readonly failure?: StepFailure;
}

/** What is said about a failure beside its message. */
export interface FailureDetails {
  /** Evidence, as label and text: `last seen` / `500, etcd: context deadline exceeded`. Default: none. */
  readonly details?: readonly (readonly [label: string, text: string])[] | undefined;
  /** What to do about it. */
  readonly remedy?: string | undefined;
  /** The step has looked: the host is as it was before. Default: false. */
  readonly hasChangedNothing?: boolean;
}

/** A step did not do what it should. The host is known to be reachable. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly code: ProblemCode;
  readonly details: readonly (readonly [label: string, text: string])[];
  readonly remedy: string | undefined;
  readonly hasChangedNothing: boolean;

  constructor(code: ProblemCode, message: string, more: FailureDetails = {}) {
    super(message);
    this.code = code;
    this.details = more.details ?? [];
    this.remedy = more.remedy;
    this.hasChangedNothing = more.hasChangedNothing ?? false;
  }

  /** The failure of what is refused only in the run. */
  static refused({ code, reason, details, remedy }: Omit<RefusePlan, 'action'>): StepFailure {
    return new StepFailure(code, reason, { details, remedy });
  }
}

/**
 * Prepares a step for the registry by dropping the type of its parameters. This is safe because the engine checks parameters
 * against the step's schema before it calls any of its methods.
 */
export function defineStep<Params>(step: Step<Params>): Step {
  return step as unknown as Step;
}
