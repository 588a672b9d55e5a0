const WORD = '["yes", "no", "on", "off", "true", "false", "y", "n", "t", "f", "1", "0", "1.0", "0.0"]';

const INTEGER = '"^[-+]?[0-9]+([.]0*)?$"';
const NUMBER = '"^[-+]?[0-9]+([.][0-9]*)?([eE][-+]?[0-9]+)?$"';
/** A text that Ansible takes for a mapping: JSON, or `name=value`. */
const MAPPING = '"^([{]|[^=]*=)"';

/** Expressions that test for a type: a value of the type, or a text that Ansible would convert to it. */
export interface ArgumentType {
  /** Whether a value is of the type. */
  readonly one: (value: string) => string;
  /** The entries of a list that are not. */
  readonly others: (list: string) => string;
}

/** The types of arguments in `argument_specs`. Undefined: any value is valid. */
export const ARGUMENT_TYPES: Readonly<Record<string, ArgumentType | undefined>> = {
  int: {
    one: (value) => `${value} is boolean or ${value} is integer or (${value} | string | trim) is match(${INTEGER})`,
    others: (list) =>
      `${list} | reject("boolean") | reject("integer") | map("string") | map("trim") | reject("match", ${INTEGER})`,
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
    one: (value) => `${value} is mapping or (${value} is string and ${value} is match(${MAPPING}))`,
    others: (list) => `${list} | reject("mapping") | map("string") | reject("match", ${MAPPING})`,
  },
  ...Object.fromEntries(
    ['str', 'path', 'raw', 'any', 'json', 'jsonarg', 'bytes', 'bits'].map((name) => [name, undefined]),
  ),
};
