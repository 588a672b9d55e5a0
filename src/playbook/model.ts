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
  readonly tasks: readonly Task[];
  readonly range: SourceRange;
}

/** How many hosts go together: so many, or that share of the play's hosts (from 1 to 100). */
export type BatchSize =
  | { readonly kind: 'count'; readonly hosts: number }
  | { readonly kind: 'share'; readonly percent: number };

/** What stands in a list of tasks. */
export type Task = StepTask;

/** A task that carries out a step. */
export interface StepTask {
  readonly kind: 'step';
  /** Its step's name, where it has no name of its own. */
  readonly name: Located<string>;
  /** As the catalogue has it; the range is that of the key. */
  readonly step: Located<string>;
  /** Templates in it are not expanded. */
  readonly params: MappingTree;
  /** Expressions without braces; all must hold. */
  readonly when: readonly Located<string>[];
  readonly tags: readonly Located<string>[];
  readonly vars: Variables;
  readonly register?: Located<string>;
  /** A list, or a text that is a template. */
  readonly loop?: Tree;
  readonly loopControl?: LoopControl;
  readonly become?: Located<boolean>;
  readonly ignoreErrors?: Located<boolean>;
  readonly changedWhen?: readonly Located<string>[];
  readonly failedWhen?: readonly Located<string>[];
  readonly noLog?: Located<boolean>;
  readonly range: SourceRange;
}

export interface LoopControl {
  /** The variable that holds the entry; absent: `item`. */
  readonly loopVar?: Located<string>;
  /** A template for what is shown of an entry. */
  readonly label?: Located<string>;
}

/** Values by the name of their variable. */
export type Variables = ReadonlyMap<string, Tree>;
