import type { Diagnostic } from '../../core/diagnostic.ts';
import type { HookMoment } from '../../core/events/play.ts';
import type { TaskRef } from '../../core/events/task.ts';
import type { Host } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';
import type { BecomeChoice } from '../../core/session.ts';
import type { SourceRange } from '../../core/source.ts';
import type { Step } from '../../core/step.ts';
import type { Strategy } from '../../core/strategy.ts';
import type { BatchSize, LoopForm, MetaAction, RoleUse } from '../../playbook/model.ts';
import type { CheckMoment } from '../../playbook/rollout/rollout-model.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { CompiledVars } from './scope.ts';
import type { SettingLayers } from './settings.ts';

/** A play with resolved names and parsed templates: the planner's input. */
export interface CompiledPlay {
  readonly name: string;
  readonly hosts: readonly CompiledHost[];
  /** `order: shuffle`: each run shuffles its hosts (shuffled-order). */
  readonly isShuffled: boolean;
  /** Hosts of the play that `--limit` excludes. */
  readonly leftOut: readonly Host[];
  /** The directory of its playbook. */
  readonly directory: string;
  readonly vars: CompiledVars;
  /** Weaker than the inventory: what its roles show to all its tasks. */
  readonly defaults: CompiledVars;
  readonly become: BecomeChoice;
  readonly serial: readonly BatchSize[] | undefined;
  readonly anyErrorsFatal: boolean;
  readonly maxFailPercentage: number | undefined;
  /** Chooses the order of its hosts; undefined: the order of `serial`. */
  readonly strategy: Strategy | undefined;
  /** `strategy: free`: the hosts of a batch go independently. */
  readonly isFree: boolean;
  readonly forcedOrder: string | undefined;
  /** Its nodes, in order. */
  readonly body: readonly Node[];
  /** Roles that are included during the run append theirs. */
  readonly handlers: readonly CompiledHandler[];
  readonly forceHandlers: boolean;
  readonly hooks: readonly CompiledHook[];
}

/** An action on the machine that runs kplay: a hook or a check. */
export interface CompiledLocalAction {
  readonly name: string;
  /** `uri`, `command` or `alerts`. */
  readonly kind: string;
  readonly params: CompiledValue;
  readonly range: SourceRange;
}

/** A check of a rollout, repeated until it passes. */
export interface CompiledCheck extends CompiledLocalAction {
  readonly at: readonly CheckMoment[];
  /** The maximum number of repetitions after the first attempt. */
  readonly retries: number;
  /** Milliseconds between two attempts. */
  readonly delayMs: number;
}

/** A hook of a play, called at a certain moment. */
export interface CompiledHook extends CompiledLocalAction {
  readonly moment: HookMoment;
}

/** A host with its compiled variables. */
export interface CompiledHost {
  readonly host: Host;
  readonly vars: CompiledVars;
}

/** A task with its inherited settings and parsed templates. */
export interface CompiledTask {
  readonly ref: TaskRef;
  readonly step: Step;
  readonly params: CompiledValue;
  /** All must hold. */
  readonly when: readonly Expression[];
  readonly register: string | undefined;
  readonly loop: CompiledLoop | undefined;
  readonly become: BecomeChoice;
  readonly vars: CompiledVars;
  /** Those of `vars` that take precedence over what tasks set: variables of includes, and parameters of roles. */
  readonly passedVars: CompiledVars;
  /** Weaker than the inventory: the defaults of its role. */
  readonly defaults: CompiledVars;
  /** Whether its host goes on when it fails. */
  readonly ignoreErrors: SettingLayers;
  /** An unreachable host goes on. */
  readonly ignoreUnreachable: boolean;
  readonly changedWhen: readonly Expression[] | undefined;
  /** `changed_when` is constantly false. */
  readonly changesNothing: boolean;
  /** A command that is said to change nothing. What other steps do is known, whatever is said of it. */
  readonly isLook: boolean;
  readonly failedWhen: readonly Expression[] | undefined;
  readonly noLog: boolean;
  readonly until: Until | undefined;
  /** It runs on the first host only, for all of them. */
  readonly runOnce: boolean;
  /** The role that it belongs to. */
  readonly role: RoleUse | undefined;
  /** Yields the name of the host that carries it out. */
  readonly delegateTo: CompiledValue | undefined;
  /** Environment variables for the user's command, the weakest first; empty for steps without `usesEnvironment`. */
  readonly environment: readonly CompiledValue[];
  /** Whether it is only planned and nothing is done. */
  readonly checkMode: SettingLayers;
  /** Whether contents of files are shown as diffs; default: as on the command line. */
  readonly diff: SettingLayers;
  /** Seconds after which a call is killed; 0: never. */
  readonly timeout: SettingLayers;
  /** Its time limit in seconds. At most one layer. */
  readonly async: SettingLayers;
  /** Seconds between two polls. At most one layer. */
  readonly poll: SettingLayers;
  /** How many hosts run it at a time; 0: any number. */
  readonly throttle: SettingLayers;
  /** Names of handlers, or topics that they listen to. */
  readonly notify: readonly string[];
  /** Templates that yield further names for each host. */
  readonly notifyTemplates: readonly CompiledValue[];
  /** Its own tags and inherited ones. */
  readonly tags: readonly string[];
  readonly range: SourceRange;
}

