import type { Diagnostic } from '../../core/diagnostic.ts';
import type { HookMoment } from '../../core/events/play.ts';
import type { TaskRef } from '../../core/events/task.ts';
import type { Host } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import type { Step } from '../../core/step.ts';
import type { Strategy } from '../../core/strategy.ts';
import type { BatchSize, LoopForm, MetaAction, RoleUse } from '../../playbook/model.ts';
import type { CheckMoment } from '../../playbook/rollout-model.ts';
import type { Expression } from '../../template/expression.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { Become } from '../hosts/host-sessions.ts';
import type { CompiledVars } from './scope.ts';
import type { SettingLayers } from './settings.ts';

/** A play whose names are resolved and whose templates are parsed: what the planner works on. */
export interface CompiledPlay {
  readonly name: string;
  readonly hosts: readonly CompiledHost[];
  /** Each run draws an order of them: see drawn-order. */
  readonly isShuffled: boolean;
  /** Hosts that it is for and that `--limit` leaves out. */
  readonly leftOut: readonly Host[];
  /** That of its playbook. */
  readonly directory: string;
  readonly vars: CompiledVars;
  readonly become: Become;
  readonly serial: readonly BatchSize[] | undefined;
  readonly anyErrorsFatal: boolean;
  readonly maxFailPercentage: number | undefined;
  readonly strategy: Strategy | undefined;
  readonly forcedOrder: string | undefined;
  /** What it goes through, in order. */
  readonly body: readonly Node[];
  /** A role that is included brings further ones, which then stand at the end. */
  readonly handlers: readonly CompiledHandler[];
  readonly forceHandlers: boolean;
  readonly hooks: readonly CompiledHook[];
}

/** Something that is done on the machine of kplay. */
export interface CompiledLocalAction {
  readonly name: string;
  /** `uri`, `command` or `alerts`. */
  readonly kind: string;
  readonly params: CompiledValue;
  readonly range: SourceRange;
}

/** A check of a rollout: asked again and again until it passes. */
export interface CompiledCheck extends CompiledLocalAction {
  readonly at: readonly CheckMoment[];
  /** How often it is repeated at most. */
  readonly retries: number;
  /** Milliseconds between two attempts. */
  readonly delayMs: number;
}

/** A hook: called at a moment of a play. */
export interface CompiledHook extends CompiledLocalAction {
  readonly moment: HookMoment;
}

export interface CompiledHost {
  readonly host: Host;
  readonly vars: CompiledVars;
}

export interface CompiledTask {
  readonly ref: TaskRef;
  readonly step: Step;
  readonly params: CompiledValue;
  readonly when: readonly Expression[];
  readonly register: string | undefined;
  readonly loop: CompiledValue | undefined;
  readonly loopForm: LoopForm | undefined;
  readonly loopVariable: string;
  /** What is shown of an entry of the loop. */
  readonly loopLabel: CompiledValue | undefined;
  /** The task's own word, or else the play's. */
  readonly become: Become;
  readonly vars: CompiledVars;
  /** Those of them that stand before what tasks set. */
  readonly given: CompiledVars;
  readonly defaults: CompiledVars;
  readonly ignoreErrors: boolean;
  readonly changedWhen: readonly Expression[] | undefined;
  /** `changed_when` is false whatever happens. */
  readonly changesNothing: boolean;
  readonly failedWhen: readonly Expression[] | undefined;
  readonly noLog: boolean;
  readonly until: Until | undefined;
  /** On the first host alone, for all of them. */
  readonly runOnce: boolean;
  readonly loopIndex: string | undefined;
  /** `ansible_loop` is known. */
  readonly loopExtended: boolean;
  /** Seconds between two entries. */
  readonly loopPause: CompiledValue | undefined;
  /** The loop ends behind the entry for which all of these hold; there is none where nothing is said. */
  readonly breakWhen: readonly Expression[];
  /** The role that it stands in. */
  readonly role: RoleUse | undefined;
  /** The name of the host that does it for the host. */
  readonly delegateTo: CompiledValue | undefined;
  /** Variables of the environment for what its step runs, the weakest first; empty for steps that have one of their own. */
  readonly environment: readonly CompiledValue[];
  /** It is only planned, and nothing is done. */
  readonly checkMode: SettingLayers;
  /** Whether contents of files are shown as diffs; nothing said: as the command line says. */
  readonly diff: SettingLayers;
  /** Seconds after which a call of it is ended; 0: none. */
  readonly timeout: SettingLayers;
  /** Seconds that it may take, and between two looks at it; no more than one value each. */
  readonly async: SettingLayers;
  readonly poll: SettingLayers;
  /** At most so many hosts do it at a time; 0: as many as there are. */
  readonly throttle: SettingLayers;
  /** Names of handlers, or words that they listen to. */
  readonly notify: readonly string[];
  /** The same, of which each host has its own. */
  readonly notifyTemplates: readonly CompiledValue[];
  /** Its own and those that it has inherited. */
  readonly tags: readonly string[];
  readonly range: SourceRange;
}

/** A task that is done again until something holds. */
export interface Until {
  /** They see what the attempt has registered. */
  readonly conditions: readonly Expression[];
  /** In all, at least 1. */
  readonly attempts: number;
  readonly delayMs: number;
}

