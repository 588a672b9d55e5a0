import type { Diagnostic } from '../diagnostic.ts';

/** How to fix YAML that cannot be parsed, by the parser's message. */
const HINTS: readonly (readonly [message: RegExp, hint: string])[] = [
  [/^Nested mappings are not allowed/, 'quote the value if ": " belongs to it, else check the indentation'],
  [/^Implicit keys need to be on a single line/, 'check the indentation, and that each key ends with a colon'],
  [/cannot start with/, 'quote the value'],
  [/^Unexpected flow-(?:seq|map)-start at node end/, 'quote the value if the bracket belongs to it'],
  [/^this ["'] is not closed/, 'close the quote, or indent the lines that continue the text'],
  [/^this [[{] is not closed/, 'close the bracket, or indent what is in it'],
  [
    /^unknown tag !vault/,
    'kplay cannot decrypt: put the value into a file that only you can read, and give it with -e @FILE',
  ],
  [/^unknown tag !unsafe/, `remove the tag; where the value contains {{ or {%, write {{ '{{' }} or {{ '{%' }}`],
  [/^unknown tag/, 'remove the tag, or quote the value if the ! belongs to it'],
];
const UNQUOTED = 'a value that begins with {{ must be quoted';
/** The patterns below take quadratic time; no real line is longer. */
const MAX_LINE_LENGTH = 1000;
const FALLBACK = 'check the indentation and the quotes here';

/** A line in block style whose value begins with an unquoted `{{`, up to a comment. */
const BARE_TEMPLATE = /^[\s-]*(?:[^\s"'#{[-][^"'#{[]*:\s+)?(\{\{.*?)\s*(?:\s#.*)?$/;

/** The same in flow style, where the end of the value is ambiguous. */
const INNER_TEMPLATE = /[:[,]\s*\{\{/;

/** What follows a place at which the parser has lost the structure: it says so of each line up to the end of the file. */
const CONSEQUENCE = /^Unexpected .+ token in YAML stream/;

/** Syntax problems with hints, at most one per line: later ones on a line are usually consequences of the first. */
export function withHints(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  const lines = new Set<number>();
  return problems.flatMap((problem) => {
    const { range } = problem;
    if (!range) return [problem];
    const { line } = range.file.position(range.start);
    if (lines.has(line) || (lines.size > 0 && CONSEQUENCE.test(problem.message))) return [];
    lines.add(line);
    return [{ ...problem, ...explain(problem, range.file.line(line).slice(0, MAX_LINE_LENGTH)) }];
  });
}

function explain({ message, hint }: Diagnostic, line: string): Pick<Diagnostic, 'message' | 'hint'> {
  const template = BARE_TEMPLATE.exec(line)?.[1];
  if (template !== undefined) return { message: UNQUOTED, hint: `write '${template.replaceAll("'", "''")}'` };
  if (INNER_TEMPLATE.test(line) && !/^this ["'] is not closed/.test(message))
    return { message: UNQUOTED, hint: 'put the whole value into quotes: "{{ name }}"' };
  if (/^ *\t/.test(line)) return { message: 'a tab indents this line', hint: 'indent with spaces' };
  return { message, hint: hint ?? HINTS.find(([pattern]) => pattern.test(message))?.[1] ?? FALLBACK };
}
