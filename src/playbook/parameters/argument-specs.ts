import type { Problems } from '../../core/diagnostic.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { entry, type MappingEntry, type MappingTree, type ScalarTree, type Tree } from '../../core/yaml/yaml.ts';
import type { StepTask } from '../model.ts';
import { placeOf } from '../place.ts';
import { didYouMean } from '../suggest.ts';

/** Something that holds where the arguments are as they should be. */
interface Check {
  /** An expression that means the same as a condition and in `{{ }}`. */
  readonly holds: string;
  /** What is said where it does not hold, as Ansible says it. */
  readonly otherwise: string;
}

/** Keys of an option that say nothing of its value, or that Ansible does not apply to roles either. */
const FOR_PEOPLE = ['description', 'version_added', 'default', 'no_log', 'author', 'notes', 'short_description'];
const HONOURED = ['type', 'required', 'choices', 'elements', 'options', 'aliases'];

const WORD = '["yes", "no", "on", "off", "true", "false", "y", "n", "t", "f", "1", "0", "1.0", "0.0"]';

const INTEGER = '"^[-+]?[0-9]+([.]0*)?$"';
const NUMBER = '"^[-+]?[0-9]+([.][0-9]*)?$"';

/** How a type is told, whether by a value that is of it, or by a text that Ansible would take for one. */
interface Type {
  /** Whether it is the type of a value that is called so. */
  readonly one: (value: string) => string;
  /** The entries of a list that are of another. */
  readonly others: (list: string) => string;
}

/** Undefined: any value is of the type. */
const TYPES: Readonly<Record<string, Type | undefined>> = {
  int: {
    one: (value) => `${value} is integer or (${value} | string | trim) is match(${INTEGER})`,
    others: (list) => `${list} | reject("integer") | map("string") | map("trim") | reject("match", ${INTEGER})`,
  },
  float: {
    one: (value) => `${value} is number or (${value} | string | trim) is match(${NUMBER})`,
    others: (list) => `${list} | reject("number") | map("string") | map("trim") | reject("match", ${NUMBER})`,
  },
  bool: {
    one: (value) => `${value} is boolean or (${value} | string | lower) in ${WORD}`,
    others: (list) => `${list} | reject("boolean") | map("string") | map("lower") | difference(${WORD})`,
  },
  list: {
    one: (value) => `${value} is number or (${value} is sequence and ${value} is not mapping)`,
    // A mapping is a sequence, too.
    others: (list) =>
      `((${list} | select("mapping") | list) + (${list} | reject("number") | reject("sequence") | list))`,
  },
  dict: {
    one: (value) => `${value} is mapping or ${value} is string`,
    others: (list) => `${list} | reject("mapping") | reject("string")`,
  },
  ...Object.fromEntries(
    ['str', 'path', 'raw', 'any', 'json', 'jsonarg', 'bytes', 'bits'].map((name) => [name, undefined]),
  ),
};

/**
 * The task that checks the arguments of a role, in front of its others: what `argument_specs` says of its entry point. Ansible has one
 * of the same name there. Undefined where nothing is said of the entry point.
 * @param given the variables that are written beside the name of the role
 */
