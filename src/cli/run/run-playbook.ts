import { InputError } from '../../core/diagnostic.ts';
import type { Event, EventSink } from '../../core/events/event.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { RunTools } from '../../engine/run/tools.ts';
import type { ApplyRequest, RunRequest } from '../../engine/run-request.ts';
import type { ResultInWaves } from '../../fleet/rollout/held-back.ts';
import type { Reporter } from '../../report/reporter.ts';
import type { PlansShown } from '../../report/reports/plans-shown.ts';
import { entryWithHiddenContents, withHiddenContents } from '../../report/secrets/file-contents.ts';
import { registry } from '../../steps/registry.ts';
import { EXIT, exitCodeOf } from '../exit-code.ts';
import { contactsOf } from '../fleet/contacts.ts';
import { applyPlays, planPlays } from '../fleet/rolling-out.ts';
import { runControl } from '../fleet/run-control.ts';
import { clusterTiming } from '../fleet/window-policy.ts';
import { hookCaller } from '../hooks/play-hooks.ts';
import { writtenNames } from '../inputs/extra-vars.ts';
import { PromptEnded } from '../inputs/prompts.ts';
import { privatePrompts } from '../inputs/var-prompts.ts';
import { maskedSink, openReporter, showDiagnostics } from '../output/output.ts';
import { RunReports } from '../output/run-reports.ts';
import { VERSION } from '../version.ts';
import { wait } from '../wait.ts';
import { handleInterrupts, type Interrupts } from './interrupts.ts';
import { withLeft } from './left-hosts.ts';
import { hasEnded, registerHolder } from './liveness.ts';
import { ShutHosts } from './next-in-windows.ts';
import type { ApplyOptions, FinishedRun, PlaybookRun } from './playbook-run.ts';
import { type ReadRun, readRun } from './read-run.ts';
import { beginJournal, endJournal, type NewRun, type RunJournal } from './run-journal.ts';
import { newRunId } from './runs-directory.ts';
import { unlockCommand } from './same-options.ts';

/**
 * Reads the inputs, connects, plans, and applies if it may.
 * @throws {InputError} for errors in the input; no host has been contacted then.
 */
export async function runPlaybook(run: PlaybookRun): Promise<FinishedRun> {
  const reports = new RunReports(run.environment, plansInReports(run));
  try {
    const now = run.now ?? run.environment.clock();
    const read = await readRun(run, reports);
    return await carryOut(run, read, reports, now);
  } finally {
    reports.finish();
  }
}

/** Reports show plans in full, of several clusters too. */
function plansInReports({ options: { diff = false }, fleetPlan }: PlaybookRun): Omit<PlansShown, 'fleetPlans'> {
  return { diff, fleet: { isOfRun: false, ...fleetPlan, isDetailed: true } };
}

/** A run that has been recorded and whose events are heard. */
interface OpenRun extends Listeners {
  /** The id under which it is recorded. */
  readonly id: string;
  /** The id that names its backups: a saved plan that is applied again keeps its own. */
  readonly runId: string;
  readonly now: Date;
  readonly startedAt: Date;
  readonly emit: EventSink;
  readonly interrupts: Interrupts;
}

/** Opens the journal and the report, works, and closes them, however the work ends. */
async function carryOut(run: PlaybookRun, read: ReadRun, reports: RunReports, now: Date): Promise<FinishedRun> {
  const { environment, options } = run;
  const entry = () => read.mask.applyTo(startEntryOf(run, read, now));
  const kept = run.apply && (await beginJournal(entry(), options, environment, now, run));
  const id = kept?.id ?? run.runId ?? newRunId(now);
  showDiagnostics(read.problems.all, options, environment);
  const reporter = run.reporter ?? openReporter(options, environment, run.fleetPlan);
  const listeners = { reporter, reports, kept, refusals: { codes: new Set<string>(), shut: new ShutHosts() } };
  const emit = sinkOf(run, read, listeners);
  const holder = registerHolder(environment, id);
  const interrupts = handleInterrupts((message) => emit({ type: 'interrupted', message }));
  if (run.stop?.aborted) interrupts.end();
  run.stop?.addEventListener('abort', interrupts.end, { once: true });
  const startedAt = environment.clock();
  const open: OpenRun = { ...listeners, id, runId: run.runId ?? id, now, startedAt, emit, interrupts };
  try {
    const { request, result } = await work(run, read, open, holder.name);
    const ended = await reportEnd(run, read, open, request, result);
    if (result.mistake !== undefined) throw result.mistake;
    return ended;
  } finally {
    run.stop?.removeEventListener('abort', interrupts.end);
    interrupts.release();
    holder.release();
    // The state of the hosts does not depend on whether the report and the journal can be closed.
    await Promise.allSettled([reporter.close(), kept?.journal.close()]);
  }
}

