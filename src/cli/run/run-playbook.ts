import { Problems } from '../../core/diagnostic.ts';
import type { Event, EventSink } from '../../core/events/event.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { Recipe } from '../../core/journal.ts';
import { SecretMask } from '../../core/secret.ts';
import type { Connector } from '../../core/session.ts';
import type { UndoTools } from '../../engine/run/undo.ts';
import type { ApplyRequest, RunRequest } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-state.ts';
import type { Playbook } from '../../playbook/model.ts';
import type { FleetPlanShown, Reporter } from '../../report/reporter.ts';
import { registry } from '../../steps/registry.ts';
import { beginHolding, type Environment, hasEnded, newRunId, wait } from '../environment.ts';
import { exitCodeOf } from '../exit-code.ts';
import { contactsOf } from '../fleet/contacts.ts';
import { applyPlays, planPlays, type RunRecord } from '../fleet/rolling-out.ts';
import { runRecord } from '../fleet/run-record.ts';
import { clusterTiming, windowPolicy } from '../fleet/window-policy.ts';
import { hookCaller } from '../hooks/play-hooks.ts';
import { inputError } from '../inputs/input-error.ts';
import { type InputRequest, type Inputs, readInputs } from '../inputs/inputs.ts';
import { PromptEnded } from '../inputs/prompts.ts';
import { addSecrets } from '../inputs/secret-variables.ts';
import { digestsOf, sourceFilesIn } from '../journal/source-digests.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { ClusterOptions, OutputOptions, StateOptions } from '../options/options.ts';
import { maskedSink, openReporter, showDiagnostics } from '../output/output.ts';
import type { WantedReports } from '../output/report-files.ts';
import { RunReports } from '../output/run-reports.ts';
import { VERSION } from '../version.ts';
import { prepareConnector } from './connections.ts';
import { handleInterrupts, type Interrupts } from './interrupts.ts';
import { beginJournal, endJournal, type RunBegun } from './run-journal.ts';

export interface PlaybookRun {
  /** As the user typed it: `run`, `plan`. */
  readonly command: string;
  /** What is run, for people. */
  readonly source: string;
  readonly options: HostOptions & OutputOptions & StateOptions;
  /** Of commands that change hosts: how clusters are gone through. */
  readonly fleet?: ClusterOptions;
  readonly inputs: Omit<InputRequest, 'options' | 'environment'>;
  readonly environment: Environment;
  /** Sees to it, before the first contact, that what comes of the run can be written; what cannot is added to `problems`. */
  readonly checkOutputs?: (problems: Problems) => void;
  /** The same for what was read: whether a saved plan is one of it. */
  readonly checkInputs?: (inputs: Inputs, problems: Problems, files: () => Recipe['files']) => void;
  /** Without it nothing can be written. */
  readonly apply?: ApplyOptions;
  /** Reports besides the screen. */
  readonly reports?: WantedReports;
  /** For `kplay resume`: the command and its options; the files that were read are added. */
  readonly recipe?: (files: Recipe['files']) => Omit<Recipe, 'runId' | 'now'>;
  /** The run that this one goes on with. */
  readonly resumes?: string;
  /** Why the user does it, for the journal. */
  readonly reason?: string;
  /** A saved plan's: what is due, and what backups are called, is decided by them. */
  readonly now?: Date;
  readonly runId?: string;
  /** Aborted when nothing new is to be begun, as after a signal. */
  readonly stop?: AbortSignal;
  /** Others reach the hosts: they are asked for instead of this machine's own way to them. @throws {InputError} when they do not answer */
  readonly reachOthers?: () => Promise<Connector>;
  /** Instead of the reporter that the options ask for: for commands that show something of their own. */
  readonly reporter?: Reporter;
  /** The plan of a play over several clusters is shown as a line a cluster. */
  readonly fleetPlan?: FleetPlanShown;
  /** After the plan of a play was made. */
  readonly onPlan?: (plan: PlayPlan) => void;
  /** What to do next, for the end of the report. */
  readonly next?: (
    result: RunResult,
    wasInterrupted: boolean,
    id: string,
    /** The codes of all refusals. */
    refusals: ReadonlySet<string>,
  ) => readonly string[];
  /** When all has been told, while the hosts can still be reached; whatever it takes counts for nothing in the report. */
  readonly afterwards?: (ended: EndedRun) => Promise<void>;
  /** With which code the command exits; default as docs/exit-codes.md has it for all commands. */
  readonly exitCodeOf?: (result: RunResult, wasInterrupted: boolean) => number;
}

