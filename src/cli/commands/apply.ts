import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { isDuration } from '../../core/duration.ts';
import type { Host } from '../../core/host.ts';
import { quoteWord } from '../../core/shell.ts';
import { SourceFile } from '../../core/source.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { isHostList } from '../../inventory/host-list.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { escapeControls } from '../../report/text/escape.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { checkVerifying, signaturePath, signerOf } from '../inputs/plan-signature.ts';
import { shownPath, typedPath } from '../inputs/playbook-files.ts';
import { stepQuestion } from '../inputs/prompts.ts';
import { readSavedPlan, type SavedPlan } from '../inputs/saved-plan.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { MetricsOptions } from '../options/metrics-options.ts';
import {
  askingStepwise,
  type ClusterOptions,
  type OutputOptions,
  type ReportOptions,
  type RunOptions,
} from '../options/options.ts';
import { MetricsFile } from '../output/metrics-file.ts';
import { timeZone } from '../output/output.ts';
import { refuseInputs, type WantedReports } from '../output/report-files.ts';
import { checkSavedPlan } from '../run/check-saved-plan.ts';
import { isOver, isPlanCurrent, undoOf } from '../run/next-commands.ts';
import { nextAfterRun } from '../run/next-in-windows.ts';
import { plannedFiles } from '../run/planned-files.ts';
import { plannedHosts } from '../run/planned-hosts.ts';
import type { ReportedRefusals, RunOutcome } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { sameOptions } from '../run/same-options.ts';
import { showPlan } from '../run/show-plan.ts';
import { playbookWork } from '../run/work.ts';

export type ApplyCommandOptions = HostOptions &
  OutputOptions &
  ClusterOptions &
  MetricsOptions &
  ReportOptions & {
    readonly diff?: boolean;
    readonly step?: boolean;
    /** The file of allowed signers. */
    readonly verify?: string;
  };

/** `kplay apply`: does exactly what a saved plan says; a host that has changed since then is refused. */
export async function apply(path: string, options: ApplyCommandOptions, environment: Environment): Promise<number> {
  const { limit, verify } = options;
  if (limit !== undefined)
    throw InputError.of(
      'kplay apply takes no --limit: the hosts are those of the saved plan',
      ['--limit'],
      `make a plan of these hosts only: kplay plan … --limit ${quoteWord(limit)} --out FILE`,
    );
  const ask = stepQuestion(
    options.step,
    options,
    environment,
    'remove it: the changes were reviewed when the plan was made',
  );
  const saved = await readSavedPlan(path, (text) => {
    if (verify !== undefined) showSigner(text, path, verify, environment);
  });
  const { inputs } = saved;
  const whole: RunOptions = {
    ...askingStepwise(options),
    inventory: options.inventory.length > 0 ? options.inventory : inventoryOf(saved, path),
    ...(inputs.limit !== null && { limit: inputs.limit }),
    tags: inputs.tags,
    skipTags: inputs.skipTags,
    ...(inputs.startAtTask !== undefined && { startAtTask: inputs.startAtTask }),
    extraVars: inputs.extraVars,
  };
  const metrics = new MetricsFile(options);
  const reports: WantedReports = { reports: options.report, otherFiles: [['--metrics', options.metrics]] };
  const finished = await runPlaybook({
    command: 'apply',
    source: path,
    options: whole,
    fleet: askingStepwise(options),
    environment,
    inputs: {
      beside: dirname(saved.playbook.path),
      playbook: (problems) =>
        readPlaybook(
          new SourceFile(saved.playbook.path, saved.playbook.text, shownPath(saved.playbook.path)),
          catalogue,
          problems,
        ),
      work: playbookWork(saved.playbook.path, whole),
    },
    checkInputs: (read, problems) => {
      const now = { hosts: plannedHosts(read, whole, environment), files: plannedFiles(read, saved.playbook.path) };
      checkSavedPlan(saved, now, read, problems);
    },
    reports,
    checkOutputs: (problems) => {
      metrics.reserve(problems);
      refuseInputs(reports, () => [path, signaturePath(path)], problems);
    },
    afterwards: (ended) => metrics.writeAfter('apply', ended, environment),
    apply: { saved: saved.plays, ...(saved.waveOf && { waveOf: saved.waveOf }), ...ask },
    now: new Date(saved.plannedAt),
    runId: saved.runId,
    onPlan: (shown) => showPlan(shown, whole, environment),
    next: ({ result, wasInterrupted, refusals, inventory }) => {
      if (isOver(result, wasInterrupted)) return [];
      const isCurrent = !wasInterrupted && isPlanCurrent(result, refusals.codes);
      return isCurrent
        ? retryCommands(result, refusals, path, options)
        : [newPlanCommand(saved, path, whole, { result, inventory })];
    },
    undo: (result, _wasInterrupted, inventory) => undoOf(result, whole, environment.clock(), { inventory }),
  }).finally(() => metrics.discard());
  return finished.exitCode;
}