export function argumentCheck(
  specs: Tree | undefined,
  entryPoint: string,
  given: readonly Located<string>[],
  problems: Problems,
): StepTask | undefined {
  const spec = specs?.kind === 'mapping' ? entry(specs, entryPoint) : undefined;
  if (spec?.value.kind !== 'mapping') return undefined;
  const { value, keyRange } = spec;
  const options = entry(value, 'options')?.value;
  const title = entry(value, 'short_description')?.value;
  const named = title?.kind === 'scalar' && title.value !== null ? ` - ${title.value}` : '';
  const checks = options?.kind === 'mapping' ? checksOf(options, '', problems) : [];
  const known = options?.kind === 'mapping' ? options.entries.map(({ key }) => key) : [];
  for (const { value: name, range } of given)
    if (!known.includes(name))
      problems.error(`argument_specs of the role do not contain ${name}`, range, didYouMean(name, known, 'it takes'));
  const text = (content: string) => scalar(content, keyRange);
  const that = checks.map(({ holds }) => text(holds));
  const words = checks.map(({ holds, otherwise }) => `("" if ${holds} else ${quoted(otherwise)})`);
  const said = `Validation of arguments failed: {{ [${words.join(', ')}] | select | join("; ") }}`;
  const params = mapping(
    [
      ['that', checks.length === 0 ? scalar(true, keyRange) : { kind: 'sequence', items: that, range: keyRange }],
      ...(checks.length === 0 ? [] : [['fail_msg', text(said)] as const]),
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

/** @param inside what the options are of: `user.`, or nothing for variables */
function checksOf(options: MappingTree, inside: string, problems: Problems): readonly Check[] {
  return options.entries.flatMap((option) => checksOfOption(option, inside, problems));
}

function checksOfOption({ key, keyRange, value }: MappingEntry, inside: string, problems: Problems): readonly Check[] {
  if (value.kind !== 'mapping') {
    problems.error(
      `${key} in argument_specs must be a mapping`,
      placeOf(value),
      'such as { type: str, required: true }',
    );
    return [];
  }
  for (const one of value.entries)
    if (![...FOR_PEOPLE, ...HONOURED].includes(one.key))
      problems.error(
        `${one.key} of argument_specs is not supported`,
        one.keyRange,
        didYouMean(one.key, HONOURED, 'an option has'),
      );
  const name = `${inside}${key}`;
  const names = [name, ...textsIn(value, 'aliases').map((alias) => `${inside}${alias}`)];
  const given = names.map((one) => `${one} is defined`).join(' or ');
  const isRequired = scalarIn(value, 'required') === true;
  const required = { holds: `(${given})`, otherwise: `missing required arguments: ${name}` };
  const further = [
    ...ofType(value, name, keyRange, problems),
    ...ofChoices(value, name),
    ...ofParts(value, name, problems),
  ];
  return [
    ...(isRequired ? [required] : []),
    ...further.map(({ holds, otherwise }) => ({
      holds: `(${name} is undefined or ${name} is none or (${holds}))`,
      otherwise,
    })),
  ];
}

function ofType(option: MappingTree, name: string, place: SourceRange, problems: Problems): readonly Check[] {
  const type = String(scalarIn(option, 'type') ?? 'str');
  const elements = scalarIn(option, 'elements');
  for (const word of [type, ...(elements === undefined ? [] : [String(elements)])])
    if (!Object.hasOwn(TYPES, word))
      problems.error(
        `argument_specs knows no type '${word}'`,
        place,
        didYouMean(word, Object.keys(TYPES), 'the types are'),
      );
  const whole = TYPES[type];
  const each = type === 'list' && elements !== undefined ? TYPES[String(elements)] : undefined;
  return [
    ...(whole ? [{ holds: whole.one(name), otherwise: `argument '${name}' cannot be converted to ${type}` }] : []),
    ...(each
      ? [
          {
            holds: `${each.others(entriesOf(name))} | list | length == 0`,
            otherwise: `elements of argument '${name}' cannot be converted to ${String(elements)}`,
          },
        ]
      : []),
  ];
}

/** The entries of a value that is to be a list: a text holds them with commas between, as in Ansible. */
function entriesOf(name: string): string {
  return `(${name} | split(",") if ${name} is string else ${name} if ${name} is sequence and ${name} is not mapping else [${name}])`;
}

function ofChoices(option: MappingTree, name: string): readonly Check[] {
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
  return [
    { holds, otherwise: `value of ${name} must be ${isList ? 'one or more of' : 'one of'}: ${values.join(', ')}` },
  ];
}

/** As a template writes it. */
function textOf({ value }: ScalarTree): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

/** A boolean is taken for the choice that is a word for it, where there is one such alone, as Ansible takes it. */
function booleansFor(choices: readonly string[]): readonly string[] {
  const isOnly = (words: readonly string[]) =>
    choices.filter((choice) => words.includes(choice.toLowerCase())).length === 1;
  return [
    ...(isOnly(['yes', 'on', 'true', 'y', 't', '1']) ? ['True'] : []),
    ...(isOnly(['no', 'off', 'false', 'n', 'f', '0']) ? ['False'] : []),
  ];
}

/** Of a mapping what is said of its keys; of a list of mappings only what each of them needs. */
function ofParts(option: MappingTree, name: string, problems: Problems): readonly Check[] {
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
    otherwise: `unsupported parameters for ${name}: they are ${known.join(', ')}`,
  };
  if (!isList) return [...checksOf(options, `${name}.`, problems), unknown];
  const missing = options.entries.flatMap(({ key, value }) =>
    value.kind === 'mapping' && scalarIn(value, 'required') === true
      ? [
          {
            holds: `${mappings} | selectattr("${key}", "undefined") | list | length == 0`,
            otherwise: `missing required arguments: ${key} found in ${name}`,
          },
        ]
      : [],
  );
  return [...missing, unknown];
}

/**
 * A text as an expression, for a condition as for `{{ }}`: the one reads escapes, the other takes a backslash as it is. So quotes stand
 * within the other kind, and a backslash is never the last of its string.
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
