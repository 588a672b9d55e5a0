import { dirname } from 'node:path';
import { quoteWord } from '../../core/shell.ts';
import type { SourceFile } from '../../core/source.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { detailedExitCode, EXIT, exitCodeOf, hasChanges } from '../exit-code.ts';
import { playbookPath, playbookText } from '../inputs/playbook-files.ts';
import { checkPrivateSavable, checkSavable, type PlanToSave, savedPlanText } from '../inputs/saved-plan.ts';
import type { ListOptions, ReportOptions, RunOptions, WindowOptions } from '../options/options.ts';
import { timeZone } from '../output/output.ts';
import { SavedPlanFile } from '../output/saved-plan-file.ts';
import { limitWithout, requestCommands, withRequiredHosts } from '../run/next-commands.ts';
import { nextAfterPlan } from '../run/next-in-windows.ts';
import { plannedFiles } from '../run/planned-files.ts';
import { plannedHosts } from '../run/planned-hosts.ts';
import type { FinishedRun, RunOutcome } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { sameOptions } from '../run/same-options.ts';
import { isPlanDetailed, showPlanInFleet } from '../run/show-plan.ts';
import { playbookWork } from '../run/work.ts';
import { isListing, list } from './list.ts';

export interface PlanCommandOptions extends RunOptions, ListOptions, ReportOptions {
  readonly out?: string;
  readonly detailedExitcode?: boolean;
  /** The ssh key that signs the saved plan. */
  readonly sign?: string;
}

/** `kplay plan`: observe, plan, show. Its sessions cannot write. */
export async function plan(playbook: string, options: PlanCommandOptions, environment: Environment): Promise<number> {
  if (isListing(options)) return list(playbook, options, environment);
  const { out } = options;
  const path = playbookPath(playbook, environment);
  const file = new SavedPlanFile(out, options.sign, environment);
  let source: SourceFile | undefined;
  try {
    const finished = await runPlaybook({
      command: 'plan',
      source: playbook,
      options,
      environment,
      inputs: {
        beside: dirname(path),
        playbook: (problems) => {
          source = playbookText(path, problems);
          const read = source && readPlaybook(source, catalogue, problems);
          if (read && out !== undefined) checkPrivateSavable(read, options.extraVars, problems);
          return read;
        },
        work: playbookWork(path, options),
      },
      reports: { reports: options.report, otherFiles: [['--out', out]] },
      checkOutputs: (problems) => {
        if (out !== undefined) checkSavable(options, problems);
        file.reserve(problems);
      },
      fleetPlan: {
        isDetailed: isPlanDetailed(options),
        isOfRun: false,
        sideBySide: Math.min(options.clusters, options.forks),
      },
      onPlan: (shown) => showPlanInFleet(shown, options, environment),
      save: (run) => {
        if (out === undefined || !isWhole(run.result) || run.wasInterrupted) return;
        file.write(textToSave(run, { path, text: source?.text ?? '' }, options, environment));
      },
      next: (outcome) => [
        ...nextAfter(outcome, playbook, { ...options, skipTags: outcome.skipTags }),
        ...requestCommands(outcome.result, options, outcome.inventory),
      ],
      ...(options.detailedExitcode && { exitCodeOf: detailedExitCode }),
    });
    return finished.exitCode;
  } finally {
    file.discard();
  }
}

function textToSave(
  { runId, now, inputs, result }: Omit<FinishedRun, 'exitCode'>,
  playbook: PlanToSave['playbook'],
  options: PlanCommandOptions,
  environment: Environment,
): string {
  return savedPlanText({
    runId,
    plannedAt: now.toISOString(),
    playbook,
    options,
    hosts: plannedHosts(inputs, options, environment),
    files: plannedFiles(inputs, playbook.path),
    plays: result.plans,
    waveOf: result.waveOf,
  });
}

function nextAfter(
  { result, wasInterrupted, inventory }: RunOutcome,
  playbook: string,
  options: PlanCommandOptions,
): readonly string[] {
  const { out } = options;
  const again = (same: PlanCommandOptions): string =>
    `kplay plan ${quoteWord(playbook)} ${sameOptions(same, { command: 'plan', isSame: true })}`;
  if (result.together.length > 0) return [again(withRequiredHosts(options, result, inventory))];
  // Nothing was saved: an old plan may still stand in that file.
  if (wasInterrupted && out !== undefined) return [again(options)];
  if (out !== undefined && !isWhole(result)) {
    const others = [...new Set([...result.unreachable, ...result.failed, ...result.refused])];
    const limit = quoteWord(limitWithout(options.limit ?? 'all', others));
    const isSome = result.plans.some(({ hosts }) => hosts.some(({ host }) => !others.includes(host)));
    const leave = isSome ? `, or leave those hosts out with -l ${limit}` : '';
    return [`fix the errors above${leave}: a plan is saved only when it covers all hosts`];
  }
  const words = (more: WindowOptions): string =>
    out === undefined
      ? `kplay run ${quoteWord(playbook)} ${sameOptions({ ...options, ...more }, { command: 'run', isSame: false })}`
      : applyCommand(out, { ...options, ...more });
  // A run whose windows are shut is refused for a rescue, too, for which nothing is to be done as things are.
  const inWindows = nextAfterPlan(result, { words, canWait: out === undefined, zone: timeZone(options) });
  return inWindows ?? (hasChanges(result) ? [words({})] : []);
}

/** The plan contains the other options: hosts, tasks and variables. */
function applyCommand(file: string, options: PlanCommandOptions & WindowOptions): string {
  return `kplay apply ${quoteWord(file)} ${sameOptions(options, { command: 'apply', isSame: false })}`.trimEnd();
}

/** Every host could be planned. Certificates that end before a window opens do not prevent saving the plan that would help. */
function isWhole(result: RunResult): boolean {
  return exitCodeOf({ ...result, late: [] }, false) === EXIT.good;
}
