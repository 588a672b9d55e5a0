import type { Diagnostic } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import { withoutHidden } from './hidden-text.ts';
import {
  flowCharacters,
  keyPattern,
  type LineSecrets,
  type MaskedLine,
  maskLines,
  type Span,
  spansOf,
  USER_INFO,
  valuesOf,
} from './mask.ts';

const NOTHING: LineSecrets = { spans: [], column: undefined };
/** Of a question: a default whose name is mistyped is one all the same. */
const OF_PROMPT = keyPattern(
  String.raw`(?!(?:vars_prompt|name|prompt|private|confirm|encrypt|salt_size|unsafe)["']?\s*:)[\w.-]+`,
);
/** Of a task that is to be told nowhere: these say nothing of what it works on. */
const OF_NO_LOG_TASK = keyPattern(String.raw`(?!(?:name|no_log|when|tags|register|notify|become)["']?\s*:)[\w.]+`);
/** Mistyped, too: what is wrong with it is told beside what it was to keep. */
const NO_LOG = /(?:^|[\s{,-])["']?no[_-]?logs?["']?\s*:(?!\s*["']?(?:false|no|off)\b)/i;
const PROMPTS = /^(\s*(?:-\s+)?)["']?vars_prompt["']?\s*:/;
/** What stands behind the host of an address: with many services whoever knows it may send. What ends a list or a mapping is none of it. */
const ADDRESS =
  /(?<=\bhttps?:\/\/(?:\{\{[^}]*\}\}|[^\s/?#"'{}])+[/?])(?:\{\{[^}]*\}\}|[^\s"',}\]]|[,}\]]+(?=[^\s"',}\]]))+/gi;

/**
 * The lines of a playbook, an inventory or another file of the user, with their secrets hidden: what looks like one anywhere, and what
 * these files say besides: defaults of questions, all that a task with `no_log` is given, paths of addresses.
 */
export function maskSource(lines: readonly string[]): readonly MaskedLine[] {
  const prompts = promptLines(lines);
  const silent = silentLines(lines);
  return maskLines(lines, (line, index) => {
    const ofBlock = silent.has(index)
      ? withNames(line, valuesOf(line, OF_NO_LOG_TASK))
      : prompts.has(index)
        ? valuesOf(line, OF_PROMPT)
        : NOTHING;
    return { spans: [...spansOf(line, ADDRESS), ...ofBlock.spans], column: ofBlock.column };
  });
}

/** Files are masked as a whole, for a secret may go on over lines, and once, for there may be many problems in one. */
export function maskedLinesOfFiles(): (file: SourceFile) => readonly MaskedLine[] {
  const known = new Map<SourceFile, readonly MaskedLine[]>();
  return (file) => {
    const lines = known.get(file) ?? maskSource(file.text.split(/\r?\n/));
    known.set(file, lines);
    return lines;
  };
}

/** What is wrong, without addresses, and without the secrets of the lines that it is about: a message may quote them. */
export function withoutSecrets(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const linesOf = maskedLinesOfFiles();
  return diagnostics.map((each) => {
    // An address may have come from another line: that of a variable.
    const diagnostic = changed(each, (text) => text.replace(ADDRESS, '***').replace(USER_INFO, '***'));
    const { range } = diagnostic;
    if (!range) return diagnostic;
    const [from, to] = [range.start, range.end].map((offset) => range.file.position(offset).line);
    const lines = linesOf(range.file).slice((from ?? 1) - 1, to);
    const hidden = lines.flatMap((line) => line.hidden);
    const visible = lines.map(({ text }) => text).join('\n');
    return changed(diagnostic, (text) => withoutHidden(text, hidden, visible));
  });
}

function changed(diagnostic: Diagnostic, change: (text: string) => string): Diagnostic {
  const { message, hint } = diagnostic;
  return { ...diagnostic, message: change(message), ...(hint !== undefined && { hint: change(hint) }) };
}

/** Of a mapping in flow style only the values are hidden; what stands deeper is one of them. */
function withNames(line: string, { spans, column }: LineSecrets): LineSecrets {
  return { spans: spans.flatMap((span) => (line[span.start] === '{' ? valuesInFlow(line, span) : [span])), column };
}

function valuesInFlow(line: string, span: Span): readonly Span[] {
  const values: Span[] = [];
  let from = span.start;
  for (const { start, end, depth } of flowCharacters(line, span.start)) {
    if (start >= span.end) break;
    const name = depth === 1 && /[{,]/.test(line.slice(start, end)) ? FLOW_NAME.exec(line.slice(end, span.end)) : null;
    const endOfValue = from + line.slice(from, start).trimEnd().length;
    if (name) values.push({ start: from, end: endOfValue });
    if (name) from = end + name[0].length;
    if (depth > 0) continue;
    values.push({ start: from, end: endOfValue });
    from = end;
    break;
  }
  return [...values, { start: from, end: span.end }].filter((value) => value.end > value.start);
}

/** A name in a mapping in flow style, behind the sign before it. */
const FLOW_NAME = /^\s*(["']?)[\w.]+\1\s*:\s+/;

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** The lines that hold what plays ask for, by their number. */
function promptLines(lines: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  let column: number | undefined;
  for (const [index, line] of lines.entries()) {
    const begins = PROMPTS.exec(line);
    if (begins) column = (begins[1] ?? '').length;
    else if (column !== undefined && line.trim() !== '') {
      const indent = indentOf(line);
      if (indent < column || (indent === column && !line.trimStart().startsWith('-'))) column = undefined;
    }
    if (column !== undefined) found.add(index);
  }
  return found;
}

/** The lines of tasks, and of whatever else is an entry of a list, that have `no_log`. */
function silentLines(lines: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (!NO_LOG.test(line)) continue;
    const own = line.trimStart().startsWith('-') ? index : beginOf(lines, index);
    const column = indentOf(lines[own] ?? '');
    let end = own + 1;
    while (end < lines.length && (lines[end]?.trim() === '' || indentOf(lines[end] ?? '') > column)) end += 1;
    for (let each = own; each < end; each += 1) found.add(each);
  }
  return found;
}

/** Where the entry of a list begins that a line stands in. */
function beginOf(lines: readonly string[], index: number): number {
  const column = indentOf(lines[index] ?? '');
  for (let each = index - 1; each >= 0; each -= 1) {
    const line = lines[each] ?? '';
    if (line.trimStart().startsWith('-') && indentOf(line) < column) return each;
  }
  return index;
}
