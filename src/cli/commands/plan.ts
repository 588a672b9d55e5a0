import { quoteWord } from '../../core/shell.ts';
import type { SourceFile } from '../../core/source.ts';
import { readTextFile } from '../../core/text-file.ts';
import type { RunResult } from '../../engine/run-state.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { detailedExitCode, EXIT, exitCodeOf, hasChanges } from '../exit-code.ts';
import { sameOptions, together } from '../next-commands.ts';
import type { ListOptions, ReportOptions, RunOptions } from '../options.ts';
import { OutputFile } from '../output-file.ts';
import { checkSigning, sign, signaturePath } from '../plan-signature.ts';
import { playbookPath } from '../playbook-files.ts';
import { runPlaybook } from '../run-playbook.ts';
import { addressesOf, checkSavable, savedPlanText } from '../saved-plan.ts';
import { showPlan } from '../show-plan.ts';
import { isListing, list } from './list.ts';

export interface PlanCommandOptions extends RunOptions, ListOptions, ReportOptions {
  readonly out?: string;
  readonly detailedExitcode?: boolean;
  /** The ssh key that the saved plan is signed with. */
  readonly sign?: string;
}

/** `kplay plan`: observe, plan, show; what it opens cannot write. */
export async function plan(playbook: string, options: PlanCommandOptions, environment: Environment): Promise<number> {
  if (isListing(options)) return list(playbook, options, environment);
  const { out, sign: key } = options;
  const path = playbookPath(playbook, environment);
  let file: OutputFile | undefined;
  let signature: OutputFile | undefined;
  let source: SourceFile | undefined;
  try {
    const finished = await runPlaybook({
      command: 'plan',
      source: playbook,
      options,
      environment,
      inputs: {
        playbook: (problems) => {
          source = readTextFile(path, 'playbook', problems);
          return source && readPlaybook(source, catalogue, problems);
        },
        tags: { only: options.tags, skip: options.skipTags },
      },
      reports: { reports: options.report, besides: { '--out': out } },
      checkOutputs: (problems) => {
        if (out === undefined) {
          if (key !== undefined)
            problems.error('--sign needs --out: only a saved plan is signed', undefined, 'add --out FILE');
          return;
        }
        checkSavable(options, problems);
        file = OutputFile.reserve(out, problems);
        if (key === undefined) return;
        checkSigning(key, environment, problems);
        signature = OutputFile.reserve(signaturePath(out), problems);
      },
      onPlan: (shown) => showPlan(shown, options, environment),
      next: (result) => nextAfter(result, playbook, options),
      ...(options.detailedExitcode && { exitCodeOf: detailedExitCode }),
    });
    if (isWhole(finished.result) && !finished.wasInterrupted) {
      const text = savedPlanText({
        runId: finished.runId,
        plannedAt: finished.now.toISOString(),
        playbook: { path, text: source?.text ?? '' },
        options,
        addresses: addressesOf(finished.inputs),
        plays: finished.result.plans,
      });
      if (key !== undefined) signature?.write(sign(text, key, environment));
      file?.write(text);
    }
    return finished.exitCode;
  } finally {
    file?.discard();
    signature?.discard();
  }
}

function nextAfter(result: RunResult, playbook: string, options: PlanCommandOptions): readonly string[] {
  const { out } = options;
  if (result.together.length > 0)
    return [
      `kplay plan ${quoteWord(playbook)} ${sameOptions(together(options, result))}${out === undefined ? '' : ` --out ${quoteWord(out)}`}`,
    ];
  if (out !== undefined && !isWhole(result)) {
    const others = [...result.unreachable, ...result.failed, ...result.refused].map((host) => `:!${host}`).join('');
    const limit = quoteWord(`${options.limit ?? 'all'}${others}`);
    return [
      `fix the errors above, or leave those hosts out with -l ${limit}: a plan is saved only when it covers all hosts`,
    ];
  }
  if (!hasChanges(result)) return [];
  if (out !== undefined) return [`kplay apply ${quoteWord(out)}`];
  return [`kplay run ${quoteWord(playbook)} ${sameOptions(options)}`];
}

/** Every host could be planned. */
function isWhole(result: RunResult): boolean {
  return exitCodeOf(result, false) === EXIT.good;
}
