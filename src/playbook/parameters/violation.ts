import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Json } from '../../core/json.ts';
import type { JsonSchema } from '../../core/schema.ts';
import { nearest } from '../../core/suggest.ts';
import { afterRendering } from './template-schema.ts';

/** A violation of a schema. `path` leads to the value, or to the mapping with the invalid key. */
export type Violation =
  | { readonly kind: 'unknown-key'; readonly path: Path; readonly key: string; readonly schema: JsonSchema }
  | { readonly kind: 'missing-key'; readonly path: Path; readonly key: string; readonly schema: JsonSchema }
  | { readonly kind: 'pattern'; readonly path: Path; readonly value: Json; readonly schema: JsonSchema }
  | { readonly kind: 'value'; readonly path: Path; readonly value: Json; readonly schema: JsonSchema };

/** Keys and indices, from the outside in. */
export type Path = readonly string[];

/** The errors of ajv, reduced to what a person would report: one violation per value. */
export function violationsOf(errors: readonly ErrorObject[]): readonly Violation[] {
  const violations = reduceErrors(errors.filter(({ keyword }) => keyword !== 'if')).map(toViolation);
  const broken = new Set<string>();
  return violations.filter((violation) => {
    if (violation.kind === 'unknown-key') return true;
    const place = JSON.stringify(violation.path);
    if (violation.kind === 'missing-key')
      return !violations.some((other) => JSON.stringify(other.path) === place && isMistyped(other, violation.key));
    const first = !broken.has(place);
    broken.add(place);
    return first;
  });
}

/** Whether it is an unknown key that most likely means this one. */
function isMistyped(violation: Violation, key: string): boolean {
  return (
    violation.kind === 'unknown-key' && nearest(violation.key, Object.keys(violation.schema.properties ?? {})) === key
  );
}

/** For a failed choice, keeps the errors of the intended alternative if it is clear which, else only the choice itself. */
function reduceErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const outermost = choices.filter((choice) => !choices.some((other) => isWithin(choice, other)));
  const unrelated = errors.filter(
    (error) => !choices.includes(error) && !outermost.some((choice) => isWithin(error, choice)),
  );
  return [...unrelated, ...outermost.flatMap((choice) => reduceChoice(choice, errors))];
}

function reduceChoice(choice: ErrorObject, errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const alternatives = new Map<string, ErrorObject[]>();
  for (const error of errors.filter((one) => isWithin(one, choice))) {
    const index = error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? '';
    alternatives.set(index, [...(alternatives.get(index) ?? []), error]);
  }
  const sameKind = [...alternatives.values()].filter((own) => !own.some((error) => isOtherKind(error, choice)));
  const [best] = sameKind;
  return best && sameKind.length === 1 ? reduceErrors(best) : [choice];
}

/** Whether the error is from one of the alternatives of a choice, at the same value. */
function isWithin(error: ErrorObject, choice: ErrorObject): boolean {
  return (
    error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
    (error.instancePath === choice.instancePath || error.instancePath.startsWith(`${choice.instancePath}/`))
  );
}

/** Whether the value has nothing to do with the alternative. */
function isOtherKind({ keyword, instancePath }: ErrorObject, choice: ErrorObject): boolean {
  return instancePath === choice.instancePath && (keyword === 'type' || keyword === 'const' || keyword === 'enum');
}

function toViolation(error: ErrorObject): Violation {
  const path = pathOf(error.instancePath);
  const schema = afterRendering(error.parentSchema as JsonSchema);
  switch (error.keyword) {
    case 'additionalProperties':
      return { kind: 'unknown-key', path, key: String(error.params['additionalProperty']), schema };
    case 'required':
      return { kind: 'missing-key', path, key: String(error.params['missingProperty']), schema };
    case 'pattern':
      return { kind: 'pattern', path, value: error.data as Json, schema };
    case 'minLength':
      // What is too short for its pattern, such as a duration without a unit, is not empty for that.
      return {
        kind: schema.pattern !== undefined && error.data !== '' ? 'pattern' : 'value',
        path,
        value: error.data as Json,
        schema,
      };
    default:
      return { kind: 'value', path, value: error.data as Json, schema };
  }
}

function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
