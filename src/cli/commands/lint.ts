import { dirname } from 'node:path';
import { count } from '../../core/count.ts';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { formatDiagnostics } from '../../report/diagnostics.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { inventoryOf } from '../inputs/inputs.ts';
import { loadNamed, playbookPath } from '../inputs/playbook-files.ts';
import { applyFixes } from '../lint/apply-fixes.ts';
import { lintJson, lintSarif } from '../lint/lint-report.ts';
import { olderForms } from '../lint/older-forms.ts';
import type { LintFinding } from '../lint/rules.ts';
import { lintTasks } from '../lint/task-rules.ts';
import { contestedVariables, hiddenVariables, unreadVariables } from '../lint/variable-rules.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions } from '../options/options.ts';
import { textOptions } from '../output/output.ts';

type LintCommandOptions = Pick<HostOptions, 'inventory'> &
  Pick<OutputOptions, 'output' | 'color'> & { readonly skip: readonly string[]; readonly fix?: boolean };

/** `kplay lint`: what a playbook, and an inventory, could do better. What is wrong with them is for `kplay validate`. */
export async function lint(playbook: string, options: LintCommandOptions, environment: Environment): Promise<number> {
  const { stdout, stderr } = environment;
  const path = playbookPath(playbook, environment);
  let findings = findingsIn(path, options);
  if (options.fix) {
    const mended = applyFixes(findings);
    stderr.write(`${mendedText(mended)}\n`);
    // What is left stands at other places now.
    if (mended > 0) findings = findingsIn(path, options);
  }
  if (options.output !== 'text') stdout.write(options.output === 'sarif' ? lintSarif(findings) : lintJson(findings));
  else if (findings.length > 0) {
    const problemsFound = findings.map(({ rule, message, range, hint }) => {
      return { severity: 'warning', message: `${message} [${rule}]`, range, hint } as const;
    });
    stdout.write(`${formatDiagnostics(problemsFound, textOptions(stdout, options, environment))}\n`);
  } else stdout.write(`${playbook}: no findings.\n`);
  return findings.length > 0 ? EXIT.failed : EXIT.good;
}

function findingsIn(path: string, { inventory: sources, skip }: LintCommandOptions): readonly LintFinding[] {
  const problems = new Problems();
  const read = loadNamed(path, problems);
  const inventory = sources.length > 0 ? inventoryOf(sources, problems, dirname(path)).inventory : undefined;
  if (!read || problems.hasErrors) throw new InputError(problems.all);
  const found = [
    ...lintTasks(read),
    ...olderForms(read),
    ...unreadVariables(read, inventory),
    ...(inventory ? [...hiddenVariables(read, inventory), ...contestedVariables(inventory)] : []),
  ];
  return inOrder(found).filter(({ rule }) => !skip.includes(rule));
}

function mendedText(mended: number): string {
  return mended === 0 ? 'Nothing could be fixed.' : `Fixed: ${count(mended, 'finding')}.`;
}

/** File by file, from top to bottom; what is met by several plays is said once. */
function inOrder(findings: readonly LintFinding[]): readonly LintFinding[] {
  const files = [...new Set(findings.map(({ range }) => range.file))];
  const unique = new Map(
    findings.map((finding) => [`${finding.range.file.path} ${finding.range.start} ${finding.rule}`, finding]),
  );
  return [...unique.values()].toSorted(
    (one, other) =>
      files.indexOf(one.range.file) - files.indexOf(other.range.file) || one.range.start - other.range.start,
  );
}