export interface ApplyOptions {
  /** What is done instead of the plays. */
  readonly instead?: (request: ApplyRequest, record: RunRecord) => Promise<RunResult>;
  /** @throws {PromptEnded} when the user ends the run instead; `signal` is aborted when a signal does. */
  readonly confirm?: (signal: AbortSignal) => Promise<boolean>;
  /** The same, before each task that is to do something: whether it is to be done. */
  readonly askBefore?: (task: string, hosts: readonly string[], signal: AbortSignal) => Promise<boolean>;
  readonly saved?: readonly PlayPlan[];
}

export interface FinishedRun {
  readonly result: RunResult;
  readonly inputs: Inputs;
  readonly wasInterrupted: boolean;
  readonly exitCode: number;
  readonly runId: string;
  readonly now: Date;
}

/** A run that has just ended. */
export interface EndedRun extends FinishedRun {
  readonly request: RunRequest;
  readonly elapsedMs: number;
}

/**
 * Reads everything, connects, plans, and applies where it may.
 * @throws {InputError} for whatever is wrong with the input; nothing has been contacted then.
 */
export async function runPlaybook(run: PlaybookRun): Promise<FinishedRun> {
  const reports = new RunReports(run.environment);
  try {
    return await carryOut(run, reports);
  } finally {
    reports.finish();
  }
}

async function carryOut(run: PlaybookRun, reports: RunReports): Promise<FinishedRun> {
  const { environment, options, apply } = run;
  const { clock } = environment;
  const now = run.now ?? clock();
  const problems = new Problems();
  let playbook: Playbook | undefined;
  const request = { ...run.inputs, playbook: (found: Problems) => (playbook = run.inputs.playbook(found)) };
  const inputs = await readInputs({ ...request, options, environment, asks: true }, problems);
  const policy = windowPolicy(run.fleet ?? {}, apply?.confirm ? '--confirm' : apply?.askBefore && '--step', problems);
  run.checkOutputs?.(problems);
  if (run.reports) reports.reserve(run.reports, options, problems);
  const mask = new SecretMask();
  for (const secret of inputs?.secrets ?? []) mask.add(secret);
  if (inputs && !problems.hasErrors) addSecrets(inputs, mask);
  if (inputs) run.checkInputs?.(inputs, problems, () => filesOf(inputs, playbook));
  const warnings: Event[] = [];
  let emit: EventSink = (event) => warnings.push(event);
  const warn = (host: string, message: string, remedy?: string): void =>
    emit({ type: 'warning', hosts: [host], message, ...(remedy !== undefined && { remedy }) });
  const connector =
    inputs && !problems.hasErrors
      ? await (run.reachOthers?.() ?? prepareConnector(inputs, options, environment, warn, problems, mask))
      : undefined;
  if (problems.hasErrors || !inputs || !connector) throw inputError(problems, inputs, mask);
  const kept =
    apply &&
    (await beginJournal(mask.applyTo(begun(run, inputs, playbook, now)), options, environment, now, run.runId));
  // What is named by a saved plan's id stands in that plan: backups.
  const id = kept?.id ?? run.runId ?? newRunId(now);
  const runId = run.runId ?? id;
  showDiagnostics(problems.all, options, environment);

  const reporter = run.reporter ?? openReporter(options, environment, run.fleetPlan);
  const show: EventSink = (event) => {
    reporter.handle(event);
    if (event.type === 'play-planned') run.onPlan?.(event.plan);
  };
  const refusals = new Set<string>();
  const keep: EventSink = (event) => {
    const code = refusalCode(event);
    if (code !== undefined) refusals.add(code);
    kept?.journal.note(event);
    reports.take(event);
  };
  emit = maskedSink(show, keep, mask, environment);
  const holder = beginHolding(environment, id);
  const interrupts = handleInterrupts((message) => emit({ type: 'interrupted', message }));
  if (run.stop?.aborted) interrupts.end();
  run.stop?.addEventListener('abort', interrupts.end, { once: true });
  const started = clock().getTime();
  try {
    const writes = apply !== undefined;
    emit({ type: 'run-started', runId: id, command: run.command, source: run.source, kplayVersion: VERSION, writes });
    for (const warning of warnings) emit(warning);
    const tools: UndoTools = {
      emit,
      journal: { write: async (entry) => kept?.journal.write(mask.applyTo(entry)) },
      clock,
      wait,
      abort: interrupts.abort,
      forks: options.forks,
      holder: holder.name,
      hasEnded: (other) => hasEnded(other, holder.name),
      registry,
    };
    const { plays, surroundings } = inputs;
    const conceal = (plan: PlayPlan): PlayPlan => mask.applyTo(plan);
    const applied = async (asked: ApplyRequest, { instead }: ApplyOptions): Promise<RunResult> => {
      const record = runRecord(id, run, options, environment, emit);
      return instead ? instead(asked, record) : applyPlays(asked, inputs, environment, policy, record);
    };
    const timed = await clusterTiming(inputs, environment, policy);
    const asked = { plays, surroundings, connector, now, runId, tools, stop: interrupts.stop, conceal, ...timed };
    const sideBySide = run.fleet?.clusters ?? 1;
    const callHooks = hookCaller(surroundings.extra, environment, emit, interrupts.abort);
    const result = apply
      ? await applied({ ...asked, ...applyOptions(apply, interrupts), sideBySide, callHooks }, apply)
      : await planPlays(asked, inputs);
    const wasInterrupted = interrupts.wasInterrupted() || result.wasAborted === true;
    const exitCode = (run.exitCodeOf ?? exitCodeOf)(result, wasInterrupted);
    const elapsedMs = clock().getTime() - started;
    const contacts = contactsOf(result, inputs.inventory);
    const finished: Event = {
      type: 'run-finished',
      hosts: result.hosts,
      elapsedMs,
      exitCode,
      next: run.next?.(result, wasInterrupted, id, refusals) ?? [],
      ...(contacts.length > 0 && { contacts }),
    };
    // It is the last that is told, and what the journal lacks is told before it.
    kept?.journal.note(mask.applyTo(finished));
    if (kept) await endJournal(kept.journal, exitCode, emit);
    emit(finished);
    const ended = { result, inputs, wasInterrupted, exitCode, runId, now };
    await run.afterwards?.({ ...ended, request: asked, elapsedMs });
    if (result.mistake !== undefined) throw result.mistake;
    return ended;
  } finally {
    run.stop?.removeEventListener('abort', interrupts.end);
    interrupts.release();
    holder.letGo();
    // What has become of the hosts is known: that it cannot be told, or noted, to the end changes nothing of it.
    await Promise.allSettled([reporter.close(), kept?.journal.close()]);
  }
}

