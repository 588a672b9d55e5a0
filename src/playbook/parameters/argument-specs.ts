import { booleanOf } from '../../core/boolean-words.ts';
import type { Problems } from '../../core/diagnostic.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { entry, type MappingEntry, type MappingTree, type ScalarTree, type Tree } from '../../core/yaml/yaml.ts';
import type { StepTask } from '../model.ts';
import { didYouMean } from '../suggest.ts';
import { entrySpec } from './argument-spec-form.ts';
import { ARGUMENT_TYPES } from './argument-types.ts';

/** A condition that valid arguments satisfy. */
interface Check {
  /** An expression with the same meaning as a condition and in `{{ }}`. */
  readonly holds: string;
  /** The message if it does not hold, in Ansible's words. */
  readonly failure: string;
}

/**
 * The task that validates the arguments of a role, before its other tasks, according to the `argument_specs` of its entry
 * point. Ansible inserts one of the same name. Undefined if the entry point has no specs.
 * @param given the variables given beside the name of the role
 */
export function argumentCheck(
  specs: Tree | undefined,
  entryPoint: string,
  given: readonly Located<string>[],
  problems: Problems,
): StepTask | undefined {
  const spec = entrySpec(specs, entryPoint, problems);
  if (!spec) return undefined;
  const { tree: value, keyRange } = spec;
  const options = entry(value, 'options')?.value;
  const title = entry(value, 'short_description')?.value;
  const named = title?.kind === 'scalar' && title.value !== null ? ` - ${title.value}` : '';
  const checks = options?.kind === 'mapping' ? checksOf(options, '') : [];
  const known = options?.kind === 'mapping' ? options.entries.flatMap(namesOf) : [];
  for (const { value: name, range } of given)
    if (!known.includes(name))
      problems.error(`argument_specs of the role do not contain ${name}`, range, didYouMean(name, known, 'it takes'));
  const text = (content: string) => scalar(content, keyRange);
  const that = checks.map(({ holds }) => text(holds));
  const words = checks.map(({ holds, failure }) => `("" if ${holds} else ${quoted(failure)})`);
  const message = `Validation of arguments failed: {{ [${words.join(', ')}] | select | join("; ") }}`;
  const params = mapping(
    [
      ['that', checks.length === 0 ? scalar(true, keyRange) : { kind: 'sequence', items: that, range: keyRange }],
      ...(checks.length === 0 ? [] : [['fail_msg', text(message)] as const]),
    ],
    keyRange,
  );
  return {
    kind: 'step',
    name: { value: `Validating arguments against arg spec '${entryPoint}'${named}`, range: keyRange },
    step: { value: 'assert', range: keyRange },
    params,
    when: [],
    tags: [{ value: 'always', range: keyRange }],
    vars: new Map(),
    notify: [],
    range: keyRange,
  };
}

/** @param prefix prefix of the options: `user.`, or empty for variables */
function checksOf(options: MappingTree, prefix: string): readonly Check[] {
  return options.entries.flatMap((option) => checksOfOption(option, prefix));
}

/** The name of an option and its aliases. */
function namesOf({ key, value }: MappingEntry): readonly string[] {
  return value.kind === 'mapping' ? [key, ...textsIn(value, 'aliases')] : [key];
}

function checksOfOption(option: MappingEntry, prefix: string): readonly Check[] {
  const { key, value } = option;
  if (value.kind !== 'mapping') return [];
  const names = namesOf(option).map((one) => `${prefix}${one}`);
  const given = names.map((one) => `${one} is defined`).join(' or ');
  const isRequired = scalarIn(value, 'required') === true;
  const required = { holds: `(${given})`, failure: `missing required arguments: ${prefix}${key}` };
  return [...(isRequired ? [required] : []), ...names.flatMap((one) => valueChecks(value, one))];
}

/** The checks of an option's value, under its name or one of its aliases. */
function valueChecks(option: MappingTree, name: string): readonly Check[] {
  return [...typeChecks(option, name), ...choiceChecks(option, name), ...partChecks(option, name)].map(
    ({ holds, failure }) => ({ holds: `(${name} is undefined or ${name} is none or (${holds}))`, failure }),
  );
}

function typeChecks(option: MappingTree, name: string): readonly Check[] {
  const type = String(scalarIn(option, 'type') ?? 'str');
  const elements = scalarIn(option, 'elements');
  const whole = ARGUMENT_TYPES[type];
  const each = type === 'list' && elements !== undefined ? ARGUMENT_TYPES[String(elements)] : undefined;
  return [
    ...(whole ? [{ holds: whole.one(name), failure: `argument '${name}' cannot be converted to ${type}` }] : []),
    ...(each
      ? [
          {
            holds: `${each.others(entriesOf(name))} | list | length == 0`,
            failure: `elements of argument '${name}' cannot be converted to ${String(elements)}`,
          },
        ]
      : []),
  ];
}