/** Plans, and applies if it may. @param holder the name under which it locks hosts */
async function work(
  run: PlaybookRun,
  read: ReadRun,
  { id, runId, now, startedAt, emit, interrupts, kept }: OpenRun,
  holder: string,
): Promise<{ readonly request: RunRequest; readonly result: ResultInWaves }> {
  const { command, source, environment } = run;
  emit({ type: 'run-started', runId: id, command, source, kplayVersion: VERSION, writes: run.apply !== undefined });
  read.warnings.passTo(emit);
  const tools = toolsOf(run, read, kept, { emit, abort: interrupts.abort, holder });
  const how = { now, runId, begunAt: startedAt, tools, stop: interrupts.stop };
  const request = await requestOf(read, environment, how);
  return { request, result: withLeft(await planOrApply(run, read, request, interrupts, id), run.left) };
}

/** Saves what the run was for, tells and records its end, and does what comes afterwards. */
async function reportEnd(
  run: PlaybookRun,
  { inputs, mask }: ReadRun,
  { id, runId, now, startedAt, emit, interrupts, kept, refusals }: OpenRun,
  request: RunRequest,
  result: ResultInWaves,
): Promise<FinishedRun> {
  const wasInterrupted = interrupts.wasInterrupted() || result.wasAborted === true;
  const elapsedMs = run.environment.clock().getTime() - startedAt.getTime();
  const isSaved = saveResult(run, { result, inputs, wasInterrupted, runId, now }, emit);
  const exitCode = isSaved ? (run.exitCodeOf ?? exitCodeOf)(result, wasInterrupted) : EXIT.input;
  const { inventory, skipTags } = inputs;
  const next = (isSaved && run.next?.({ result, wasInterrupted, id, refusals, inventory, skipTags })) || [];
  const undo = isSaved ? run.undo?.(result, wasInterrupted, inventory) : undefined;
  const contacts = contactsOf(result, inventory);
  const finished: Event = {
    type: 'run-finished',
    hosts: result.hosts,
    elapsedMs,
    exitCode,
    next: [...next, ...(undo?.commands ?? [])],
    ...(undo && undo.without.length > 0 && { noUndo: undo.without }),
    ...(contacts.length > 0 && { contacts }),
    // A question that ended without an answer, by Ctrl-C for example, was not declined.
    ...(!result.wasConfirmed && !interrupts.wasInterrupted() && { declined: true }),
  };
  // `run-finished` is the last event, so missing journal entries have to be reported before it.
  kept?.journal.note(withHiddenContents(mask.applyTo(finished)));
  if (kept) await endJournal(kept.journal, exitCode, emit);
  emit(finished);
  const ended = { result, inputs, wasInterrupted, exitCode, runId, now };
  await run.afterwards?.({ ...ended, request, elapsedMs });
  return ended;
}

/** @returns whether everything is saved that should be. */
function saveResult(run: PlaybookRun, ended: Omit<FinishedRun, 'exitCode'>, emit: EventSink): boolean {
  try {
    run.save?.(ended);
    return true;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const { message, hint } of error.diagnostics)
      emit({ type: 'warning', hosts: [], message, ...(hint !== undefined && { remedy: hint }) });
    return false;
  }
}

interface Listeners {
  readonly reporter: Reporter;
  readonly reports: RunReports;
  readonly kept: RunJournal | undefined;
  /** Collects refusals and clusters outside their windows. */
  readonly refusals: { readonly codes: Set<string>; readonly shut: ShutHosts };
}

/** Sends the events of the run to the journal, the reports and the screen, all masked. */
function sinkOf(
  { environment, onPlan }: PlaybookRun,
  { mask }: ReadRun,
  { reporter, reports, kept, refusals }: Listeners,
): EventSink {
  const show: EventSink = (event) => {
    reporter.handle(event);
    if (event.type === 'play-planned') onPlan?.(event.plan);
  };
  const keep: EventSink = (event) => {
    const code = refusalCode(event);
    if (code !== undefined) refusals.codes.add(code);
    if (event.type === 'window-shut') refusals.shut.take(event);
    kept?.journal.note(event);
    reports.take(event);
  };
  return maskedSink(show, keep, mask, environment);
}

