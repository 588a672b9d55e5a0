import type { Diagnostic } from '../../core/diagnostic.ts';
import type { SourceFile } from '../../core/source.ts';
import { withoutHidden } from './hidden-text.ts';
import {
  flowCharacters,
  keyPattern,
  type LineSecrets,
  type MaskedLine,
  maskLines,
  NOTHING,
  type Span,
  spansOf,
  USER_INFO,
  valuesOf,
} from './mask.ts';

/** Any key of a prompt except these may be a misspelt `default`. */
const OF_PROMPT = keyPattern(
  String.raw`(?!(?:vars_prompt|name|prompt|private|confirm|encrypt|salt_size|unsafe)["']?\s*:)[\w.-]+`,
);
/** Any key of a `no_log` task except these, which reveal nothing about what it works on. */
const OF_NO_LOG_TASK = keyPattern(String.raw`(?!(?:name|no_log|when|tags|register|notify|become)["']?\s*:)[\w.]+`);
/** Also when misspelt: the error is shown beside the values that it was meant to hide. */
const NO_LOG = /(?:^|[\s{,-])["']?no[_-]?logs?["']?\s*:(?!\s*["']?(?:false|no|off)\b)/i;
const PROMPTS = /^(\s*(?:-\s+)?)["']?vars_prompt["']?\s*:/;
/**
 * The part of an address after the host: for many services it is all that is needed to send. Characters that end a list or mapping do not
 * belong to it.
 */
const ADDRESS =
  /(?<=\bhttps?:\/\/(?:\{\{[^}]*\}\}|[^\s/?#"'{}])+[/?])(?:\{\{[^}]*\}\}|[^\s"',}\]]|[,}\]]+(?=[^\s"',}\]]))+/gi;

/**
 * The lines of a playbook, an inventory or another file of the user, with secrets hidden: whatever looks like one, and what these files
 * mark: defaults of prompts, all parameters of a `no_log` task, paths of addresses.
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

/** Files are masked as a whole, because secrets may continue on other lines, and only once, because a file may have many problems. */
export function maskedLinesOfFiles(): (file: SourceFile) => readonly MaskedLine[] {
  const known = new Map<SourceFile, readonly MaskedLine[]>();
  return (file) => {
    const lines = known.get(file) ?? maskSource(file.text.split(/\r?\n/));
    known.set(file, lines);
    return lines;
  };
}

/** A problem without addresses, and without secrets of its lines, which the message may quote. */
export function withoutSecrets(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const linesOf = maskedLinesOfFiles();
  return diagnostics.map((each) => {
    // The address may be from another line: that of a variable.
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

/** In a flow mapping only values are hidden; nested ones are part of them. */
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

/** A name in a flow mapping, after the preceding punctuation. */
const FLOW_NAME = /^\s*(["']?)[\w.]+\1\s*:\s+/;

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** The lines of prompts, by number. */
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

/** The lines of tasks, and other entries of lists, with `no_log`. */
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

/** The first line of the list entry around a line. */
function beginOf(lines: readonly string[], index: number): number {
  const column = indentOf(lines[index] ?? '');
  for (let each = index - 1; each >= 0; each -= 1) {
    const line = lines[each] ?? '';
    if (line.trimStart().startsWith('-') && indentOf(line) < column) return each;
  }
  return index;
}
