import { BOOLEAN_WORDS, booleanOf } from '../../core/boolean-words.ts';
import type { Problems } from '../../core/diagnostic.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { entry, type MappingEntry, type MappingTree, type ScalarTree, type Tree } from '../../core/yaml/yaml.ts';
import type { StepTask } from '../model.ts';
import { didYouMean } from '../suggest.ts';
import { entrySpec } from './argument-spec-form.ts';
import { ARGUMENT_TYPES, isOneOf, mappingOf } from './argument-types.ts';

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
  const checks = options?.kind === 'mapping' ? checksOf(options) : [];
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

/** A value that is checked. */
interface Subject {
  /** The expression that reads it. */
  readonly value: string;
  /** How messages call it. */
  readonly name: string;
  /** It is in another one. */
  readonly isMember?: true;
}

/** @param within the mapping that contains the options; absent: they are variables */
function checksOf(options: MappingTree, within?: Subject): readonly Check[] {
  return options.entries.flatMap((option) => checksOfOption(option, within));
}

/** A key need not be a name: `user['max-age']`. */
function subjectOf(key: string, within: Subject | undefined): Subject {
  if (!within) return { value: key, name: key };
  return { value: `${within.value}[${quoted(key)}]`, name: `${within.name}.${key}`, isMember: true };
}

/** The name of an option and its aliases. */
function namesOf({ key, value }: MappingEntry): readonly string[] {
  return value.kind === 'mapping' ? [key, ...textsIn(value, 'aliases')] : [key];
}

function checksOfOption(option: MappingEntry, within: Subject | undefined): readonly Check[] {
  const { key, value } = option;
  if (value.kind !== 'mapping') return [];
  const subjects = namesOf(option).map((one) => subjectOf(one, within));
  const given = subjects.map((one) => `${one.value} is defined`).join(' or ');
  const isRequired = scalarIn(value, 'required') === true;
  const required = { holds: `(${given})`, failure: `missing required arguments: ${subjectOf(key, within).name}` };
  return [...(isRequired ? [required] : []), ...subjects.flatMap((one) => valueChecks(value, one))];
}

/** The checks of an option's value, under its name or one of its aliases. */
function valueChecks(option: MappingTree, subject: Subject): readonly Check[] {
  const { value } = subject;
  const unlessNone = [...typeChecks(option, subject), ...partChecks(option, subject)].map(({ holds, failure }) => ({
    holds: `${value} is none or (${holds})`,
    failure,
  }));
  return [...unlessNone, ...choiceChecks(option, subject)].map(({ holds, failure }) => ({
    holds: `(${value} is undefined or (${holds}))`,
    failure,
  }));
}

function typeChecks(option: MappingTree, { value, name }: Subject): readonly Check[] {
  const type = String(scalarIn(option, 'type') ?? 'str');
  const elements = scalarIn(option, 'elements');
  const whole = ARGUMENT_TYPES.get(type);
  const each = type === 'list' && elements !== undefined ? ARGUMENT_TYPES.get(String(elements)) : undefined;
  return [
    ...(whole ? [{ holds: whole.one(value), failure: `argument '${name}' cannot be converted to ${type}` }] : []),
    ...(each
      ? [
          {
            holds: `${each.others(entriesOf(value))} | list | length == 0`,
            failure: `elements of argument '${name}' cannot be converted to ${String(elements)}`,
          },
        ]
      : []),
  ];
}

/** The entries of a list value: a text contains them separated by commas, as in Ansible. */
function entriesOf(value: string): string {
  return `(${value} | split(",") if ${value} is string else ${value} if ${value} is sequence and ${value} is not mapping else [${value}])`;
}

/** As in Ansible, null is none of the choices. */
function choiceChecks(option: MappingTree, { value, name }: Subject): readonly Check[] {
  const choices = entry(option, 'choices')?.value;
  if (choices?.kind !== 'sequence') return [];
  const values = choices.items.flatMap((item) => (item.kind === 'scalar' ? [textOf(item)] : []));
  const type = scalarIn(option, 'type');
  const isList = type === 'list';
  const isNumeric = type === 'int' || type === 'float';
  const holds = isList
    ? `${entriesOf(value)} | map("string") | difference(${listOf(values)}) | length == 0`
    : type === 'bool'
      ? `(${value} | string | lower) in ${listOf(values.flatMap(wordsAs))}`
      : isNumeric
        ? isOneOf(value, numbersIn(choices.items))
        : `(${value} | string) in ${listOf([...values, ...booleansFor(values)])}`;
  return [
    {
      holds: `${value} is not none and ${holds}`,
      failure: `value of ${name} must be ${isList ? 'one or more of' : 'one of'}: ${values.join(', ')}`,
    },
  ];
}

/** As in a template. */
function textOf({ value }: ScalarTree): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

/** True is 1, as in Python. A text is none of a number's choices. */
function numbersIn(items: readonly Tree[]): readonly number[] {
  const values = items.map((item) => (item.kind === 'scalar' ? item.value : null));
  return values.flatMap((value) => (typeof value === 'number' || typeof value === 'boolean' ? [Number(value)] : []));
}

/** The words that mean the same boolean. */
function wordsAs(choice: string): readonly string[] {
  const meaning = booleanOf(choice);
  return meaning === undefined ? [choice.toLowerCase()] : BOOLEAN_WORDS.filter((word) => booleanOf(word) === meaning);
}

/** If exactly one choice is a word for a boolean, that boolean is accepted for it, as in Ansible. */
function booleansFor(choices: readonly string[]): readonly string[] {
  const isOnly = (meaning: boolean) => choices.filter((choice) => booleanOf(choice) === meaning).length === 1;
  return [...(isOnly(true) ? ['True'] : []), ...(isOnly(false) ? ['False'] : [])];
}

/** For a mapping the specs of its keys; for a list of mappings only the required keys. */
function partChecks(option: MappingTree, subject: Subject): readonly Check[] {
  const options = entry(option, 'options')?.value;
  if (options?.kind !== 'mapping') return [];
  const { value: given, name, isMember } = subject;
  const isList = scalarIn(option, 'type') === 'list';
  // Each conversion repeats the value; a mapping inside another is hardly ever written as a text.
  const whole = isList || isMember ? given : mappingOf(given);
  const known = options.entries.flatMap(({ key, value }) => [
    key,
    ...(value.kind === 'mapping' ? textsIn(value, 'aliases') : []),
  ]);
  const mappings = isList ? `${entriesOf(whole)} | select("mapping")` : `[${whole}] | select("mapping")`;
  const unknown = {
    holds: `${mappings} | map("dict2items") | flatten | map(attribute="key") | difference(${listOf(known)}) | length == 0`,
    failure: `unsupported parameters for ${name}: they are ${known.join(', ')}`,
  };
  if (!isList) return [...checksOf(options, { value: whole, name }), unknown];
  const missing = options.entries.flatMap(({ key, value }) =>
    value.kind === 'mapping' && scalarIn(value, 'required') === true
      ? [
          {
            holds: `${mappings} | selectattr(${quoted(key)}, "undefined") | list | length == 0`,
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
