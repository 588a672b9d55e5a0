import type { Located, SourceRange } from '../../core/source.ts';
import type { MappingTree } from '../../core/yaml/yaml.ts';

/** An action on the controller: a hook of a play, a check of a rollout. */
export interface LocalAction {
  /** Defaults to its kind. */
  readonly name: Located<string>;
  /** `uri`, `command` or `alerts`. */
  readonly kind: Located<string>;
  readonly params: MappingTree;
  readonly range: SourceRange;
}
