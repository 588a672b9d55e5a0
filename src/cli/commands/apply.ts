import { InputError, Problems } from '../../core/diagnostic.ts';
import { quoteWord } from '../../core/shell.ts';
import { SourceFile } from '../../core/source.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { escapeControls } from '../../report/escape.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { MetricsFile } from '../metrics-file.ts';
import { isOver, sameOptions, wayBack } from '../next-commands.ts';
import type { HostOptions, OutputOptions, ReportOptions, RunOptions, WindowOptions } from '../options.ts';
import { checkVerifying, signerOf } from '../plan-signature.ts';
import { runPlaybook } from '../run-playbook.ts';
import { checkAddresses, readSavedPlan } from '../saved-plan.ts';
import { showPlan } from '../show-plan.ts';

export type ApplyCommandOptions = HostOptions &
  OutputOptions &
  WindowOptions &
  ReportOptions & {
    readonly diff?: boolean;
    readonly metrics?: string;
    /** A file of those who may have signed the plan. */
    readonly verify?: string;
  };

/** `kplay apply`: exactly what a saved plan says; a host that has changed since the plan was made is refused. */
export async function apply(path: string, options: ApplyCommandOptions, environment: Environment): Promise<number> {
  const { limit, verify } = options;
  if (limit !== undefined)
    throw InputError.of(
      'kplay apply takes no --limit: the hosts are those of the saved plan',
      undefined,
      `make a plan of these hosts only: kplay plan … --limit ${quoteWord(limit)} --out FILE`,
    );
  const saved = await readSavedPlan(path, (text) => {
    if (verify !== undefined) showSigner(text, path, verify, environment);
  });
  const { inputs } = saved;
  const whole: RunOptions = {
    ...options,
    inventory: options.inventory.length > 0 ? options.inventory : inputs.inventory,
    ...(inputs.limit !== null && { limit: inputs.limit }),
    tags: inputs.tags,
    skipTags: inputs.skipTags,
    extraVars: inputs.extraVars,
  };
  const metrics = new MetricsFile(options.metrics);
  const finished = await runPlaybook({
    command: 'apply',
    source: path,
    options: whole,
    windows: options,
    environment,
    inputs: {
      playbook: (problems) =>
        readPlaybook(new SourceFile(saved.playbook.path, saved.playbook.text), catalogue, problems),
      tags: { only: inputs.tags, skip: inputs.skipTags },
    },
    checkInputs: (read, problems) => checkAddresses(saved, read, problems),
    reports: { reports: options.report, besides: { '--metrics': options.metrics } },
    checkOutputs: (problems) => metrics.reserve(problems),
    afterwards: (ended) => metrics.writeAfter('apply', ended, environment),
    apply: { saved: saved.plays },
    now: new Date(saved.plannedAt),
    runId: saved.runId,
    onPlan: (shown) => showPlan(shown, whole, environment),
    // What is done has changed since the plan was made: what is left needs a plan of its own.
    next: (result, wasInterrupted) => [
      ...(!isOver(result, wasInterrupted)
        ? [`kplay plan ${quoteWord(saved.playbook.path)} ${sameOptions(whole)} --out ${quoteWord(path)}`]
        : []),
      ...wayBack(result, whole, environment.clock()),
    ],
  }).finally(() => metrics.discard());
  return finished.exitCode;
}

/** @throws {InputError} when the plan is signed by nobody who may. */
function showSigner(text: string, path: string, signers: string, environment: Environment): void {
  const problems = new Problems();
  checkVerifying(signers, environment, problems);
  if (problems.hasErrors) throw new InputError(problems.all);
  environment.stderr.write(`${path} is signed by ${escapeControls(signerOf(text, path, signers, environment))}.\n`);
}
