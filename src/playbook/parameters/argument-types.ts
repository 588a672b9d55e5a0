const WORD = '["yes", "no", "on", "off", "true", "false", "y", "n", "t", "f", "1", "0"]';

/** As a decimal without a fraction, in which underscores do not count. */
const INTEGER = '"^[-+]?([0-9]+([.]0*)?|[.]0+)([eE][+]?[0-9]+)?$"';
/** Digits with underscores between them. */
const DIGITS = '[0-9](_?[0-9])*';
const NUMBER = `"(?i)^[-+]?((${DIGITS}([.](${DIGITS})?)?|[.]${DIGITS})(e[-+]?${DIGITS})?|inf(inity)?|nan)$"`;
/** A text that Ansible takes for a mapping: JSON, or `name=value`. */
const MAPPING = '"^([{]|[^=]*=)"';

/** Expressions that test for a type: a value of the type, or a text that Ansible would convert to it. */
export interface ArgumentType {
  /** Whether a value is of the type. */
  readonly one: (value: string) => string;
  /** The entries of a list that are not. */
  readonly others: (list: string) => string;
}

/** A number that can be compared: a filter that cannot convert one would be an error of its own. */
const COMPARABLE = '"^[-+]?[0-9]{1,15}([.][0-9]{0,15})?$"';

/** Whether a value is one of the numbers once it is converted to an `int` or a `float`. */
export function isOneOf(value: string, numbers: readonly number[]): string {
  const text = `${value} | string | trim | replace("_", "")`;
  const number = `(1 if ${value} else 0) if ${value} is boolean else ${text} | float`;
  return `(${value} is boolean or (${text}) is match(${COMPARABLE})) and (${number}) in [${numbers.join(', ')}]`;
}

/** The mapping that a `dict` is converted to; of a text that is none, an empty one. */
export function mappingOf(value: string): string {
  const pairs = `${value} | replace("'", "") | replace('"', "") | regex_findall("([^ ,=]+)=([^ ,]*)")`;
  // Python's way to write a mapping is valid, too.
  const ofJson = `${value} | from_yaml if "'" in ${value} else ${value} | from_json`;
  const ofText = `(${ofJson}) if ${value} is match("[{]") else ${pairs} | items2dict(key_name=0, value_name=1)`;
  return `(${value} if ${value} is mapping else (${ofText}) if ${value} is string else {})`;
}

/** The types of arguments in `argument_specs`. Undefined: any value is valid. */
export const ARGUMENT_TYPES: ReadonlyMap<string, ArgumentType | undefined> = new Map<string, ArgumentType | undefined>([
  [
    'int',
    {
      one: (value) =>
        `${value} is boolean or ${value} is integer or (${value} | string | trim | replace("_", "")) is match(${INTEGER})`,
      others: (list) =>
        `${list} | reject("boolean") | reject("integer") | map("string") | map("trim") | map("replace", "_", "") | reject("match", ${INTEGER})`,
    },
  ],
  [
    'float',
    {
      one: (value) => `${value} is number or (${value} | string | trim) is match(${NUMBER})`,
      others: (list) => `${list} | reject("number") | map("string") | map("trim") | reject("match", ${NUMBER})`,
    },
  ],
  [
    'bool',
    {
      one: (value) => `${value} is boolean or (${value} | string | lower | trim) in ${WORD}`,
      others: (list) =>
        `${list} | reject("boolean") | map("string") | map("lower") | map("trim") | difference(${WORD})`,
    },
  ],
  [
    'list',
    {
      one: (value) => `${value} is number or (${value} is sequence and ${value} is not mapping)`,
      // A mapping is a sequence, too.
      others: (list) =>
        `((${list} | select("mapping") | list) + (${list} | reject("number") | reject("sequence") | list))`,
    },
  ],
  [
    'dict',
    {
      one: (value) => `${value} is mapping or (${value} is string and ${value} is match(${MAPPING}))`,
      others: (list) => `${list} | reject("mapping") | map("string") | reject("match", ${MAPPING})`,
    },
  ],
  ...['str', 'path', 'raw', 'any', 'json', 'jsonarg', 'bytes', 'bits'].map((name) => [name, undefined] as const),
]);
