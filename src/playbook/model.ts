import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json } from '../core/json.ts';
import type { Located, SourceFile, SourceRange } from '../core/source.ts';
import type { MappingTree, Tree } from '../core/yaml/yaml.ts';
import type { LocalAction } from './rollout/local-model.ts';
import type { Rollout } from './rollout/rollout-model.ts';

/** A playbook as written: typed, every part with its source range, no template rendered. */
export interface Playbook {
  readonly file: SourceFile;
  readonly plays: readonly Play[];
}

/** A variable that the user is asked for, unless `-e` sets it. */
export interface VarPrompt {
  readonly name: Located<string>;
  /** The question; absent: `input for NAME`. */
  readonly prompt?: Located<string>;
  /** Absent: true. The input is not echoed, and masked everywhere. */
  readonly private?: Located<boolean>;
  /** The value for an empty answer, and without a terminal. */
  readonly default?: Tree;
  /** It is asked twice. */
  readonly confirm?: Located<boolean>;
}

export interface Play {
  /** Defaults to its hosts. */
  readonly name: Located<string>;
  /** A host pattern; patterns of a list are joined with commas. */
  readonly hosts: Located<string>;
  readonly vars: VariableTrees;
  /** What its roles and imported roles show to all its tasks; their vars take precedence over `vars`. */
  readonly published: RoleVariables;
  /** Takes precedence over `vars`. */
  readonly varsPrompt: readonly VarPrompt[];
  readonly become?: Located<boolean>;
  readonly ignoreUnreachable?: Located<boolean>;
  /** For the commands of its tasks; see Inherited. */
  readonly environment?: Tree;
  readonly checkMode?: Located<boolean | string>;
  readonly diff?: Located<boolean | string>;
  readonly timeout?: Located<number | string>;
  readonly throttle?: Located<number | string>;
  /** Sizes of the batches, the last one for all further ones; never empty. */
  readonly serial?: Located<readonly BatchSize[]>;
  readonly anyErrorsFatal?: Located<boolean>;
  /** From 0 to 100. */
  readonly maxFailPercentage?: Located<number>;
  /** One of PLAIN_STRATEGIES, or a strategy of the catalogue; absent: `linear`. */
  readonly strategy?: Located<string>;
  /** One of HOST_ORDERS; with a strategy an order of its own, such as `recovery`, which only the strategy knows. */
  readonly order?: Located<string>;
  /** How it goes through its clusters; absent: through all of them, however many fail. */
  readonly rollout?: Rollout;
  readonly tags: readonly Located<string>[];
  readonly preTasks: readonly Task[];
  /** The tasks of its roles, after those of their dependencies. */
  readonly roles: readonly BlockTask[];
  readonly tasks: readonly Task[];
  readonly postTasks: readonly Task[];
  readonly handlers: readonly Handler[];
  /** Names and topics of handlers that are there, but wrong. */
  readonly unreadHandlers: ReadonlySet<string>;
  /** Notified handlers also run on failed hosts. */
  readonly forceHandlers?: Located<boolean>;
  /** Hooks on the controller: before the first change, after success or failure, and at the start and end of waves. */
  readonly onStart?: readonly LocalAction[];
  readonly onSuccess?: readonly LocalAction[];
  readonly onFailure?: readonly LocalAction[];
  readonly onWave?: readonly LocalAction[];
  readonly range: SourceRange;
}

/** Strategies that need no facts: hosts go in step, or each on its own. */
export const PLAIN_STRATEGIES = ['linear', 'free'] as const;

/** The order of the hosts of a play without a strategy. */
export const HOST_ORDERS = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'] as const;

export type HostOrder = (typeof HOST_ORDERS)[number];

/** The size of a batch: a number, or a percentage of the play's hosts (from 1 to 100). */
export type BatchSize =
  | { readonly kind: 'count'; readonly hosts: number }
  | { readonly kind: 'share'; readonly percent: number };

