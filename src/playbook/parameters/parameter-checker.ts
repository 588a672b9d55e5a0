import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { JsonSchemaObject } from '../../core/schema.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { commandWords } from '../../core/words.ts';
import { entry, type MappingTree, type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import type { StepCatalogue } from '../catalogue.ts';
import { correction } from '../correction.ts';
import { isGivenByAnother } from '../foreign-modules.ts';
import { messageRange } from '../place.ts';
import { isNothing } from '../readers/reader.ts';
import { checkExclusive, exclusiveViolation } from './exclusive.ts';
import { loadSchemaCompiler } from './schema-compiler.ts';
import { beforeRendering, isGiven } from './template-schema.ts';
import { type Path, type Violation, violationsOf } from './violation.ts';
import { describeViolation, formatPath, type ViolationText } from './violation-text.ts';

/** Checks parameters against the schemas of their steps. A parameter without a value, or null, counts as absent. */
export interface ParameterChecker {
  /** Before the run: reports what is wrong whatever the values of its templates. */
  check(step: Located<string>, params: MappingTree, problems: Problems): void;
  /** After rendering templates: returns the parameters with the schema's defaults, or the problems. */
  complete(step: string, params: JsonObject): Completion;
}

export type Completion =
  | { readonly kind: 'complete'; readonly params: JsonObject }
  | { readonly kind: 'wrong'; readonly problems: readonly ParameterProblem[] };

/** A problem of a parameter. It may quote the parameter's value. */
export interface ParameterProblem extends ViolationText {
  /** Its path in the parameters: `users[1]`; empty for the whole. */
  readonly path: string;
}

/** Makes a checker. The validator is only loaded here, and a schema is compiled when its step is first used. */
export async function createParameterChecker(catalogue: StepCatalogue): Promise<ParameterChecker> {
  const compile = await loadSchemaCompiler();
  const schemaOf = (step: string): JsonSchemaObject => {
    const schema = catalogue.steps.get(step)?.schema;
    if (!schema) throw new Error(`the catalogue has no step ${step}`);
    return schema;
  };
  const written = memoize((step) => compile(beforeRendering(schemaOf(step))));
  const rendered = memoize((step) => compile(schemaOf(step)));

  return {
    check(step, params, problems) {
      const present = { ...params, entries: params.entries.filter(({ value }) => !isNothing(value)) };
      checkExclusive(step, schemaOf(step.value), present, problems);
      const isWritten = holdsTemplate(present) || takesExpression(schemaOf(step.value));
      const validator = isWritten ? written(step.value) : rendered(step.value);
      for (const violation of validate(validator, treeToJson(present))) {
        if (!isSetLater(violation) && !isReportedOtherwise(violation, step.value, present))
          report(violation, step, schemaOf(step.value), present, problems);
      }
      checkCommandLines(schemaOf(step.value), present, problems);
    },
    complete(step, params) {
      const present = Object.fromEntries(
        Object.entries(params).flatMap(([name, value]) =>
          value === null && !takesNull(schemaOf(step), name) ? [] : [[name, copyOf(value)]],
        ),
      );
      const schema = schemaOf(step);
      const exclusive = exclusiveViolation(step, schema, present);
      const found = [
        ...validate(rendered(step), present).map((violation) => parameterProblem(violation, step, schema)),
        ...(exclusive ? [{ path: '', ...exclusive }] : []),
      ];
      return found.length === 0 ? { kind: 'complete', params: present } : { kind: 'wrong', problems: found };
    },
  };
}

function memoize<T extends object>(make: (key: string) => T): (key: string) => T {
  const cache = new Map<string, T>();
  return (key) => {
    const known = cache.get(key) ?? make(key);
    cache.set(key, known);
    return known;
  };
}

/** The validator adds defaults to its argument. */
function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf);
  return isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]))
    : value;
}

function validate(validator: ValidateFunction, value: unknown): readonly Violation[] {
  return validator(value) ? [] : violationsOf(validator.errors ?? []);
}

/** Otherwise null counts as absent. */
function takesNull({ properties, additionalProperties }: JsonSchemaObject, name: string): boolean {
  const schema = properties[name];
  if (!schema) return additionalProperties === true;
  return schema.type === undefined && schema.enum === undefined;
}

function takesExpression({ properties }: JsonSchemaObject): boolean {
  return Object.values(properties).some((property) => property['x-expression']);
}

/** Whether a template makes the final parameters uncertain. */
function holdsTemplate(tree: Tree): boolean {
  switch (tree.kind) {
    case 'scalar':
      return typeof tree.value === 'string' && tree.value.includes('{{');
    case 'sequence':
      return tree.items.some(holdsTemplate);
    case 'mapping':
      return tree.entries.some(({ value }) => holdsTemplate(value));
  }
}

/** Whether it is only missing until variables and defaults are filled in. */
function isSetLater(violation: Violation): boolean {
  if (violation.kind !== 'missing-key') return false;
  return isGiven(violation.schema.properties?.[violation.key]);
}

/** Whether it is missing because Ansible has another parameter in its place. */
function isReportedOtherwise(violation: Violation, step: string, params: MappingTree): boolean {
  if (violation.kind !== 'missing-key' || violation.path.length > 0) return false;
  return isGivenByAnother(step, violation.key, (name) => entry(params, name) !== undefined);
}

function report(
  violation: Violation,
  step: Located<string>,
  schema: JsonSchemaObject,
  params: MappingTree,
  problems: Problems,
): void {
  const { message, hint } = describeViolation(violation, step.value, schema);
  const tree = treeAt(params, violation.path);
  const better = violation.kind === 'value' ? correction(violation.schema, tree) : undefined;
  problems.error(message, placeOfViolation(violation, tree, step.range), better ?? hint);
}

/** Reports what is written as a command line and needs a shell; what a template makes of it is known later. */
function checkCommandLines({ properties }: JsonSchemaObject, { entries }: MappingTree, problems: Problems): void {
  for (const { key, value } of entries) {
    const withShell = properties[key]?.['x-command-line'];
    if (withShell === undefined || value.kind !== 'scalar' || holdsTemplate(value)) continue;
    const found = commandWords(String(value.value), withShell);
    if ('reason' in found) problems.error(found.reason, messageRange(value), found.remedy);
  }
}

function placeOfViolation(violation: Violation, tree: Tree, step: SourceRange): SourceRange {
  switch (violation.kind) {
    case 'unknown-key':
      return (tree.kind === 'mapping' && entry(tree, violation.key)?.keyRange) || messageRange(tree);
    case 'missing-key':
      return violation.path.length === 0 ? step : messageRange(tree);
    case 'pattern':
    case 'value':
      return messageRange(tree);
  }
}

function treeAt(tree: Tree, [key, ...rest]: Path): Tree {
  if (key === undefined) return tree;
  const child =
    tree.kind === 'mapping' ? entry(tree, key)?.value : tree.kind === 'sequence' ? tree.items[Number(key)] : undefined;
  return child ? treeAt(child, rest) : tree;
}

function parameterProblem(violation: Violation, step: string, schema: JsonSchemaObject): ParameterProblem {
  return { path: formatPath(violation.path), ...describeViolation(violation, step, schema) };
}
