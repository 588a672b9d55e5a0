import type { SourceRange } from '../../core/source.ts';
import { jsonText } from '../../report/json-text.ts';
import { sarifLog, uriPart } from '../../report/sarif.ts';
import { maskSource } from '../../report/source-mask.ts';
import { VERSION } from '../version.ts';
import { LINT_RULES, type LintFinding, type LintFix, type LintRule } from './rules.ts';

/** `-o json`; docs/lint.md describes it. */
export function lintJson(findings: readonly LintFinding[]): string {
  const document = {
    version: 1,
    findings: findings.map(({ rule, message, range, hint, fix }) => {
      const { line, column } = range.file.position(range.start);
      const fixed = fix && !holdsSecret(fix) && { fix: { ...regionOf(fix.range), text: fix.text } };
      return { rule, message, hint, file: range.file.path, line, column, ...fixed };
    }),
  };
  return `${jsonText(document, 2)}\n`;
}

/** `-o sarif` */
export function lintSarif(findings: readonly LintFinding[]): string {
  const ids = Object.keys(LINT_RULES) as readonly LintRule[];
  const results = findings.map(({ rule, message, hint, range, fix }) => {
    const { line, column } = range.file.position(range.start);
    const region = { startLine: line, startColumn: column };
    return {
      ruleId: rule,
      ruleIndex: ids.indexOf(rule),
      level: 'warning',
      message: { text: `${message}: ${hint}` },
      locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(range.file.path) }, region } }],
      ...(fix && !holdsSecret(fix) && { fixes: [sarifFix(fix, hint)] }),
    };
  });
  const rules = ids.map((id) => [id, LINT_RULES[id]] as const);
  return sarifLog({ name: 'kplay lint', version: VERSION, rules, run: { columnKind: 'utf16CodeUnits', results } });
}

/** The lines that it changes, or what it writes, could be shown to nobody as they are. */
function holdsSecret({ range: { file, start, end }, text }: LintFix): boolean {
  const lines = file.text.split('\n');
  const masked = maskSource(lines);
  const [first, last] = [file.position(start).line, file.position(end).line];
  const isHidden = masked.slice(first - 1, last).some((line, index) => line.text !== lines[first - 1 + index]);
  const written = text.split('\n');
  return isHidden || maskSource(written).some((line, index) => line.text !== written[index]);
}

/** What takes the place of what, as SARIF has it (2.1.0, 3.55). */
function sarifFix({ range, text }: LintFix, hint: string): Readonly<Record<string, unknown>> {
  const replacements = [{ deletedRegion: regionOf(range), insertedContent: { text } }];
  const artifactLocation = { uri: uriOf(range.file.path) };
  return { description: { text: hint }, artifactChanges: [{ artifactLocation, replacements }] };
}

/** Lines and columns from 1; the end is behind the last character. */
function regionOf({ file, start, end }: SourceRange): Readonly<Record<string, number>> {
  const [first, last] = [file.position(start), file.position(end)];
  return { startLine: first.line, startColumn: first.column, endLine: last.line, endColumn: last.column };
}

/** A path as a reference, relative where the path is. */
function uriOf(path: string): string {
  const reference = path.split('/').map(uriPart).join('/');
  return path.startsWith('/') ? `file://${reference}` : reference;
}