/** An entry of a list of tasks. */
export type Task = StepTask | BlockTask | MetaTask | IncludeTask | EachTask;

/** Tasks with a common `rescue`, for when one of them fails, and `always`. */
export interface BlockTask extends Inherited {
  readonly kind: 'block';
  readonly name?: Located<string>;
  readonly body: readonly Task[];
  /** Empty: failures are not caught. */
  readonly rescue: readonly Task[];
  readonly always: readonly Task[];
  readonly range: SourceRange;
}

/** Tasks of another file, for the hosts for which its condition holds when they reach it. */
export interface IncludeTask {
  readonly kind: 'include';
  readonly name: Located<string>;
  readonly when: readonly Located<string>[];
  readonly tags: readonly Located<string>[];
  readonly vars: VariableTrees;
  readonly body: readonly Task[];
  readonly range: SourceRange;
}

/** Tasks of another file or role, once for each entry of a loop, or for the one named by a template. */
export interface EachTask {
  readonly kind: 'each';
  /** The include itself, as a task whose step is `include_tasks` or `include_role`; its parameters name what is included. */
  readonly task: StepTask;
  readonly included: Included;
}

export type Included =
  /** Read along with the playbook. */
  | { readonly kind: 'read'; readonly body: readonly Task[] }
  /** Named by a template. */
  | { readonly kind: 'named'; readonly files: IncludedFiles };

/** Files of tasks, or roles, that are read once their names are known. */
export interface IncludedFiles {
  /** The rendered parameters of the include determine which. */
  read(named: Json): IncludedTasks;
}

/** The tasks found under a rendered name. */
export interface IncludedTasks {
  readonly tasks: readonly Task[];
  /** Those of a role. */
  readonly handlers: readonly Handler[];
  /** Problems found in it. */
  readonly problems: readonly Diagnostic[];
}

/** A `meta` action: an instruction for the run itself, not executed on a host. */
export interface MetaTask {
  readonly kind: 'meta';
  readonly action: Located<MetaAction>;
  readonly name?: Located<string>;
  readonly when: readonly Located<string>[];
  readonly tags: readonly Located<string>[];
  readonly vars: VariableTrees;
  readonly range: SourceRange;
}

/** The supported `meta` actions, by Ansible's names. */
export const META_ACTIONS = [
  'flush_handlers',
  'clear_host_errors',
  'end_host',
  'end_batch',
  'end_play',
  'noop',
] as const;

export type MetaAction = (typeof META_ACTIONS)[number];

/** Keywords that tasks inherit from a block. */
export interface Inherited {
  /** Expressions without braces; all must hold. */
  readonly when: readonly Located<string>[];
  readonly tags: readonly Located<string>[];
  readonly vars: VariableTrees;
  /** Those of `vars` that take precedence over variables set by tasks. */
  readonly passedVars?: PassedVariables;
  /** Lower precedence than the inventory: the defaults that the tasks of a role see. */
  readonly defaults?: VariableTrees;
  /** Lower precedence than `vars` of blocks and tasks: the other variables that the tasks of a role see. */
  readonly roleVars?: VariableTrees;
  /** The role whose tasks these are. */
  readonly role?: RoleUse;
  /** A template for the name of the host that runs it on the host's behalf. */
  readonly delegateTo?: Located<string>;
  readonly become?: Located<boolean>;
  readonly ignoreErrors?: Located<boolean | string>;
  /** An unreachable host stays in the play; the next task tries again. */
  readonly ignoreUnreachable?: Located<boolean>;
  readonly noLog?: Located<boolean>;
  /** Environment variables for commands: a mapping, a template of one, or a list of these. */
  readonly environment?: Tree;
  /** It is only planned, not executed. */
  readonly checkMode?: Located<boolean | string>;
  /** Whether contents of files are shown as diffs, overriding the command line. */
  readonly diff?: Located<boolean | string>;
  /** Seconds, or a template of them; 0: unlimited. */
  readonly timeout?: Located<number | string>;
  /** Maximum number of hosts at a time; 0: unlimited. */
  readonly throttle?: Located<number | string>;
}

