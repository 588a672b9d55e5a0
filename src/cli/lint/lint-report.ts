import { existsSync } from 'node:fs';
import { type Diagnostic, inReadingOrder } from '../../core/diagnostic.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import type { InRepository } from '../../report/formats/report-kinds.ts';
import { sarifLog, uriPart } from '../../report/formats/sarif.ts';
import { maskSource, withoutSecrets } from '../../report/secrets/source-mask.ts';
import { VERSION } from '../version.ts';
import { LINT_RULES, type LintFinding, type LintFix } from './rules.ts';

/** `-o json` and `-o yaml`; docs/lint.md describes it. */
export function lintJson(findings: readonly LintFinding[]): JsonObject {
  return {
    version: 1,
    findings: findings.map(({ rule, message, range, hint, fix }) => {
      const { line, column } = range.file.position(range.start);
      const fixed = fix && !holdsSecret(fix) && { fix: { ...regionOf(fix.range), text: fix.text } };
      return { rule, message, hint, file: range.file.shown, line, column, ...fixed };
    }),
  };
}

/** Names files relative to the repository, and those outside of it as the user does. */
type UriOf = (path: string) => string;

/** `-o sarif` */
export function lintSarif(findings: readonly LintFinding[], inRepository: InRepository): string {
  const uriOf = urisOf(inRepository);
  return sarifOf(
    Object.entries(LINT_RULES),
    findings.map(({ rule, message, hint, range, fix }) => ({
      ...sarifResult(rule, 'warning', { message, hint }),
      locations: [located(range, uriOf)],
      ...(fix && !holdsSecret(fix) && { fixes: [sarifFix(fix, hint, uriOf)] }),
    })),
  );
}

/** Errors that prevent checking the rules, as results of one rule. Those without a file are placed at the playbook. */
export function inputErrorSarif(
  diagnostics: readonly Diagnostic[],
  playbook: string,
  inRepository: InRepository,
): string {
  const uriOf = urisOf(inRepository);
  const errors = withoutSecrets(inReadingOrder(diagnostics)).filter(({ severity }) => severity === 'error');
  return sarifOf(
    [['wrong-input', 'what kplay refuses before a run']],
    errors.map((error) => ({
      ...sarifResult('wrong-input', 'error', error),
      locations: [
        error.range && existsSync(error.range.file.path)
          ? located(error.range, uriOf)
          : { physicalLocation: { artifactLocation: { uri: uriOf(playbook) } } },
      ],
    })),
  );
}

type SarifResult = ReturnType<typeof sarifResult> & { readonly locations: readonly unknown[] };

function sarifOf(rules: readonly (readonly [id: string, text: string])[], results: readonly SarifResult[]): string {
  const ids = rules.map(([id]) => id);
  const indexed = results.map((result) => ({ ...result, ruleIndex: ids.indexOf(result.ruleId) }));
  const run = { columnKind: 'utf16CodeUnits', results: indexed };
  return sarifLog({ name: 'kplay lint', version: VERSION, rules, run });
}

function sarifResult(
  ruleId: string,
  level: 'error' | 'warning',
  { message, hint }: Pick<Diagnostic, 'message' | 'hint'>,
) {
  return { ruleId, level, message: { text: hint === undefined ? message : `${message}: ${hint}` } };
}

function located({ file, start }: SourceRange, uriOf: UriOf) {
  const { line, column } = file.position(start);
  const region = { startLine: line, startColumn: column };
  return { physicalLocation: { artifactLocation: { uri: uriOf(file.path) }, region } };
}

/** Whether the changed lines, or the new text, contain something that is masked. */
function holdsSecret({ range: { file, start, end }, text }: LintFix): boolean {
  const lines = file.text.split('\n');
  const masked = maskSource(lines);
  const [first, last] = [file.position(start).line, file.position(end).line];
  const isHidden = masked.slice(first - 1, last).some((line, index) => line.text !== lines[first - 1 + index]);
  const written = text.split('\n');
  return isHidden || maskSource(written).some((line, index) => line.text !== written[index]);
}

/** A replacement in SARIF (2.1.0, 3.55). */
function sarifFix({ range, text }: LintFix, hint: string, uriOf: UriOf): Readonly<Record<string, unknown>> {
  const replacements = [{ deletedRegion: regionOf(range), insertedContent: { text } }];
  const artifactLocation = { uri: uriOf(range.file.path) };
  return { description: { text: hint }, artifactChanges: [{ artifactLocation, replacements }] };
}

/** Lines and columns start at 1; the end is exclusive. */
function regionOf({ file, start, end }: SourceRange): Readonly<Record<string, number>> {
  const [first, last] = [file.position(start), file.position(end)];
  return { startLine: first.line, startColumn: first.column, endLine: last.line, endColumn: last.column };
}

/** Paths as URI references, relative if possible. */
function urisOf(inRepository: InRepository): UriOf {
  return (path) => {
    const named = inRepository(path) ?? path;
    const reference = named.split('/').map(uriPart).join('/');
    return named.startsWith('/') ? `file://${reference}` : reference;
  };
}
