import type { Located, SourceFile, SourceRange } from '../core/source.ts';
import type { MappingTree, Tree } from '../core/yaml.ts';

/** A playbook as it was written: typed, every part with its place, no template expanded. */
export interface Playbook {
  readonly file: SourceFile;
  readonly plays: readonly Play[];
}

export interface Play {
  /** Its hosts, where it has no name. */
  readonly name: Located<string>;
  /** A host pattern; patterns of a list are joined with commas. */
  readonly hosts: Located<string>;
  readonly vars: Variables;
  readonly become?: Located<boolean>;
  /** For what its tasks run; see Inherited. */
  readonly environment?: Tree;
  /** Sizes of the batches, the last for all that follow; never empty. */
  readonly serial?: Located<readonly BatchSize[]>;
  readonly anyErrorsFatal?: Located<boolean>;
  /** From 0 to 100. */
  readonly maxFailPercentage?: Located<number>;
  /** A strategy of the catalogue; absent: `linear`. */
  readonly strategy?: Located<string>;
  /** The order that the strategy is to take, such as `recovery`; only the strategy knows whether it has it. */
  readonly order?: Located<string>;
  readonly tags: readonly Located<string>[];
  readonly preTasks: readonly Task[];
  /** The tasks of its roles, those that they depend on first. */
  readonly roles: readonly BlockTask[];
  readonly tasks: readonly Task[];
  readonly postTasks: readonly Task[];
  readonly handlers: readonly Handler[];
  /** Handlers that were notified run on hosts that have failed, too. */
  readonly forceHandlers?: Located<boolean>;
  readonly range: SourceRange;
}

/** How many hosts go together: so many, or that share of the play's hosts (from 1 to 100). */
export type BatchSize =
  | { readonly kind: 'count'; readonly hosts: number }
  | { readonly kind: 'share'; readonly percent: number };

/** What stands in a list of tasks. */
export type Task = StepTask | BlockTask | MetaTask | IncludeTask;

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

/** A word to the run itself. */
export interface MetaTask {
  readonly kind: 'meta';
  readonly action: Located<MetaAction>;
  readonly name?: Located<string>;
  readonly when: readonly Located<string>[];
  readonly tags: readonly Located<string>[];
  readonly vars: Variables;
  readonly range: SourceRange;
}

export const META_ACTIONS = ['flush_handlers', 'end_host', 'end_batch', 'end_play', 'noop'] as const;

export type MetaAction = (typeof META_ACTIONS)[number];

/** What the tasks of a block have from it. */
interface Inherited {
  /** Expressions without braces; all must hold. */
  readonly when: readonly Located<string>[];
  readonly tags: readonly Located<string>[];
  readonly vars: Variables;
  /** Weaker than what the inventory says: the defaults of a role. */
  readonly defaults?: Variables;
  /** The role whose tasks these are. */
  readonly role?: RoleUse;
  /** A template of the name of the host that does it for the host. */
  readonly delegateTo?: Located<string>;
  readonly become?: Located<boolean>;
  readonly ignoreErrors?: Located<boolean>;
  readonly noLog?: Located<boolean>;
  /** Variables of the environment for what is run: a mapping, a template of one, or a list of these. */
  readonly environment?: Tree;
}

/** A role, where it is used. */
export interface RoleUse {
  readonly name: string;
  /** Its directory. */
  readonly path: string;
  /** The roles that use it, the nearest first. */
  readonly parents: readonly string[];
}

/** A task that runs at the next flush after another has notified it and has changed something. */
export interface Handler extends StepTask {
  /** Further names by which it can be notified. */
  readonly listen: readonly Located<string>[];
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
  /** On the first host alone, for all of them. */
  readonly runOnce?: Located<boolean>;
  /** Names of handlers, or words that they listen to. */
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
] as const;

export type LoopForm = (typeof LOOP_FORMS)[number];

export interface LoopControl {
  /** The variable that holds the entry; absent: `item`. */
  readonly loopVar?: Located<string>;
  /** A template for what is shown of an entry. */
  readonly label?: Located<string>;
  /** The variable that holds the entry's number, from 0. */
  readonly indexVar?: Located<string>;
  /** `ansible_loop` tells more of where the loop is. */
  readonly extended?: Located<boolean>;
}

/** Values by the name of their variable. */
export type Variables = ReadonlyMap<string, Tree>;