/** What the walk goes through: a play is a list of nodes, and so is each part of a block. */
export type Node = TaskNode | BlockNode | RoleNode | IncludeNode | EachNode | MetaNode | FlushNode;

export interface TaskNode {
  readonly kind: 'task';
  readonly task: CompiledTask;
}

/** `when` and the like of a block stand in its tasks already. */
export interface BlockNode {
  readonly kind: 'block';
  /** Where it stands in its play: `tasks.3`. */
  readonly path: string;
  readonly name: string;
  readonly body: readonly Node[];
  readonly rescue: readonly Node[];
  readonly always: readonly Node[];
}

/** The tasks of a role that runs once, without those of the roles that it depends on. */
export interface RoleNode {
  readonly kind: 'role';
  readonly path: string;
  readonly name: string;
  /** The same of all nodes of this role: see RoleUse. */
  readonly onceAs: string;
  readonly body: readonly Node[];
}

/** Tasks for the hosts for which a condition holds when they come there. */
export interface IncludeNode extends Conditional {
  readonly kind: 'include';
  readonly body: readonly Node[];
}

/** Tasks of other files or roles, once for each entry of a loop, or of the one that a template names. */
export interface EachNode {
  readonly kind: 'each';
  /** The including itself: its loop and its condition; its plan is there only where it cannot be told what is included. */
  readonly task: CompiledTask;
  readonly parts: IncludeParts;
}

/** What the entries of an include stand for. Each is compiled once, for all hosts, for the plan and for the run. */
export interface IncludeParts {
  /** @param occurrence how often the host has met the same entry before */
  at(named: JsonObject, loop: JsonObject, occurrence: number): IncludePart;
  /** Which tasks these are is known only where they are included. */
  readonly isOpen: boolean;
  /** All that is known to be included somewhere. */
  readonly nodes: readonly Node[];
}

/** Tasks that are included, with the variables that the loop gives them. */
export interface IncludePart {
  readonly body: readonly Node[];
  /** What is wrong with them. */
  readonly problems: readonly Diagnostic[];
}

/** What is judged once for each host: see WalkRequest's `when`. */
export interface Conditional {
  readonly path: string;
  readonly name: string;
  readonly when: readonly Expression[];
  readonly vars: CompiledVars;
  readonly given: CompiledVars;
  readonly defaults: CompiledVars;
  readonly role: RoleUse | undefined;
}

/** A `meta` action, such as `end_play`, for the hosts for which its condition holds. `flush_handlers` is a node of its own. */
export interface MetaNode extends Conditional {
  readonly kind: 'meta';
  readonly action: Exclude<MetaAction, 'flush_handlers'>;
  readonly range: SourceRange;
}

/** Where handlers run that have been notified until there. */
export interface FlushNode {
  readonly kind: 'flush';
  readonly path: string;
  /** All handlers of the play, in order; their paths are of this place, since a handler can run at several. */
  readonly handlers: readonly CompiledHandler[];
}

export interface CompiledHandler {
  readonly task: CompiledTask;
  /** By which tasks notify it: its name, where it is the one of that name that is meant, and the words that it listens to. */
  readonly names: ReadonlySet<string>;
}

/** Whether any of these nodes, at any depth, is or may include a `meta` action. */
export function hasMetaActions(nodes: readonly Node[]): boolean {
  return nodes.some(
    (node) =>
      node.kind === 'meta' ||
      (node.kind === 'each' && (node.parts.isOpen || hasMetaActions(node.parts.nodes))) ||
      ((node.kind === 'include' || node.kind === 'role') && hasMetaActions(node.body)) ||
      (node.kind === 'block' && hasMetaActions([...node.body, ...node.rescue, ...node.always])),
  );
}

/**
 * All tasks of a play, in the order in which they are written. A handler is listed once for each place at which it may run; with
 * `force_handlers` the last of these is the end of a host that has failed. Tasks of a file or role whose name is a template are among
 * them as soon as that name is known.
 */
export function tasksOf({ body, forceHandlers, handlers }: CompiledPlay): readonly CompiledTask[] {
  return [...tasksIn(body), ...(forceHandlers ? handlers.map(({ task }) => task) : [])];
}

/** All tasks of these nodes, in the order in which they are written. */
export function tasksIn(nodes: readonly Node[]): readonly CompiledTask[] {
  return nodes.flatMap(tasksOfNode);
}

function tasksOfNode(node: Node): readonly CompiledTask[] {
  switch (node.kind) {
    case 'task':
      return [node.task];
    case 'block':
      return tasksIn([...node.body, ...node.rescue, ...node.always]);
    case 'include':
    case 'role':
      return tasksIn(node.body);
    case 'each':
      return [node.task, ...tasksIn(node.parts.nodes)];
    case 'meta':
      return [];
    case 'flush':
      return node.handlers.map(({ task }) => task);
  }
}

/** How a play becomes root: as its tasks say, and as it says itself for what its strategy asks. */
export function waysOf({ body, become, strategy }: CompiledPlay): readonly Become[] {
  const tasks = tasksIn(body);
  const own = tasks.map((task) => task.become);
  return [...new Set(strategy || tasks.length === 0 ? [become, ...own] : own)];
}