/** The entries of a list value: a text contains them separated by commas, as in Ansible. */
function entriesOf(name: string): string {
  return `(${name} | split(",") if ${name} is string else ${name} if ${name} is sequence and ${name} is not mapping else [${name}])`;
}

function choiceChecks(option: MappingTree, name: string): readonly Check[] {
  const choices = entry(option, 'choices')?.value;
  if (choices?.kind !== 'sequence') return [];
  const values = choices.items.flatMap((item) => (item.kind === 'scalar' ? [textOf(item)] : []));
  const type = scalarIn(option, 'type');
  const isList = type === 'list';
  const holds = isList
    ? `${entriesOf(name)} | map("string") | difference(${listOf(values)}) | length == 0`
    : type === 'bool'
      ? `(${name} | string | lower) in ${listOf(values.map((value) => value.toLowerCase()))}`
      : `(${name} | string) in ${listOf([...values, ...booleansFor(values)])}`;
  return [{ holds, failure: `value of ${name} must be ${isList ? 'one or more of' : 'one of'}: ${values.join(', ')}` }];
}

/** As in a template. */
function textOf({ value }: ScalarTree): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

/** If exactly one choice is a word for a boolean, that boolean is accepted for it, as in Ansible. */
function booleansFor(choices: readonly string[]): readonly string[] {
  const isOnly = (meaning: boolean) => choices.filter((choice) => booleanOf(choice) === meaning).length === 1;
  return [...(isOnly(true) ? ['True'] : []), ...(isOnly(false) ? ['False'] : [])];
}

/** For a mapping the specs of its keys; for a list of mappings only the required keys. */
function partChecks(option: MappingTree, name: string): readonly Check[] {
  const options = entry(option, 'options')?.value;
  if (options?.kind !== 'mapping') return [];
  const isList = scalarIn(option, 'type') === 'list';
  const known = options.entries.flatMap(({ key, value }) => [
    key,
    ...(value.kind === 'mapping' ? textsIn(value, 'aliases') : []),
  ]);
  const mappings = isList ? `${entriesOf(name)} | select("mapping")` : `[${name}] | select("mapping")`;
  const unknown = {
    holds: `${mappings} | map("dict2items") | flatten | map(attribute="key") | difference(${listOf(known)}) | length == 0`,
    failure: `unsupported parameters for ${name}: they are ${known.join(', ')}`,
  };
  if (!isList) return [...checksOf(options, `${name}.`), unknown];
  const missing = options.entries.flatMap(({ key, value }) =>
    value.kind === 'mapping' && scalarIn(value, 'required') === true
      ? [
          {
            holds: `${mappings} | selectattr("${key}", "undefined") | list | length == 0`,
            failure: `missing required arguments: ${key} found in ${name}`,
          },
        ]
      : [],
  );
  return [...missing, unknown];
}

/**
 * A text as an expression, valid both in conditions, where escapes are interpreted, and in `{{ }}`, where a backslash is
 * literal. So quotes are put inside the other kind, and no string ends with a backslash.
 */
function quoted(text: string): string {
  const pieces = text.split(/(["\\])/).filter((piece) => piece !== '');
  const words = pieces.map((piece) => (piece === '"' ? `'"'` : piece === '\\' ? '("\\ " | trim)' : `"${piece}"`));
  return words.length > 1 ? `(${words.join(' ~ ')})` : (words[0] ?? '""');
}

function listOf(texts: readonly string[]): string {
  return `[${texts.map(quoted).join(', ')}]`;
}

function scalarIn(mapping: MappingTree, key: string): ScalarTree['value'] | undefined {
  const tree = entry(mapping, key)?.value;
  return tree?.kind === 'scalar' ? tree.value : undefined;
}

function textsIn(mapping: MappingTree, key: string): readonly string[] {
  const tree = entry(mapping, key)?.value;
  return tree?.kind === 'sequence'
    ? tree.items.flatMap((item) => (item.kind === 'scalar' ? [String(item.value)] : []))
    : [];
}

function scalar(value: string | true, range: SourceRange): ScalarTree {
  return {
    kind: 'scalar',
    value,
    raw: String(value),
    quoted: typeof value === 'string',
    range,
    contentStart: range.start,
  };
}

function mapping(entries: readonly (readonly [string, Tree])[], range: SourceRange): MappingTree {
  return { kind: 'mapping', entries: entries.map(([key, value]) => ({ key, keyRange: range, value })), range };
}
