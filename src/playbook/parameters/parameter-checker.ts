import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { JsonSchemaObject } from '../../core/schema.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { entry, type MappingTree, type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import type { StepCatalogue } from '../catalogue.ts';
import { correction } from '../correction.ts';
import { placeOf } from '../place.ts';
import { isNothing } from '../readers/reader.ts';
import { checkExclusive, exclusiveViolation } from './exclusive.ts';
import { loadSchemaCompiler } from './schema-compiler.ts';
import { beforeRendering, isGiven } from './template-schema.ts';
import { type Path, type Violation, violationsOf } from './violation.ts';
import { describeViolation, formatPath, type ViolationText } from './violation-text.ts';

/** Compares parameters with the schemas of their steps. A parameter without a value, or null, counts as absent. */
export interface ParameterChecker {
  /** Before anything runs: reports what is wrong whatever the templates in it will give. */
  check(step: Located<string>, params: MappingTree, problems: Problems): void;
  /** After templates were rendered: gives the parameters with the defaults of the schema, or says what is wrong. */
  complete(step: string, params: JsonObject): Completion;
}

export type Completion =
  | { readonly kind: 'complete'; readonly params: JsonObject }
  | { readonly kind: 'wrong'; readonly complaints: readonly Complaint[] };

/** What is wrong with a parameter. It may quote the parameter's value. */
export interface Complaint extends ViolationText {
  /** Where in the parameters: `users[1]`; empty for the whole. */
  readonly path: string;
}

/** Makes a checker; only then the validator is loaded, and a schema is compiled when its step is first met. */
export async function createParameterChecker(catalogue: StepCatalogue): Promise<ParameterChecker> {
  const compile = await loadSchemaCompiler();
  const schemaOf = (step: string): JsonSchemaObject => {
    const schema = catalogue.steps.get(step)?.schema;
    if (!schema) throw new Error(`the catalogue has no step ${step}`);
    return schema;
  };
  const written = remember((step) => compile(beforeRendering(schemaOf(step))));
  const rendered = remember((step) => compile(schemaOf(step)));

  return {
    check(step, params, problems) {
      const present = { ...params, entries: params.entries.filter(({ value }) => !isNothing(value)) };
      checkExclusive(step, schemaOf(step.value), present, problems);
      const isWritten = holdsTemplate(present) || takesExpression(schemaOf(step.value));
      const validator = isWritten ? written(step.value) : rendered(step.value);
      for (const violation of validate(validator, treeToJson(present))) {
        if (!isGivenLater(violation)) report(violation, step, schemaOf(step.value), present, problems);
      }
    },
    complete(step, params) {
      const present = Object.fromEntries(
        Object.entries(params).flatMap(([name, value]) =>
          value === null && !takesNull(schemaOf(step), name) ? [] : [[name, copyOf(value)]],
        ),
      );
      const schema = schemaOf(step);
      const exclusive = exclusiveViolation(step, schema, present);
      const complaints = [
        ...validate(rendered(step), present).map((violation) => complaint(violation, step, schema)),
        ...(exclusive ? [{ path: '', ...exclusive }] : []),
      ];
      return complaints.length === 0 ? { kind: 'complete', params: present } : { kind: 'wrong', complaints };
    },
  };
}

function remember<T extends object>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}

/** The validator puts defaults into what it is given. */
function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf);
  return isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]))
    : value;
}

function validate(validator: ValidateFunction, value: unknown): readonly Violation[] {
  return validator(value) ? [] : violationsOf(validator.errors ?? []);
}

/** Elsewhere null is as if nothing had been said. */
function takesNull({ properties, additionalProperties }: JsonSchemaObject, name: string): boolean {
  const schema = properties[name];
  if (!schema) return additionalProperties === true;
  return schema.type === undefined && schema.enum === undefined;
}

function takesExpression({ properties }: JsonSchemaObject): boolean {
  return Object.values(properties).some((property) => property['x-expression']);
}

/** True when a template makes it uncertain what the parameters will be. */
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

/** True for what is missing only until variables and defaults have been filled in. */
function isGivenLater(violation: Violation): boolean {
  if (violation.kind !== 'missing-key') return false;
  return isGiven(violation.schema.properties?.[violation.key]);
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

function placeOfViolation(violation: Violation, tree: Tree, step: SourceRange): SourceRange {
  switch (violation.kind) {
    case 'unknown-key':
      return (tree.kind === 'mapping' && entry(tree, violation.key)?.keyRange) || placeOf(tree);
    case 'missing-key':
      return violation.path.length === 0 ? step : placeOf(tree);
    case 'pattern':
    case 'value':
      return placeOf(tree);
  }
}

function treeAt(tree: Tree, [key, ...rest]: Path): Tree {
  if (key === undefined) return tree;
  const child =
    tree.kind === 'mapping' ? entry(tree, key)?.value : tree.kind === 'sequence' ? tree.items[Number(key)] : undefined;
  return child ? treeAt(child, rest) : tree;
}

function complaint(violation: Violation, step: string, schema: JsonSchemaObject): Complaint {
  return { path: formatPath(violation.path), ...describeViolation(violation, step, schema) };
}
