import { quoteWord } from '../../core/shell.ts';
import { shortPattern } from '../../inventory/short-pattern.ts';
import type { Environment } from '../environment.ts';
import { playbookPath } from '../inputs/playbook-files.ts';
import { confirmation, stepQuestion } from '../inputs/prompts.ts';
import { resumeCommand } from '../journal/command-for.ts';
import { recipeOf } from '../journal/recipe.ts';
import type { Resumption } from '../journal/resumption.ts';
import type { MetricsOptions } from '../options/metrics-options.ts';
import { askingStepwise, type ListOptions, type ReportOptions, type RunOptions } from '../options/options.ts';
import { MetricsFile } from '../output/metrics-file.ts';
import { timeZone } from '../output/output.ts';
import type { LeftHosts } from '../run/left-hosts.ts';
import { hasLeftChanges, isOver, requestCommands, undoOf, withRequiredHosts } from '../run/next-commands.ts';
import { nextAfterRun, type WindowedCommand } from '../run/next-in-windows.ts';
import { playbookInputs } from '../run/playbook-inputs.ts';
import type { PlaybookRun, RunOutcome } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { sameOptions } from '../run/same-options.ts';
import { isPlanDetailed, showPlan, showPlanInFleet, whenShut } from '../run/show-plan.ts';
import type { RemoteRun, RequestedRollout } from '../temporal/rollout-run.ts';
import { isListing, list } from './list.ts';
import { plan } from './plan.ts';
import { validate } from './validate.ts';

export interface RunCommandOptions extends RunOptions, ListOptions, ReportOptions, MetricsOptions {
  readonly check?: boolean;
  readonly syntaxCheck?: boolean;
  readonly confirm?: boolean;
  readonly forceHandlers?: boolean;
  readonly step?: boolean;
  readonly engine?: string;
  /** Seconds. */
  readonly workerTimeout?: number;
  /** What to do next if it does not succeed; default: the command that goes on with it. */
  readonly nextAfterFailure?: string;
}

/** `kplay run`: observe, plan, show, apply, prove. */
export async function run(
  playbook: string,
  options: RunCommandOptions,
  environment: Environment,
  resumption: Resumption = {},
): Promise<number> {
  if (isListing(options)) return list(playbook, options, environment);
  if (options.syntaxCheck) return validate(playbook, options, environment);
  if (options.check) return plan(playbook, options, environment);
  const ask = stepQuestion(options.step, options, environment);
  const apply = confirmation(
    options.confirm,
    environment,
    'save a plan with kplay plan --out FILE, look at it, and run kplay apply FILE',
  );
  const path = playbookPath(playbook, environment);
  const metrics = new MetricsFile(options);
  const inputs = playbookInputs(path, options);
  const remote = await remoteRunOf(
    { path, source: playbook, previousRun: resumption.previousRun, resumeReason: resumption.resumeReason },
    options,
    inputs,
    environment,
  );
  const finished = await runPlaybook({
    command: 'run',
    source: playbook,
    options: askingStepwise(options),
    fleet: askingStepwise(options),
    environment,
    inputs,
    apply: { ...apply, ...ask },
    reports: { reports: options.report, otherFiles: [['--metrics', options.metrics]] },
    ...resumption,
    ...remote?.run,
    checkInputs: (found, problems, files) => {
      remote?.run.checkInputs(found, problems, files);
      resumption.checkInputs?.(found, problems, files);
    },
    recipe: (files, isPrivate) => recipeOf('run', path, options, files, isPrivate),
    checkOutputs: (problems) => metrics.reserve(problems),
    afterwards: (ended) => metrics.writeAfter('run', ended, environment, remote && 'of others'),
    ...planDisplay(options, environment, apply.confirm !== undefined),
    next: ({ result, wasInterrupted, id, refusals: { shut }, inventory, skipTags }) => {
      if (isOver(result, wasInterrupted)) return [];
      if (options.nextAfterFailure !== undefined) return [options.nextAfterFailure];
      if (wasInterrupted) return [resumeCommand(id, options)];
      return [
        ...nextAfterRun(
          result,
          shut,
          goingOn(playbook, { ...options, skipTags }, { result, id, inventory }, resumption.left),
        ),
        ...requestCommands(result, options, inventory),
      ];
    },
    // Only the workers that reach the hosts of a remote run can restore them.
    undo: (result, wasInterrupted, inventory) =>
      remote || (options.nextAfterFailure !== undefined && !isOver(result, wasInterrupted))
        ? undefined
        : undoOf(result, options, environment.clock(), { ...resumption, inventory }),
  }).finally(async () => {
    metrics.discard();
    await remote?.close();
  });
  return finished.exitCode;
}

/** How the plan is shown. A user who is asked to approve it sees all of it. */
function planDisplay(
  options: RunCommandOptions,
  environment: Environment,
  isToBeApproved: boolean,
): Pick<PlaybookRun, 'onPlan' | 'fleetPlan'> {
  if (isToBeApproved) return { onPlan: (shown) => showPlan(shown, options, environment) };
  return {
    fleetPlan: { isDetailed: isPlanDetailed(options), isOfRun: true, ...whenShut(options.window) },
    onPlan: (shown) => showPlanInFleet(shown, options, environment),
  };
}

/**
 * The command that goes on with a run. It names all hosts, because finished ones are only checked, and a single host may need the others.
 * Once a host was left changed, the command is `kplay resume`, which knows what this run and those that it resumes have done. Hosts that
 * only a window kept back then get a command of their own.
 */
function goingOn(
  playbook: string,
  options: RunCommandOptions,
  { result, id, inventory }: Pick<RunOutcome, 'result' | 'id' | 'inventory'>,
  left: LeftHosts = new Map(),
): WindowedCommand {
  const hasLeft = hasLeftChanges(result) || left.size > 0;
  const again = hasLeft
    ? { ...options, limit: shortPattern(result.refused, inventory) }
    : withRequiredHosts(options, result, inventory);
  return {
    words: (more) =>
      hasLeft && more.window === undefined
        ? resumeCommand(id, options)
        : `kplay run ${quoteWord(playbook)} ${sameOptions({ ...again, ...more }, { command: 'run', isSame: true })}`,
    canWait: !hasLeft && options.confirm !== true && options.step !== true,
    zone: timeZone(options),
  };
}

/** The run when workers carry it out. */
async function remoteRunOf(
  requested: RequestedRollout,
  options: RunCommandOptions,
  inputs: PlaybookRun['inputs'],
  environment: Environment,
): Promise<RemoteRun | undefined> {
  const { engine } = options;
  if (engine === undefined) return undefined;
  const { startRemoteRun } = await import('../temporal/rollout-run.ts');
  return startRemoteRun(requested, { ...options, engine }, inputs, environment);
}