/** The loop of a task (`loop`, `with_…`, `loop_control`). */
export interface CompiledLoop {
  /** Yields the list of entries, or the input of `form`. */
  readonly entries: CompiledValue;
  /** The word after `with_`; undefined for `loop`. */
  readonly form: LoopForm | undefined;
  /** The variable that holds the entry: `item` by default. */
  readonly variable: string;
  /** The variable that holds the index of the entry, from 0. */
  readonly index: string | undefined;
  /** Whether `ansible_loop` is defined. */
  readonly isExtended: boolean;
  /** Yields how an entry is shown, instead of the entry itself. */
  readonly label: CompiledValue | undefined;
  /** Seconds between two entries. */
  readonly pause: CompiledValue | undefined;
  /** The loop ends after the first entry for which all of these hold; empty: after its last entry. */
  readonly breakWhen: readonly Expression[];
  /** Those of its blocks' conditions that read what its task registers: for the next entry, they see the result of this one. */
  readonly holding: readonly Expression[];
}

/** A task that is repeated until its conditions hold (`until`). */
export interface Until {
  /** They see what the attempt has registered. */
  readonly conditions: readonly Expression[];
  /** The maximum number of attempts, including the first; at least 1. */
  readonly attempts: number;
  /** Milliseconds between two attempts. */
  readonly delayMs: number;
}

/** The elements of the walk: a play, and each part of a block, is a list of nodes. */
export type Node = TaskNode | BlockNode | RoleNode | IncludeNode | EachNode | MetaNode | FlushNode;

/** A single task. */
export interface TaskNode {
  readonly kind: 'task';
  readonly task: CompiledTask;
}

/** A block. Its `when`, tags and other settings have been passed on to its tasks. */
export interface BlockNode {
  readonly kind: 'block';
  /** Its place in the play: `tasks.3`. */
  readonly path: string;
  readonly name: string;
  readonly body: readonly Node[];
  readonly rescue: readonly Node[];
  readonly always: readonly Node[];
}

/** The tasks of a role that runs once per host, without those of its dependencies. */
export interface RoleNode {
  readonly kind: 'role';
  readonly path: string;
  readonly name: string;
  /** Equal for all uses of the role that count as one: see RoleUse. */
  readonly runOnceKey: string;
  readonly body: readonly Node[];
}

/** Tasks for the hosts on which a condition holds when they reach it. */
export interface IncludeNode extends Conditional {
  readonly kind: 'include';
  readonly body: readonly Node[];
}

/** An include with a loop, or with a template in its name: what is included depends on entry and host. */
export interface EachNode {
  readonly kind: 'each';
  /** The include itself, for its loop and condition. A plan shows it only if what it includes is unknown or refused. */
  readonly task: CompiledTask;
  readonly parts: IncludeParts;
}

/** The parts that an include may include. Each is compiled once, for all hosts, plan and run. */
export interface IncludeParts {
  /**
   * The part for an entry.
   * @param named the parameters that name what is included
   * @param loop the variables of the entry
   * @param occurrence how often the host has met the same entry before
   */
  at(named: JsonObject, loop: JsonObject, occurrence: number): IncludePart;
  /** Whether some parts are known only in the run. */
  readonly isOpen: boolean;
  /** The nodes of all parts that are known. */
  readonly nodes: readonly Node[];
}

/** The tasks of one entry, with the variables that the loop gives them. */
export interface IncludePart {
  readonly body: readonly Node[];
  /** Errors in them; they are not run then. */
  readonly problems: readonly Diagnostic[];
}

/** A node whose condition is evaluated once per host (the walk's request `when`). */
export interface Conditional {
  readonly path: string;
  readonly name: string;
  readonly when: readonly Expression[];
  readonly vars: CompiledVars;
  readonly passedVars: CompiledVars;
  readonly defaults: CompiledVars;
  readonly role: RoleUse | undefined;
  /** The result on the first host applies to all, as in Ansible. */
  readonly byFirst?: true;
}

/** A `meta` action, such as `end_play`, for the hosts on which its condition holds. `flush_handlers` is a node of its own. */
export interface MetaNode extends Conditional {
  readonly kind: 'meta';
  readonly action: Exclude<MetaAction, 'flush_handlers'>;
  readonly range: SourceRange;
}

/** A point at which the notified handlers run. */
export interface FlushNode {
  readonly kind: 'flush';
  readonly path: string;
  /** All handlers of the play, in order. Their paths include this point, since a handler can run at several. */
  readonly handlers: readonly CompiledHandler[];
}

/** A handler of a play. */
export interface CompiledHandler {
  readonly task: CompiledTask;
  /**
   * What notifies it: its name and its topics (`listen`), without those that another handler of its name has taken. They may become
   * fewer when handlers are added.
   */
  readonly names: ReadonlySet<string>;
}
