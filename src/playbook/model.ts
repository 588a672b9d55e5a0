import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json } from '../core/json.ts';
import type { Located, SourceFile, SourceRange } from '../core/source.ts';
import type { MappingTree, Tree } from '../core/yaml/yaml.ts';
import type { LocalAction } from './rollout/local-model.ts';
import type { Rollout } from './rollout/rollout-model.ts';

/** A playbook as it was written: typed, every part with its place, no template expanded. */
export interface Playbook {
  readonly file: SourceFile;
  readonly plays: readonly Play[];
}

/** A variable that is asked for on the terminal, where `-e` does not give it. */
export interface VarPrompt {
  readonly name: Located<string>;
  /** The question; absent: `input for NAME`. */
  readonly prompt?: Located<string>;
  /** Absent: true. What is typed is not shown, and told nowhere. */
  readonly private?: Located<boolean>;
  /** What an empty answer means, and no terminal. */
  readonly default?: Tree;
  /** It is asked twice. */
  readonly confirm?: Located<boolean>;
}

export interface Play {
  /** Its hosts, where it has no name. */
  readonly name: Located<string>;
  /** A host pattern; patterns of a list are joined with commas. */
  readonly hosts: Located<string>;
  readonly vars: Variables;
  /** Stronger than `vars`. */
  readonly varsPrompt: readonly VarPrompt[];
  readonly become?: Located<boolean>;
  readonly ignoreUnreachable?: Located<boolean>;
  /** For what its tasks run; see Inherited. */
  readonly environment?: Tree;
  readonly checkMode?: Located<boolean | string>;
  readonly diff?: Located<boolean | string>;
  readonly timeout?: Located<number | string>;
  readonly throttle?: Located<number | string>;
  /** Sizes of the batches, the last for all that follow; never empty. */
  readonly serial?: Located<readonly BatchSize[]>;
  readonly anyErrorsFatal?: Located<boolean>;
  /** From 0 to 100. */
  readonly maxFailPercentage?: Located<number>;
  /** One of PLAIN_STRATEGIES, or a strategy of the catalogue; absent: `linear`. */
  readonly strategy?: Located<string>;
  /** One of HOST_ORDERS; or with a strategy the order that it is to take, such as `recovery`: only the strategy knows its own. */
  readonly order?: Located<string>;
  /** How it goes through its clusters; absent: all of them, however many fail. */
  readonly rollout?: Rollout;
  readonly tags: readonly Located<string>[];
  readonly preTasks: readonly Task[];
  /** The tasks of its roles, those that they depend on first. */
  readonly roles: readonly BlockTask[];
  readonly tasks: readonly Task[];
  readonly postTasks: readonly Task[];
  readonly handlers: readonly Handler[];
  /** Handlers that were notified run on hosts that have failed, too. */
  readonly forceHandlers?: Located<boolean>;
  /** What is done on the machine of kplay before the first change, when the play has ended well, or has not, and when a wave begins or has ended. */
  readonly onStart?: readonly LocalAction[];
  readonly onSuccess?: readonly LocalAction[];
  readonly onFailure?: readonly LocalAction[];
  readonly onWave?: readonly LocalAction[];
  readonly range: SourceRange;
}

/** Strategies that look at nothing: hosts go in step, or each on its own. */
export const PLAIN_STRATEGIES = ['linear', 'free'] as const;

/** In which order the hosts of a play without a strategy are taken. */
export const HOST_ORDERS = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'] as const;

export type HostOrder = (typeof HOST_ORDERS)[number];

/** How many hosts go together: so many, or that share of the play's hosts (from 1 to 100). */
export type BatchSize =
  | { readonly kind: 'count'; readonly hosts: number }
  | { readonly kind: 'share'; readonly percent: number };

/** What stands in a list of tasks. */
export type Task = StepTask | BlockTask | MetaTask | IncludeTask | EachTask;

/** Tasks that belong together: what their `rescue` does when one of them fails, and their `always` whatever happens. */
export interface BlockTask extends Inherited {
  readonly kind: 'block';
  readonly name?: Located<string>;
  readonly body: readonly Task[];
  /** Empty: a failure is not caught. */
  readonly rescue: readonly Task[];
  readonly always: readonly Task[];
  readonly range: SourceRange;
}

/** Tasks of another file, for the hosts for which its condition holds when they come to it. */
export interface IncludeTask {
  readonly kind: 'include';
  readonly name: Located<string>;
  readonly when: readonly Located<string>[];
  readonly tags: readonly Located<string>[];
  readonly vars: Variables;
  readonly body: readonly Task[];
  readonly range: SourceRange;
}

/** Tasks of another file or role, once for each entry of a loop, or of the one that a template names. */
export interface EachTask {
  readonly kind: 'each';
  /** The including itself, as a task whose step is `include_tasks` or `include_role`; its parameters say what is included. */
  readonly task: StepTask;
  readonly included: Included;
}

export type Included =
  /** Read with the playbook. */
  | { readonly kind: 'read'; readonly body: readonly Task[] }
  /** Which it is, a template says. */
  | { readonly kind: 'named'; readonly files: IncludedFiles };

/** Files of tasks, or roles, that are read when their names are known. */
export interface IncludedFiles {
  /** What the parameters of the include have come to says which. */
  read(named: Json): IncludedTasks;
}

