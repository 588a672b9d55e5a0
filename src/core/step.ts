import type { FactRef } from './fact.ts';
import type { Json, JsonObject } from './json.ts';
import type { Change, ChangePlan, PlanWarning, StepPlan } from './plan.ts';
import type { ProblemCode } from './problems/code.ts';
import type { JsonSchemaObject } from './schema.ts';
import type { CommandResult, RunOptions } from './session.ts';
import type { ShellScript } from './shell.ts';
import type { World } from './world.ts';

/** What a task does: one file each under `steps/`. */
export interface Step<Params = JsonObject> {
  /** As a task names it: `certs.check`. */
  readonly name: string;
  /** One line, for `kplay steps`. */
  readonly summary: string;
  /** A few sentences, for `kplay doc`. */
  readonly details: string;
  /** The one source of the parameters' types, the published JSON Schema, the validator and the documentation. */
  readonly schema: JsonSchemaObject;
  /** Tasks to copy, for `kplay doc`. */
  readonly examples: readonly { readonly title: string; readonly task: string }[];
  /**
   * Names of the stages in which it changes a host, in order. All hosts of a batch pass a stage, and settle, before any
   * enters the next: etcd on all masters, then the API servers. Absent: one stage.
   */
  readonly stages?: readonly string[];
  /** False for a step that does something each time (`command`): it is then not planned again to see that nothing is left. */
  readonly converges?: false;
  /**
   * Milliseconds within which nothing may be left to do after it, where what it has begun can stumble once more before it stands: a
   * process that has just started. Absent: at once.
   */
  readonly convergesWithinMs?: number;
  /**
   * True when `after` of its plans differs from the world before in every fact that its changes alter: after it only those are
   * looked at again. Absent: all that it reads.
   */
  readonly foreseesAll?: true;
  /** Another host may do it for the host (`delegate_to`): it foresees nothing of the one that it is done on. */
  readonly delegable?: true;
  /** It can be ended in the midst (`timeout`): what is half done then is what the user's command has left, or nothing. */
  readonly canBeEnded?: true;
  /** It works on the host and can take long: `async` may say how long. */
  readonly takesAsync?: true;
  /** Its parameters are variables that the host has from then on. */
  readonly setsFacts?: true;
  /** Its parameters name files of variables, which are read where kplay runs: it asks no host, and its plan is not asked for. */
  readonly includesVariables?: true;
  /**
   * What it reads may have become otherwise by whatever a task before has done, on this host or another: in the run it looks again
   * behind any change.
   */
  readonly looksAfresh?: true;
  /** What it runs is the user's, and sees the variables of the environment that the task gives (`environment`). */
  readonly takesEnvironment?: true;

  /**
   * The facts that `plan` reads. Asked again with what is known after each observation, until it names nothing new: which
   * ports to look at may stand in a file. Whatever can be guessed should be named at once: each further round costs a round trip.
   * `peers` are the other hosts of the play as far as they are known: one host may have to do something for another.
   */
  needs(params: Params, known: World, host: HostInfo, peers: ReadonlyMap<string, World>): readonly FactRef[];
  /** One clause about the host, for the head of its plan: `kubeadm v1.33.13 · containerd · stacked etcd`. */
  describeHost?(params: Params, world: World): string | undefined;
  /** Pure: no I/O, no clock of its own. */
  plan(params: Params, world: World, context: PlanContext): StepPlan;
  /**
   * Makes the changes of one stage.
   * @throws {StepFailure} when the host did not do what it should.
   * @throws {UnreachableError} when it was lost on the way.
   */
  apply?(context: WriteContext, params: Params, planned: PlannedChanges): Promise<Outcome>;
  /** Waits until what `apply` began has come true; called when all hosts of the batch have applied the stage. */
  settle?(context: WriteContext, params: Params, planned: PlannedChanges): Promise<Outcome>;
  /** Carries out a plan whose action is `check`. */
  check?(context: ReadContext, params: Params): Promise<Outcome>;
}

/** The part of a plan that `apply` is to carry out. */
export interface PlannedChanges {
  readonly changes: readonly [Change, ...Change[]];
  /** The whole plan of this task for this host. */
  readonly plan: ChangePlan;
  /** The world before the task, and what it was planned with: apply plans again rather than carry private data in the plan. */
  readonly world: World;
  readonly planContext: PlanContext;
  readonly stage?: string;
}

