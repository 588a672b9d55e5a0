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

/** A text in the form `name=value`, with the escapes replaced that Ansible replaces there. */
export function unescaped(text: string): string {
  return text.replace(
    /\\(?:U([\da-fA-F]{8})|u([\da-fA-F]{4})|x([\da-fA-F]{2})|([\\'"abfnrtv]))/g,
    (written, ...found) => {
      const [long, short, byte, letter] = found as readonly (string | undefined)[];
      if (letter !== undefined) return PYTHON_ESCAPES[letter] ?? letter;
      const code = Number.parseInt(long ?? short ?? byte ?? '', 16);
      return code > 0x10ffff ? String(written) : String.fromCodePoint(code);
    },
  );
}

/** A value in that form without the quotes around it, as Ansible takes them away once the escapes are replaced. */
export function unquoted(text: string): string {
  return /^(["'])[\s\S]*(?<!\\)\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}
