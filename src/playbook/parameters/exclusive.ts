import type { Problems } from '../../core/diagnostic.ts';
import type { JsonObject } from '../../core/json.ts';
import type { JsonSchemaObject } from '../../core/schema.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import type { MappingTree, Tree } from '../../core/yaml/yaml.ts';
import { hintOfNone } from '../foreign-modules.ts';
import type { ViolationText } from './violation-text.ts';

const HINT = 'give it one of them';
const SOME_HINT = 'give it at least one of them';

/** Parameters that exclude each other, or a missing one of which one is required; after rendering. */
export function exclusiveViolation(
  step: string,
  schema: JsonSchemaObject,
  params: JsonObject,
): ViolationText | undefined {
  const { names, isNeeded } = groupOf(schema);
  const given = names.filter((name) => name in params).length;
  if (given > 1) return { message: tooMany(step, names), hint: HINT };
  if (given === 0 && isNeeded) return { message: none(step, names), hint: hintForNone(step) };
  const { 'x-some-of': some } = schema;
  return some && !some.some((name) => name in params) ? { message: tooFew(step, some), hint: SOME_HINT } : undefined;
}

/**
 * The same before rendering, and parameters that have no effect without one that is missing. A parameter that a template may omit
 * (`omit`) may or may not be present.
 */
export function checkExclusive(
  step: Located<string>,
  schema: JsonSchemaObject,
  { entries, range }: MappingTree,
  problems: Problems,
): void {
  const isWritten = (name: string): boolean => entries.some(({ key }) => key === name);
  const isOfTask = ({ file, start }: SourceRange): boolean =>
    file === range.file && start >= range.start && start < range.end;
  const { 'x-some-of': some } = schema;
  if (some && !some.some(isWritten)) problems.error(tooFew(step.value, some), step.range, SOME_HINT);
  for (const { key, keyRange } of entries) {
    const other = schema.properties[key]?.['x-only-with'];
    if (other !== undefined && !isWritten(other) && isOfTask(keyRange))
      problems.error(`${key} has no effect without ${other}`, keyRange, 'remove it');
  }
  const { names, isNeeded } = groupOf(schema);
  const written = entries.filter(({ key }) => names.includes(key));
  const given = written.filter(({ value }) => !mayBeLeftOut(value));
  const [first] = given;
  // Those of module_defaults come first: report the task's own.
  const last = given.at(-1);
  if (written.length === 0 && isNeeded) problems.error(none(step.value, names), step.range, hintForNone(step.value));
  if (!first || !last || first === last) return;
  const hint = isOfTask(first.keyRange) ? HINT : `${HINT}: ${first.key} comes from module_defaults`;
  problems.error(tooMany(step.value, names), last.keyRange, hint);
}

function groupOf({ 'x-exclusive': atMostOne, 'x-one-of': exactlyOne }: JsonSchemaObject) {
  return { names: exactlyOne ?? atMostOne ?? [], isNeeded: exactlyOne !== undefined };
}

function tooMany(step: string, names: readonly string[]): string {
  return `${step} takes either ${names.join(' or ')}`;
}

function none(step: string, names: readonly string[]): string {
  return `${step} needs either ${names.join(' or ')}`;
}

function hintForNone(step: string): string {
  return hintOfNone(step) ?? HINT;
}

function tooFew(step: string, names: readonly string[]): string {
  return `${step} needs ${names.join(' or ')}`;
}

function mayBeLeftOut(tree: Tree): boolean {
  return tree.kind === 'scalar' && typeof tree.value === 'string' && /\{\{.*\bomit\b/s.test(tree.value);
}