/** Why hosts are refused, where it is that. */
function refusalCode(event: Event): string | undefined {
  if (event.type === 'host-refused' || event.type === 'play-refused') return event.code;
  return event.type === 'window-shut' && event.counts === 'refused' ? 'outside-window' : undefined;
}

function begun(
  { command, source, fleet, reason = fleet?.reason, resumes, recipe }: PlaybookRun,
  inputs: Inputs,
  playbook: Playbook | undefined,
  now: Date,
): RunBegun {
  const { hosts } = inputs;
  const clusters = [...new Set(hosts.flatMap(({ cluster }) => cluster ?? []))];
  const files = recipe && filesOf(inputs, playbook);
  return {
    command,
    source,
    hosts: hosts.map(({ name }) => name),
    clusters,
    ...(reason !== undefined && { reason }),
    ...(resumes !== undefined && { resumes }),
    ...(recipe && files && { recipe: { ...recipe(files), now: now.toISOString() } }),
  };
}

/** Digests of all files that a run was read from. */
function filesOf(
  { inventory, surroundings, schedules, rollout }: Inputs,
  playbook: Playbook | undefined,
): Recipe['files'] {
  const { extraPlaces, variableFiles } = surroundings;
  return digestsOf(sourceFilesIn([inventory, playbook, rollout, schedules, extraPlaces, variableFiles]));
}

/** A question that is ended instead of answered ends the run, as a signal does. */
function applyOptions({ confirm, askBefore, saved }: ApplyOptions, interrupts: Interrupts): Partial<ApplyRequest> {
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
    ...(saved && { saved }),
    ...(confirm && { confirm: () => unlessEnded(confirm) }),
    ...(askBefore && { askBefore: ({ name }, hosts) => unlessEnded((signal) => askBefore(name, hosts, signal)) }),
  };
}
