import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Json } from '../../core/json.ts';
import type { JsonSchema } from '../../core/schema.ts';
import { afterRendering } from './template-schema.ts';

/** How a value breaks its schema. `path` leads to the value, or to the mapping whose key is wrong. */
export type Violation =
  | { readonly kind: 'unknown-key'; readonly path: Path; readonly key: string; readonly schema: JsonSchema }
  | { readonly kind: 'missing-key'; readonly path: Path; readonly key: string; readonly schema: JsonSchema }
  | { readonly kind: 'pattern'; readonly path: Path; readonly value: Json; readonly schema: JsonSchema }
  | { readonly kind: 'value'; readonly path: Path; readonly value: Json; readonly schema: JsonSchema };

/** Keys and indices, from the outermost. */
export type Path = readonly string[];

/** What ajv found, reduced to what a person would say: one violation a value. */
export function violationsOf(errors: readonly ErrorObject[]): readonly Violation[] {
  const violations = distil(errors.filter(({ keyword }) => keyword !== 'if')).map(toViolation);
  const broken = new Set<string>();
  return violations.filter((violation) => {
    if (violation.kind === 'unknown-key' || violation.kind === 'missing-key') return true;
    const place = JSON.stringify(violation.path);
    const first = !broken.has(place);
    broken.add(place);
    return first;
  });
}

/** Of a failed choice keeps what is wrong with the alternative that was meant, if that is clear, else only the choice. */
function distil(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const outermost = choices.filter((choice) => !choices.some((other) => isWithin(choice, other)));
  const apart = errors.filter(
    (error) => !choices.includes(error) && !outermost.some((choice) => isWithin(error, choice)),
  );
  return [...apart, ...outermost.flatMap((choice) => distilChoice(choice, errors))];
}

function distilChoice(choice: ErrorObject, errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const alternatives = new Map<string, ErrorObject[]>();
  for (const error of errors.filter((one) => isWithin(one, choice))) {
    const index = error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? '';
    alternatives.set(index, [...(alternatives.get(index) ?? []), error]);
  }
  const fitting = [...alternatives.values()].filter((own) => !own.some((error) => isOtherKind(error, choice)));
  const [meant] = fitting;
  return meant && fitting.length === 1 ? distil(meant) : [choice];
}

/** True for what went wrong in one of the alternatives of a choice, at the same value. */
function isWithin(error: ErrorObject, choice: ErrorObject): boolean {
  return (
    error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
    (error.instancePath === choice.instancePath || error.instancePath.startsWith(`${choice.instancePath}/`))
  );
}

/** The value is not at all what the alternative is about. */
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
