/** Finds the secrets in a text that somebody wrote or a host keeps, so that the text can be shown without them. */

/** What stands for a secret. */
const HIDDEN = '***';

/** A stretch `[start, end)` of a line. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A line without its secrets. */
export interface MaskedLine {
  readonly text: string;
  /** Where a column of the original line (from 0) stands in `text`. */
  column(original: number): number;
}

/** A name that promises a secret, and the sign after it, in YAML, JSON or INI. The name of a file of one (`…_file`) does not. */
const SECRET_KEY =
  /(?<=^|[\s{,[])(["']?)[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|key-data|(?:\b|_)pass\b)(?![\w-]*_file\b)[\w-]*\1\s*(?:(?<colon>:)(?=\s|$)|=)\s*/gi;
const KEY_BLOCK_BEGIN = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const KEY_BLOCK_END = /-----END [A-Z ]*PRIVATE KEY-----/;

/** All lines of a text, with private keys and the values of password-like names hidden, also where they go on over lines. */
export function maskLines(lines: readonly string[]): readonly MaskedLine[] {
  let inKeyBlock = false;
  let secretColumn: number | undefined;
  return lines.map((line) => {
    const indent = line.length - line.trimStart().length;
    const whole = { start: indent, end: line.length };
    if (inKeyBlock) {
      inKeyBlock = !KEY_BLOCK_END.test(line);
      return masked(line, [whole]);
    }
    if (line.trim() === '') return masked(line, []);
    if (secretColumn !== undefined && indent > secretColumn) return masked(line, [whole]);
    const { spans, column } = secretValues(line);
    secretColumn = column;
    const block = keyBlock(line);
    inKeyBlock = block !== undefined && !KEY_BLOCK_END.test(line);
    return masked(line, block ? [...spans.filter(({ end }) => end <= block.start), block] : spans);
  });
}

/** The values of password-like names in a line, and the column of the last name whose value may go on in the lines below. */
function secretValues(line: string): { readonly spans: readonly Span[]; readonly column: number | undefined } {
  const spans: Span[] = [];
  let column: number | undefined;
  for (const match of line.matchAll(SECRET_KEY)) {
    if (match.index < (spans.at(-1)?.end ?? 0)) continue;
    const isYaml = match.groups?.['colon'] !== undefined;
    if (isYaml) column = match.index;
    const start = match.index + match[0].length;
    const end = valueEnd(line, start, isYaml);
    if (end > start) spans.push({ start, end });
  }
  return { spans, column };
}

function valueEnd(line: string, start: number, isYaml: boolean): number {
  const rest = line.slice(start);
  const quoted = /^"(?:[^"\\]|\\.)*(?:"|$)|^'(?:[^']|'')*(?:'|$)/.exec(rest);
  if (quoted) return start + quoted[0].length;
  const inFlow = /[{[]/.test(line.slice(0, start));
  const unquoted = isYaml ? (inFlow ? /^[^,}\]]*/ : /^.*?(?=\s+#|$)/) : /^\S*/;
  return start + (unquoted.exec(rest)?.[0].trimEnd().length ?? 0);
}

function keyBlock(line: string): Span | undefined {
  const begin = KEY_BLOCK_BEGIN.exec(line);
  if (!begin) return undefined;
  const end = KEY_BLOCK_END.exec(line);
  return { start: begin.index, end: end ? end.index + end[0].length : line.length };
}

function masked(line: string, spans: readonly Span[]): MaskedLine {
  let text = '';
  let from = 0;
  for (const { start, end } of spans) {
    text += line.slice(from, start) + HIDDEN;
    from = end;
  }
  return {
    text: text + line.slice(from),
    column(original) {
      let shift = 0;
      for (const { start, end } of spans) {
        if (original < start) break;
        if (original < end) return start + shift;
        shift += HIDDEN.length - (end - start);
      }
      return original + shift;
    },
  };
}