/** What a name stood for that a template has given. */
export interface IncludedTasks {
  readonly tasks: readonly Task[];
  /** Those of a role. */
  readonly handlers: readonly Handler[];
  /** What is wrong with it. */
  readonly problems: readonly Diagnostic[];
}

/** A `meta` action: an instruction for the run itself, carried out on no host. */
export interface MetaTask {
  readonly kind: 'meta';
  readonly action: Located<MetaAction>;
  readonly name?: Located<string>;
  readonly when: readonly Located<string>[];
  readonly tags: readonly Located<string>[];
  readonly vars: Variables;
  readonly range: SourceRange;
}

/** The actions of `meta` that kplay has, as Ansible names them. */
export const META_ACTIONS = [
  'flush_handlers',
  'clear_host_errors',
  'end_host',
  'end_batch',
  'end_play',
  'noop',
] as const;

export type MetaAction = (typeof META_ACTIONS)[number];

/** What the tasks of a block have from it. */
export interface Inherited {
  /** Expressions without braces; all must hold. */
  readonly when: readonly Located<string>[];
  readonly tags: readonly Located<string>[];
  readonly vars: Variables;
  /** Those of `vars` that stand before what tasks set. */
  readonly handsOn?: HandedOn;
  /** Weaker than what the inventory says: the defaults of a role. */
  readonly defaults?: Variables;
  /** The role whose tasks these are. */
  readonly role?: RoleUse;
  /** A template of the name of the host that does it for the host. */
  readonly delegateTo?: Located<string>;
  readonly become?: Located<boolean>;
  readonly ignoreErrors?: Located<boolean>;
  /** A host that cannot be reached goes on; the next task tries again. */
  readonly ignoreUnreachable?: Located<boolean>;
  readonly noLog?: Located<boolean>;
  /** Variables of the environment for what is run: a mapping, a template of one, or a list of these. */
  readonly environment?: Tree;
  /** It is only planned: nothing is done. */
  readonly checkMode?: Located<boolean | string>;
  /** Contents of files are shown as diffs, or are not, whatever the command line says. */
  readonly diff?: Located<boolean | string>;
  /** Seconds, or a template of them; 0: as long as it takes. */
  readonly timeout?: Located<number | string>;
  /** At most so many hosts do it at a time; 0: as many as there are. */
  readonly throttle?: Located<number | string>;
}

/** Variables that an include says, or that stand beside the name of a role of a play: what an include says is the stronger. */
export interface HandedOn {
  readonly by: 'role' | 'include';
  readonly names: ReadonlySet<string>;
}

/** A role, where it is used. */
export interface RoleUse {
  readonly name: string;
  /** Its directory. */
  readonly path: string;
  /** The roles that use it, the nearest first. */
  readonly parents: readonly string[];
  /** It runs once in its play, on each host: uses with the same text are the same role. Absent: it runs wherever it is used. */
  readonly onceAs?: string;
}

/** A task that runs at the next flush after another has notified it and has changed something. */
export interface Handler extends StepTask {
  /** Further names by which it can be notified. */
  readonly listen: readonly Located<string>[];
  /** What is said around it, the outermost first: of its role, and of the blocks in which that is imported. */
  readonly around: readonly Inherited[];
}

/** A task that carries out a step. */
export interface StepTask extends Inherited {
  readonly kind: 'step';
  /** Its step's name, where it has no name of its own. */
  readonly name: Located<string>;
  /** As the catalogue has it; the range is that of the key. */
  readonly step: Located<string>;
  /** Templates in it are not expanded. */
  readonly params: MappingTree;
  readonly register?: Located<string>;
  /** A list, or a text that is a template. */
  readonly loop?: Tree;
  /** How the entries are made of it; absent: it is the list of them. */
  readonly loopForm?: LoopForm;
  readonly loopControl?: LoopControl;
  readonly changedWhen?: readonly Located<string>[];
  readonly failedWhen?: readonly Located<string>[];
  /** It is done again until these hold. */
  readonly until?: readonly Located<string>[];
  /** How often it is done again, at most. */
  readonly retries?: Located<number>;
  /** Seconds between two attempts. */
  readonly delay?: Located<number>;
  /** Seconds that it may take at most, and how often it is looked at meanwhile; or templates of them. */
  readonly async?: Located<number | string>;
  readonly poll?: Located<number | string>;
  /** On the first host alone, for all of them. */
  readonly runOnce?: Located<boolean>;
  /** Names of handlers, or words that they listen to; or templates of them. */
  readonly notify: readonly Located<string>[];
  readonly range: SourceRange;
}

/** What `with_…` makes of its value, as Ansible's lookups of these names do. */
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
  /** A template for how an entry is shown. */
  readonly label?: Located<string>;
  /** The variable that holds the entry's number, from 0. */
  readonly indexVar?: Located<string>;
  /** `ansible_loop` tells more of where the loop is. */
  readonly extended?: Located<boolean>;
  /** Seconds between two entries, or a template of them. */
  readonly pause?: Located<number | string>;
  /** The loop ends behind the entry for which these hold; they see its result. */
  readonly breakWhen?: readonly Located<string>[];
}

/** Parameters that steps have where a task does not give them (`module_defaults`), by the name of the step. */
export type ModuleDefaults = ReadonlyMap<string, MappingTree>;

/** Values by the name of their variable. */
export type Variables = ReadonlyMap<string, Tree>;