/** @throws {InputError} when it is not here: a plan that was made elsewhere names the paths of that machine */
function inventoryOf({ inputs: { inventory } }: SavedPlan, path: string): readonly string[] {
  const missing = inventory.filter((source) => !isHostList(source) && !existsSync(source));
  if (missing.length === 0) return inventory;
  throw InputError.of(
    `the saved plan was made with the inventory ${missing.join(', ')}, which is not on this machine`,
    undefined,
    `name the same inventory where it is here: kplay apply ${quoteWord(path)} -i FILE`,
  );
}

/** The commands that finish the same plan. */
function retryCommands(
  result: RunResult,
  { shut }: ReportedRefusals,
  path: string,
  options: ApplyCommandOptions,
): readonly string[] {
  return nextAfterRun(result, shut, {
    words: (more) =>
      `kplay apply ${quoteWord(path)} ${sameOptions({ ...options, ...more }, { command: 'apply', isSame: true })}`.trimEnd(),
    canWait: false,
    zone: timeZone(options),
  });
}

/** The plan no longer fits what has been changed, so the rest needs a new plan. */
function newPlanCommand(
  { playbook, plays }: SavedPlan,
  path: string,
  whole: RunOptions,
  outcome: Pick<RunOutcome, 'result' | 'inventory'>,
): string {
  const limited = { ...whole, ...limitToRest(plays, whole, outcome), out: nextPlanFile(path) };
  const options = sameOptions(limited, { command: 'plan', isSame: false });
  return `kplay plan ${quoteWord(typedPath(playbook.path))} ${options}`;
}

/** With `renew_before: all`, a new plan would renew everything again on the hosts that are done: it is for the others. */
function limitToRest(
  plays: SavedPlan['plays'],
  { extraVars }: RunOptions,
  { result: { hosts }, inventory }: Pick<RunOutcome, 'result' | 'inventory'>,
): Pick<RunOptions, 'limit'> {
  const isGiven = extraVars.some((text) => text.startsWith('@') || /\brenew_before\b/.test(text));
  if (!isGiven && ![...inventory.hosts.values()].some(mayRenewAll)) return {};
  const done = new Set(hosts.filter(({ state, stopped }) => state === 'changed' && !stopped).map(({ host }) => host));
  const rest = new Set(plays.flatMap((play) => play.hosts.map(({ host }) => host)).filter((host) => !done.has(host)));
  return done.size > 0 && rest.size > 0 ? { limit: [...rest].join(',') } : {};
}

/** What a template in the inventory will be is not known here. */
function mayRenewAll({ vars }: Host): boolean {
  const { value } = vars.get('renew_before') ?? {};
  return typeof value === 'string' && !isDuration(value);
}

/** A file for the new plan, `a-2.kplan` beside `a.kplan`, because somebody has approved the first one. */
function nextPlanFile(path: string): string {
  const [, stem = path, number = '1', ending = ''] = /^(.*?)(?:-(\d+))?(\.[^./]+)?$/s.exec(path) ?? [];
  for (let next = Number(number) + 1; ; next += 1) {
    const other = `${stem}-${next}${ending}`;
    if (!existsSync(other)) return other;
  }
}

/** @throws {InputError} when the plan is not signed by an allowed signer. */
function showSigner(text: string, path: string, signers: string, environment: Environment): void {
  const problems = new Problems();
  checkVerifying(signers, environment, problems);
  if (problems.hasErrors) throw new InputError(problems.all);
  environment.stderr.write(`${path} is signed by ${escapeControls(signerOf(text, path, signers, environment))}.\n`);
}
