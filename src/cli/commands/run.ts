import { quoteWord } from '../../core/shell.ts';
import { loadPlaybook } from '../../playbook/load.ts';
import type { Playbook } from '../../playbook/model.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { recipeOf } from '../journal/recipe.ts';
import { type Resumption, resumeCommand } from '../journal/resumption.ts';
import { MetricsFile } from '../metrics-file.ts';
import { isOver, sameOptions, together, wayBack } from '../next-commands.ts';
import type { ListOptions, ReportOptions, RunOptions } from '../options.ts';
import { playbookPath } from '../playbook-files.ts';
import { confirmation } from '../prompts.ts';
import { runPlaybook } from '../run-playbook.ts';
import { showPlan } from '../show-plan.ts';
import { isListing, list } from './list.ts';
import { plan } from './plan.ts';
import { validate } from './validate.ts';

export interface RunCommandOptions extends RunOptions, ListOptions, ReportOptions {
  readonly check?: boolean;
  readonly syntaxCheck?: boolean;
  readonly confirm?: boolean;
  readonly metrics?: string;
  readonly forceHandlers?: boolean;
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
  const apply = confirmation(
    options.confirm,
    environment,
    'save a plan with kplay plan --out FILE, look at it, and run kplay apply FILE',
  );
  const path = playbookPath(playbook, environment);
  const metrics = new MetricsFile(options.metrics);
  const finished = await runPlaybook({
    command: 'run',
    source: playbook,
    options,
    windows: options,
    environment,
    inputs: {
      playbook: (problems) => withHandlers(loadPlaybook(path, catalogue, problems), options),
      tags: { only: options.tags, skip: options.skipTags },
    },
    apply,
    reports: { reports: options.report, besides: { '--metrics': options.metrics } },
    ...resumption,
    recipe: (files) => recipeOf('run', path, options, files),
    checkOutputs: (problems) => metrics.reserve(problems),
    afterwards: (ended) => metrics.writeAfter('run', ended, environment),
    onPlan: (shown) => showPlan(shown, options, environment),
    // On all its hosts again: what is done costs a look, and a host alone would lack the others that it needs.
    next: (result, wasInterrupted, id) => [
      ...(isOver(result, wasInterrupted)
        ? []
        : wasInterrupted
          ? [resumeCommand(id, options)]
          : [
              `kplay run ${quoteWord(playbook)} ${sameOptions(together(options, result))}${options.forceHandlers ? ' --force-handlers' : ''}`,
            ]),
      ...wayBack(result, options, environment.clock()),
    ],
  }).finally(() => metrics.discard());
  return finished.exitCode;
}

/** `--force-handlers` is for plays that do not say it themselves, as in Ansible. */
function withHandlers(playbook: Playbook | undefined, { forceHandlers }: RunCommandOptions): Playbook | undefined {
  if (!playbook || !forceHandlers) return playbook;
  const plays = playbook.plays.map((play) => ({
    ...play,
    forceHandlers: play.forceHandlers ?? { value: true, range: play.range },
  }));
  return { ...playbook, plays };
}