/** Variables of an include, or of a role of a play: those of an include take precedence. */
export interface PassedVariables {
  readonly by: 'role' | 'include';
  readonly names: ReadonlySet<string>;
}

/** Variables of a role's files. */
export interface RoleVariables {
  /** Lower precedence than the inventory. */
  readonly defaults: VariableTrees;
  readonly vars: VariableTrees;
}

/** A use of a role. */
export interface RoleUse {
  readonly name: string;
  /** Its directory. */
  readonly path: string;
  /** The roles that use it, the nearest first. */
  readonly parents: readonly Pick<RoleUse, 'name' | 'path'>[];
  /** It runs once in its play on each host: uses with the same text are the same role. Absent: it runs every time. */
  readonly runOnceKey?: string;
}

/** A task that runs at the next flush after another one has notified it and changed something. */
export interface Handler extends StepTask {
  /** Further names by which it can be notified. */
  readonly listen: readonly Located<string>[];
  /** Keywords of enclosing roles and blocks, the outermost first. */
  readonly enclosing: readonly Inherited[];
}

/** A task that runs a step. */
export interface StepTask extends Inherited {
  readonly kind: 'step';
  /** Defaults to its step's name. */
  readonly name: Located<string>;
  /** As in the catalogue; the range is that of the key. */
  readonly step: Located<string>;
  /** Templates in it are not rendered. */
  readonly params: MappingTree;
  readonly register?: Located<string>;
  /** A list, or a text that is a template. */
  readonly loop?: Tree;
  /** How entries are derived from `loop`; absent: it is the list of them. */
  readonly loopForm?: LoopForm;
  readonly loopControl?: LoopControl;
  readonly changedWhen?: readonly Located<string>[];
  readonly failedWhen?: readonly Located<string>[];
  /** It is repeated until these hold. */
  readonly until?: readonly Located<string>[];
  /** The maximum number of repetitions. */
  readonly retries?: Located<number>;
  /** Seconds between two attempts. */
  readonly delay?: Located<number>;
  /** The maximum duration in seconds, and the interval of polling; or templates of them. */
  readonly async?: Located<number | string>;
  readonly poll?: Located<number | string>;
  /** On the first host only, on behalf of all. */
  readonly runOnce?: Located<boolean>;
  /** Names of handlers, or topics that they listen to; or templates of them. */
  readonly notify: readonly Located<string>[];
  readonly range: SourceRange;
}

/** How `with_…` converts its value, by the names of Ansible's lookups. */
export const LOOP_FORMS = [
  'items',
  'list',
  'dict',
  'indexed_items',
  'nested',
  'together',
  'sequence',
  'flattened',
  'subelements',
  'file',
  'fileglob',
  'first_found',
] as const;

export type LoopForm = (typeof LOOP_FORMS)[number];

export interface LoopControl {
  /** The variable that holds the entry; absent: `item`. */
  readonly loopVar?: Located<string>;
  /** A template for the label of an entry. */
  readonly label?: Located<string>;
  /** The variable that holds the entry's index, from 0. */
  readonly indexVar?: Located<string>;
  /** Provides more details in `ansible_loop`. */
  readonly extended?: Located<boolean>;
  /** Seconds between two entries, or a template of them. */
  readonly pause?: Located<number | string>;
  /** The loop ends after the entry for which these hold; they see its result. */
  readonly breakWhen?: readonly Located<string>[];
}

/** Defaults for parameters (`module_defaults`), by the name of the step. */
export type ModuleDefaults = ReadonlyMap<string, MappingTree>;

/** Values by the name of their variable. */
export type VariableTrees = ReadonlyMap<string, Tree>;