/** The code of a refusal; undefined for other events. */
function refusalCode(event: Event): string | undefined {
  if (event.type === 'host-refused' || event.type === 'play-refused') return event.code;
  return event.type === 'window-shut' && event.counts === 'refused' ? 'outside-window' : undefined;
}

function toolsOf(
  { environment, options }: PlaybookRun,
  { mask }: ReadRun,
  kept: RunJournal | undefined,
  own: Pick<RunTools, 'emit' | 'abort' | 'holder'>,
): RunTools {
  return {
    ...own,
    journal: { write: async (entry) => kept?.journal.write(entryWithHiddenContents(mask.applyTo(entry))) },
    clock: environment.clock,
    wait,
    forks: options.forks,
    hasEnded: (other) => hasEnded(other, own.holder),
    unlockCommand: (host) => unlockCommand(host, options),
    registry,
  };
}

async function requestOf(
  { inputs, connector, mask, policy }: ReadRun,
  environment: PlaybookRun['environment'],
  how: Pick<RunRequest, 'now' | 'runId' | 'begunAt' | 'tools' | 'stop'>,
): Promise<RunRequest> {
  const { plays, surroundings } = inputs;
  const conceal = (plan: PlayPlan): PlayPlan => mask.applyTo(plan);
  return { plays, surroundings, connector, conceal, ...how, ...(await clusterTiming(inputs, environment, policy)) };
}

/** @param id the id under which the run is recorded, if it is */
async function planOrApply(
  run: PlaybookRun,
  { inputs, policy }: ReadRun,
  request: RunRequest,
  interrupts: Interrupts,
  id: string,
): Promise<ResultInWaves> {
  const { apply, environment, options, fleet } = run;
  if (!apply) return planPlays(request, inputs);
  const { surroundings, tools } = request;
  const applyRequest: ApplyRequest = {
    ...request,
    ...promptsOf(apply, interrupts),
    ...(apply.saved && { saved: apply.saved }),
    sideBySide: fleet?.clusters ?? 1,
    callHooks: hookCaller(surroundings.extra, environment, tools.emit, tools.abort),
  };
  const control = runControl(id, run, options, environment, tools.emit);
  return apply.instead
    ? apply.instead(applyRequest, control)
    : applyPlays(applyRequest, inputs, environment, policy, control);
}

/** What the journal records of the run before any host is contacted. */
function startEntryOf(
  { command, source, fleet, reason = fleet?.reason, resumes, resumeReason, recipe, again }: PlaybookRun,
  { inputs, files }: ReadRun,
  now: Date,
): NewRun {
  const { hosts, playbook } = inputs;
  const hidden = privatePrompts(playbook.plays).map(({ name }) => name.value);
  const isPrivate = (text: string): boolean => writtenNames(text).some((name) => hidden.includes(name));
  return {
    command,
    source,
    hosts: hosts.map(({ name }) => name),
    clusters: [...new Set(hosts.flatMap(({ cluster }) => cluster ?? []))],
    clusterOf: Object.fromEntries(
      hosts.flatMap(({ name, cluster }) => (cluster === undefined ? [] : [[name, cluster]])),
    ),
    ...(reason !== undefined && { reason }),
    ...(resumes !== undefined && { resumes }),
    ...(resumeReason !== undefined && { resumeReason }),
    ...(recipe && { recipe: { ...recipe(files(), isPrivate), now: now.toISOString() } }),
    ...(again !== undefined && { again }),
  };
}

/** The questions that the run asks the user. Ctrl-C or Ctrl-D at one ends the run, as a signal does. */
function promptsOf({ confirm, askBefore }: ApplyOptions, interrupts: Interrupts): Partial<ApplyRequest> {
  const unlessEnded = async (ask: (signal: AbortSignal) => Promise<boolean>): Promise<boolean> => {
    try {
      return await ask(interrupts.stop);
    } catch (error) {
      if (!(error instanceof PromptEnded)) throw error;
      interrupts.end();
      return false;
    }
  };
  return {
    ...(confirm && { confirm: () => unlessEnded(confirm) }),
    ...(askBefore && { confirmTask: ({ name }, hosts) => unlessEnded((signal) => askBefore(name, hosts, signal)) }),
  };
}