/** What the inventory says of a host that a step may want to know. */
export interface HostInfo {
  readonly name: string;
  readonly groups: readonly string[];
  /** The address that the connection goes to, when it is a literal IP address. */
  readonly address?: string;
}

export interface PlanContext {
  readonly host: HostInfo;
  /** When the plan is, or was, made: what is due is judged by it. */
  readonly now: Date;
  /** When a fact of the host was last asked, by the controller's clock: they are not all asked at the same time. */
  observedAt(ref: FactRef): Date;
  /** Of this run, the same for all hosts; saved with a plan. Names of things that a run makes are derived from it. */
  readonly runId: string;
  /** The worlds of the play's other hosts before this task, by name. */
  readonly peers: ReadonlyMap<string, World>;
  /** The order that the play's strategy chose: `linear`, `planned`, `recovery`. */
  readonly order: string;
  /** A command that a task before may run can have made, or removed, whatever was seen. */
  readonly isBehindCommand?: true;
  /** A task before is to change something on the host. */
  readonly isBehindChange?: true;
}

/** What a step may do while it waits: look, report, wait. */
export interface ReadContext {
  readonly host: string;
  readonly runId: string;
  readonly order: string;
  readonly signal: AbortSignal;
  now(): Date;
  observe<const Refs extends readonly FactRef[]>(refs: Refs): Promise<World>;
  /** A line of progress: what is waited for, as it stands. */
  report(message: string): void;
  /**
   * Looks again and again until `look` says done.
   * @throws {StepFailure} after `timeoutMs`, with the last state seen, and `remedy`: where to look for the cause.
   */
  waitFor<T>(what: string, timeoutMs: number, look: () => Promise<Look<T>>, remedy?: string): Promise<T>;
}

export type Look<T> = { readonly done: true; readonly value: T } | Pending;

interface Pending {
  readonly done: false;
  readonly state: string;
  /** It starts nothing on the host: it may be taken often. */
  readonly isLight?: boolean;
}

/** What `apply` gets, and nothing else ever does. */
export interface WriteContext extends ReadContext {
  /** Variables of the environment that the task gives to what the user runs: for steps with `takesEnvironment`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Another host of the play that is up and has not failed: for what only it can do, such as signing with its CA. */
  peer(name: string): WriteContext | undefined;
  /**
   * Runs a script and returns its result.
   * @throws {StepFailure} when it exits with another code than 0, or is ended, unless `mayFail` is set. It tells what the script
   * has said last; with `secretOutput` only what it has said on its standard error.
   */
  run(script: ShellScript, options?: WriteOptions): Promise<CommandResult>;
  /**
   * What the host is to do by itself should this run be lost from here on, killed or cut off, in place of what it was told
   * before; undefined: nothing any more. The script has what every script has, `$R` and `tool`.
   * @throws {StepFailure} when the host cannot be told.
   */
  whenLost(script: ShellScript | undefined): Promise<void>;
}

export interface WriteOptions extends RunOptions {
  readonly mayFail?: boolean;
  /** It prints what nobody may see: a private key, that may have been printed in part when it is ended. */
  readonly secretOutput?: boolean;
}

export interface Outcome {
  /** What `register` gets. */
  readonly result?: Json;
  /** What it came to, in a clause, where that says more than the plan did. */
  readonly summary?: string;
  /** What was seen of what it made or proved, for the journal: serials, ids of backups. Never a secret. */
  readonly evidence?: JsonObject;
  /** What the user should know of it: what could not be proven, what was found besides. */
  readonly warnings?: readonly PlanWarning[];
  /** The step did what it should, but what it ran did not succeed: a failure, unless the task's `failed_when` says otherwise. */
  readonly failure?: StepFailure;
}

/** A step did not reach what it should. The host is known to be up. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly code: ProblemCode;
  /** Evidence, as label and text: `last answer` / `500, etcd: context deadline exceeded`. */
  readonly details: readonly (readonly [label: string, text: string])[];
  readonly remedy: string | undefined;

  constructor(
    code: ProblemCode,
    message: string,
    details: readonly (readonly [string, string])[] = [],
    remedy?: string,
  ) {
    super(message);
    this.code = code;
    this.details = details;
    this.remedy = remedy;
  }
}

/**
 * Gives a step to the registry. Parameters have been checked against the step's schema before any of its methods is called,
 * which is why the type of its parameters may be forgotten here.
 */
export function defineStep<Params>(step: Step<Params>): Step {
  return step as unknown as Step;
}
