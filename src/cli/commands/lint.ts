import { count } from '../../core/count.ts';
import { type Diagnostic, InputError, inReadingOrder, Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Playbook } from '../../playbook/model.ts';
import { formatDiagnostics } from '../../report/text/diagnostics.ts';
import { documentText, isDocument } from '../../report/text/document-text.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { readExtraVars } from '../inputs/extra-vars.ts';
import { checkWithoutInventory } from '../inputs/inputs.ts';
import { loadNamed, playbookPath } from '../inputs/playbook-files.ts';
import { applyFixes } from '../lint/apply-fixes.ts';
import { inputErrorSarif, lintJson, lintSarif } from '../lint/lint-report.ts';
import { olderForms } from '../lint/older-forms.ts';
import type { LintFinding } from '../lint/rules.ts';
import { lintTasks } from '../lint/task-rules.ts';
import { conflictingVariables, hiddenVariables, unreadVariables } from '../lint/variable-rules.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, VariableOptions } from '../options/options.ts';
import { showDiagnostics, textOptions } from '../output/output.ts';
import { repositoryOf } from '../output/repository.ts';
import { checkedInputs } from './validate.ts';

type LintCommandOptions = Pick<HostOptions, 'inventory'> &
  VariableOptions &
  Pick<OutputOptions, 'output' | 'color'> & { readonly skip: readonly string[]; readonly fix?: boolean };

/** The result for a playbook and an inventory without errors. */
interface LintResult {
  readonly findings: readonly LintFinding[];
  /** Additional warnings of `kplay validate`. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Reads the inputs; for SARIF, errors that prevent checking the rules are reported in its output as well.
 * @throws {InputError}
 */
async function readOrReport(path: string, options: LintCommandOptions, environment: Environment): Promise<LintResult> {
  try {
    return await read(path, options, environment);
  } catch (error) {
    if (error instanceof InputError && options.output === 'sarif')
      environment.stdout.write(inputErrorSarif(error.diagnostics, path, repositoryOf(environment)));
    throw error;
  }
}

/**
 * `kplay lint`: what a playbook and an inventory could do better.
 * @throws {InputError} with the errors that `kplay validate` finds; without an inventory, with those that can be found then.
 */
export async function lint(playbook: string, options: LintCommandOptions, environment: Environment): Promise<number> {
  const { stdout, stderr } = environment;
  const path = playbookPath(playbook, environment);
  let linted = await readOrReport(path, options, environment);
  const wanted = ({ rule }: LintFinding): boolean => !options.skip.includes(rule);
  let findings = linted.findings.filter(wanted);
  if (options.fix) {
    const fixedCount = applyFixes(findings);
    stderr.write(`${fixSummary(fixedCount)}\n`);
    // The remaining findings have moved.
    if (fixedCount > 0) {
      linted = await readOrReport(path, options, environment);
      findings = linted.findings.filter(wanted);
    }
  }
  showDiagnostics(linted.warnings, options, environment);
  if (options.output === 'sarif') stdout.write(lintSarif(findings, repositoryOf(environment)));
  else if (isDocument(options.output)) stdout.write(await documentText(options.output, lintJson(findings)));
  else if (findings.length > 0) {
    const problemsFound = findings.map(({ rule, message, range, hint }) => {
      return { severity: 'warning', message: `${message} [${rule}]`, range, hint } as const;
    });
    stdout.write(`${formatDiagnostics(problemsFound, textOptions(stdout, options, environment))}\n`);
  } else stdout.write(`${playbook}: no findings.\n`);
  return findings.length > 0 ? EXIT.failed : EXIT.good;
}

async function read(path: string, options: LintCommandOptions, environment: Environment): Promise<LintResult> {
  const { inventory: sources, extraVars } = options;
  if (sources.length > 0) {
    const checked = { inventory: sources, extraVars, tags: [], skipTags: [] };
    const { inputs, warnings } = await checkedInputs(path, checked, environment, { knowsRollout: false });
    const findings = findingsIn(inputs.playbook, inputs.inventory);
    return { findings, warnings: warningsWithoutFinding(warnings, findings) };
  }
  const problems = new Problems();
  readExtraVars(extraVars, problems);
  const playbook = loadNamed(path, problems);
  if (playbook) await checkWithoutInventory(playbook, problems);
  if (!playbook || problems.hasErrors) throw new InputError(problems.all);
  const findings = findingsIn(playbook);
  return { findings, warnings: warningsWithoutFinding(problems.all, findings) };
}

function findingsIn(playbook: Playbook, inventory?: Inventory): readonly LintFinding[] {
  const found = [
    ...lintTasks(playbook),
    ...olderForms(playbook),
    ...unreadVariables(playbook, inventory),
    ...(inventory ? [...hiddenVariables(playbook, inventory), ...conflictingVariables(inventory)] : []),
  ];
  return inOrder(found);
}

/** The warnings without those that a rule also finds: they are reported once, or not at all if the rule is skipped. */
function warningsWithoutFinding(
  warnings: readonly Diagnostic[],
  findings: readonly LintFinding[],
): readonly Diagnostic[] {
  const found = new Set(findings.map(({ range }) => placeOf(range)));
  return warnings.filter(({ range }) => !range || !found.has(placeOf(range)));
}

function placeOf({ file, start }: SourceRange): string {
  return `${file.path} ${start}`;
}

function fixSummary(fixedCount: number): string {
  return fixedCount === 0 ? 'Nothing could be fixed.' : `Fixed: ${count(fixedCount, 'finding')}.`;
}

/** Findings that several plays share are reported once. */
function inOrder(findings: readonly LintFinding[]): readonly LintFinding[] {
  const unique = new Map(findings.map((finding) => [`${placeOf(finding.range)} ${finding.rule}`, finding]));
  return inReadingOrder([...unique.values()]);
}
