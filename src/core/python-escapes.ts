/**
 * The characters that stand behind a backslash in a string of Python, by their letter; quotes, line ends and numbers aside.
 * Source: https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences
 */
export const PYTHON_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
