import type { Problems } from '../core/diagnostic.ts';
import { isJsonArray, isJsonObject, type Json } from '../core/json.ts';
import type { SourceRange } from '../core/source.ts';
import type { MappingTree, Tree } from '../core/yaml/yaml.ts';
import { originOf } from './syntax/origin.ts';
import { parseExpression, parseTemplate } from './syntax/parse.ts';
import type { CompiledValue } from './template.ts';

/** Parses all templates of a YAML tree. Undefined if there are problems; all of them are reported. */
export function compileTree(tree: Tree, problems: Problems): CompiledValue | undefined {
  switch (tree.kind) {
    case 'scalar':
      return typeof tree.value === 'string'
        ? parseTemplate(tree.value, originOf(tree), problems)
        : { kind: 'constant', value: tree.value };
    case 'sequence':
      return sequence(
        tree.items.map((item) => compileTree(item, problems)),
        tree.range,
      );
    case 'mapping':
      warnOfOrder(tree, problems);
      return mapping(
        tree.entries.map(({ key, value }) => [key, compileTree(value, problems)]),
        tree.range,
      );
  }
}

/** JavaScript moves keys that look like indexes of a list: Ansible loops over them as they are written. */
function warnOfOrder({ entries }: MappingTree, problems: Problems): void {
  let before = -1;
  for (const { key, keyRange } of entries) {
    const index =
      /^(?:0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1 ? Number(key) : Number.POSITIVE_INFINITY;
    if (index < before) {
      const message = 'loops over this mapping begin with its keys that are whole numbers, in ascending order';
      problems.warning(message, keyRange, 'write them first and in this order, or use a list');
      return;
    }
    before = index;
  }
}

/** Parameters that are expressions. */
export interface ExpressionParameters {
  /** These, and the items of their lists, if they are texts without braces. */
  readonly bare: ReadonlySet<string>;
  /** These always: they become a mapping of the text to its value. */
  readonly withText: ReadonlySet<string>;
  /** These are one condition or a list of them, which become a list of such mappings; each may also be a template. */
  readonly conditions: ReadonlySet<string>;
}

/** Parses parameters of which some are expressions. Undefined if there are problems; all of them are reported. */
export function compileParameters(
  tree: Tree,
  { bare, withText, conditions }: ExpressionParameters,
  problems: Problems,
): CompiledValue | undefined {
  if (tree.kind !== 'mapping') return compileTree(tree, problems);
  return mapping(
    tree.entries.map(({ key, value }) => {
      if (conditions.has(key)) return [key, compileConditions(value, problems)];
      if (withText.has(key)) return [key, compileWithText(key, value, problems)];
      return [key, bare.has(key) ? compileBare(value, problems) : compileTree(value, problems)];
    }),
    tree.range,
  );
}

function compileWithText(key: string, tree: Tree, problems: Problems): CompiledValue | undefined {
  // The step rejects anything but a text.
  if (tree.kind !== 'scalar' || typeof tree.value !== 'string') return compileTree(tree, problems);
  if (/\{[{%#]/.test(tree.value)) {
    problems.error(`${key} is the name of a variable, or an expression`, tree.range, 'write it without braces');
    return undefined;
  }
  const expression = parseExpression(tree.value, originOf(tree), problems);
  return expression && mapping([[tree.value, { kind: 'expression', expression }]], tree.range);
}

function compileConditions(tree: Tree, problems: Problems): CompiledValue | undefined {
  const trees = tree.kind === 'sequence' ? tree.items : [tree];
  const items = trees.map((one) => {
    const value = compileBare(one, problems);
    return value && mapping([[one.kind === 'scalar' ? String(one.value) : '', value]], one.range);
  });
  const compiled = sequence(items, tree.range);
  return compiled?.kind === 'sequence' ? { ...compiled, endsAtFalse: true } : compiled;
}

function compileBare(tree: Tree, problems: Problems): CompiledValue | undefined {
  if (tree.kind === 'sequence') {
    return sequence(
      tree.items.map((item) => compileBare(item, problems)),
      tree.range,
    );
  }
  if (tree.kind !== 'scalar' || typeof tree.value !== 'string' || /\{[{%#]/.test(tree.value))
    return compileTree(tree, problems);
  const expression = parseExpression(tree.value, originOf(tree), problems);
  return expression && { kind: 'expression', expression };
}

/** Parses all templates of a value written in `range`. Undefined if there are problems; all of them are reported. */
export function compileJson(value: Json, range: SourceRange, problems: Problems): CompiledValue | undefined {
  if (typeof value === 'string') return parseTemplate(value, { range }, problems);
  if (isJsonArray(value)) {
    return sequence(
      value.map((item) => compileJson(item, range, problems)),
      range,
    );
  }
  if (!isJsonObject(value)) return { kind: 'constant', value };
  return mapping(
    Object.entries(value).map(([key, member]) => [key, compileJson(member, range, problems)]),
    range,
  );
}

function sequence(compiled: readonly (CompiledValue | undefined)[], range: SourceRange): CompiledValue | undefined {
  const items = compiled.filter((item) => item !== undefined);
  if (items.length < compiled.length) return undefined;
  const values = constants(items);
  return values ? { kind: 'constant', value: values } : { kind: 'sequence', items, range };
}

function mapping(
  compiled: readonly (readonly [string, CompiledValue | undefined])[],
  range: SourceRange,
): CompiledValue | undefined {
  const entries = compiled.flatMap(([key, value]) => (value ? [[key, value] as const] : []));
  if (entries.length < compiled.length) return undefined;
  const values = constants(entries.map(([, value]) => value));
  if (!values) return { kind: 'mapping', entries, range };
  return { kind: 'constant', value: Object.fromEntries(entries.map(([key], index) => [key, values[index] as Json])) };
}

/** The values, if all of them are constants. */
function constants(compiled: readonly CompiledValue[]): readonly Json[] | undefined {
  const values: Json[] = [];
  for (const one of compiled) {
    if (one.kind !== 'constant') return undefined;
    values.push(one.value);
  }
  return values;
}
