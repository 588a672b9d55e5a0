import type { Located, SourceRange } from '../../core/source.ts';
import type { MappingTree } from '../../core/yaml/yaml.ts';

/** Something that is done on the machine of kplay: a hook of a play, a check of a rollout. */
export interface LocalAction {
  /** Its kind, where it has no name. */
  readonly name: Located<string>;
  /** `uri`, `command` or `alerts`. */
  readonly kind: Located<string>;
  readonly params: MappingTree;
  readonly range: SourceRange;
}
