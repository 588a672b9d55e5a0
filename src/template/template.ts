import type { Json } from '../core/json.ts';
import type { SourceRange } from '../core/source.ts';
import type { Expression } from './syntax/expression.ts';

/** A parsed text. Immutable, and the same for all hosts. */
export type Template =
  /** Contains no expression: rendering is free. */
  | { readonly kind: 'constant'; readonly value: Json }
  /** A single `{{ }}` and nothing else: yields its value with its type. */
  | { readonly kind: 'expression'; readonly expression: Expression }
  | {
      readonly kind: 'text';
      readonly parts: readonly (string | Expression)[];
      /** How many line ends the result has at its end, unless it has more. */
      readonly lineEnds: number;
      readonly range: SourceRange;
    };

/**
 * A value of a YAML file whose strings may be templates; keys of mappings are not. A tree without any template is one
 * constant.
 */
export type CompiledValue =
  | Template
  | {
      readonly kind: 'sequence';
      readonly items: readonly CompiledValue[];
      readonly range: SourceRange;
      /** Conditions that are evaluated up to the first one that is false: the others may have no value. */
      readonly endsAtFalse?: true;
    }
  | {
      readonly kind: 'mapping';
      readonly entries: readonly (readonly [key: string, value: CompiledValue])[];
      readonly range: SourceRange;
    };

/** The source range of a value; undefined for a constant, which has none. */
export function rangeOfValue(value: CompiledValue): SourceRange | undefined {
  if (value.kind === 'constant') return undefined;
  return value.kind === 'expression' ? value.expression.range : value.range;
}
