import { count } from '../../core/count.ts';
import { type Diagnostic, InputError, inReadingOrder, Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Playbook } from '../../playbook/model.ts';
import { formatDiagnostics } from '../../report/diagnostics.ts';
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
import { contestedVariables, hiddenVariables, unreadVariables } from '../lint/variable-rules.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, VariableOptions } from '../options/options.ts';
import { showDiagnostics, textOptions } from '../output/output.ts';
import { repositoryOf } from '../output/repository.ts';
import { checkedInputs } from './validate.ts';

type LintCommandOptions = Pick<HostOptions, 'inventory'> &
  VariableOptions &
  Pick<OutputOptions, 'output' | 'color'> & { readonly skip: readonly string[]; readonly fix?: boolean };

/** Of a playbook and an inventory with which nothing is wrong. */
interface Linted {
  readonly findings: readonly LintFinding[];
  /** What `kplay validate` would warn of besides. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * The same for SARIF: who reads it is told there what keeps the rules from being checked.
 * @throws {InputError}
 */
async function readOrTell(path: string, options: LintCommandOptions, environment: Environment): Promise<Linted> {
  try {
    return await read(path, options, environment);
  } catch (error) {
    if (error instanceof InputError && options.output === 'sarif')
      environment.stdout.write(inputErrorSarif(error.diagnostics, path, repositoryOf(environment)));
    throw error;
  }
}

/**
 * `kplay lint`: what a playbook, and an inventory, could do better.
 * @throws {InputError} with what `kplay validate` finds wrong; without an inventory, with what is seen of that.
 */
export async function lint(playbook: string, options: LintCommandOptions, environment: Environment): Promise<number> {
  const { stdout, stderr } = environment;
  const path = playbookPath(playbook, environment);
  let linted = await readOrTell(path, options, environment);
  const wanted = ({ rule }: LintFinding): boolean => !options.skip.includes(rule);
  let findings = linted.findings.filter(wanted);
  if (options.fix) {
    const mended = applyFixes(findings);
    stderr.write(`${mendedText(mended)}\n`);
    // What is left stands at other places now.
    if (mended > 0) {
      linted = await readOrTell(path, options, environment);
      findings = linted.findings.filter(wanted);
    }
  }
  showDiagnostics(linted.warnings, options, environment);
  if (options.output !== 'text')
    stdout.write(options.output === 'sarif' ? lintSarif(findings, repositoryOf(environment)) : lintJson(findings));
  else if (findings.length > 0) {
    const problemsFound = findings.map(({ rule, message, range, hint }) => {
      return { severity: 'warning', message: `${message} [${rule}]`, range, hint } as const;
    });
    stdout.write(`${formatDiagnostics(problemsFound, textOptions(stdout, options, environment))}\n`);
  } else stdout.write(`${playbook}: no findings.\n`);
  return findings.length > 0 ? EXIT.failed : EXIT.good;
}

async function read(path: string, options: LintCommandOptions, environment: Environment): Promise<Linted> {
  const { inventory: sources, extraVars } = options;
  if (sources.length > 0) {
    const checked = { inventory: sources, extraVars, tags: [], skipTags: [] };
    const { inputs, warnings } = await checkedInputs(path, checked, environment);
    const findings = findingsIn(inputs.playbook, inputs.inventory);
    return { findings, warnings: besides(warnings, findings) };
  }
  const problems = new Problems();
  readExtraVars(extraVars, problems);
  const playbook = loadNamed(path, problems);
  if (playbook) await checkWithoutInventory(playbook, problems);
  if (!playbook || problems.hasErrors) throw new InputError(problems.all);
  const findings = findingsIn(playbook);
  return { findings, warnings: besides(problems.all, findings) };
}

function findingsIn(playbook: Playbook, inventory?: Inventory): readonly LintFinding[] {
  const found = [
    ...lintTasks(playbook),
    ...olderForms(playbook),
    ...unreadVariables(playbook, inventory),
    ...(inventory ? [...hiddenVariables(playbook, inventory), ...contestedVariables(inventory)] : []),
  ];
  return inOrder(found);
}

/** A rule may find what `kplay validate` warns of: that is said once, and not at all where the rule is left out. */
function besides(warnings: readonly Diagnostic[], findings: readonly LintFinding[]): readonly Diagnostic[] {
  const found = new Set(findings.map(({ range }) => placeOf(range)));
  return warnings.filter(({ range }) => !range || !found.has(placeOf(range)));
}

function placeOf({ file, start }: SourceRange): string {
  return `${file.path} ${start}`;
}

function mendedText(mended: number): string {
  return mended === 0 ? 'Nothing could be fixed.' : `Fixed: ${count(mended, 'finding')}.`;
}

/** What is met by several plays is said once. */
function inOrder(findings: readonly LintFinding[]): readonly LintFinding[] {
  const unique = new Map(findings.map((finding) => [`${placeOf(finding.range)} ${finding.rule}`, finding]));
  return inReadingOrder([...unique.values()]);
}
