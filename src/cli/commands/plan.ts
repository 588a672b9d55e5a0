import { readFileSync } from 'node:fs';
import { loadPlaybook } from '../../playbook/load.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { detailedExitCode, hasChanges } from '../exit-code.ts';
import type { RunOptions } from '../options.ts';
import { runPlaybook } from '../run-playbook.ts';
import { writeSavedPlan } from '../saved-plan.ts';
import { inventoryWords, showPlan } from './run.ts';

export interface PlanCommandOptions extends RunOptions {
  readonly out?: string;
  readonly detailedExitcode?: boolean;
}

/** `kplay plan`: observe, plan, show; what it opens cannot write. */
export async function plan(playbook: string, options: PlanCommandOptions, environment: Environment): Promise<number> {
  const finished = await runPlaybook({
    command: 'plan',
    source: playbook,
    options,
    environment,
    inputs: {
      playbook: (problems) => loadPlaybook(playbook, catalogue, problems),
      tags: { only: options.tags, skip: options.skipTags },
    },
    onPlan: (shown) => showPlan(shown, options, environment),
    next: (result) => {
      if (!hasChanges(result)) return [];
      return options.out === undefined
        ? [`kplay run ${playbook} ${inventoryWords(options)}`]
        : [`kplay apply ${options.out}`];
    },
  });
  if (options.out !== undefined && finished.exitCode === 0) {
    writeSavedPlan(options.out, {
      runId: finished.runId,
      plannedAt: finished.now.toISOString(),
      playbook: { path: playbook, text: readFileSync(playbook, 'utf8') },
      options,
      plays: finished.result.plans,
    });
  }
  return options.detailedExitcode ? detailedExitCode(finished.result, finished.wasInterrupted) : finished.exitCode;
}
