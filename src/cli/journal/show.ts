import { formatDuration } from '../../core/duration.ts';
import type { Event } from '../../core/events/event.ts';
import type { TaskOutcome } from '../../core/events/task.ts';
import type { Recipe } from '../../core/journal.ts';
import { nameList } from '../../core/name-list.ts';
import { eventsOf } from '../../journal/run-summary.ts';
import { FleetPlan } from '../../report/plan/fleet-plan.ts';
import { type FleetPlanOptions, formatFleetPlan } from '../../report/plan/format-fleet-plan.ts';
import { noteOfStop } from '../../report/progress/note-of-event.ts';
import { summarizeHost } from '../../report/progress/task-summary.ts';
import type { EventOf } from '../../report/reporter.ts';
import { formatRecap } from '../../report/screen/recap.ts';
import { documentText, isDocument } from '../../report/text/document-text.ts';
import { createStyle, type Style } from '../../report/text/style.ts';
import { table } from '../../report/text/table.ts';
import { formatDay, formatMinute, parseDate } from '../../report/text/time.ts';
import { hang } from '../../report/text/width.ts';
import { groupBy } from '../../report/text/words.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { textOptions, timeZone } from '../output/output.ts';
import { whenShut } from '../run/show-plan.ts';
import { commandFor } from './command-for.ts';
import { evidenceOf, type RunEvidence } from './evidence.ts';
import { failureLines, failuresIn } from './failures.ts';
import { summaryJson } from './history.ts';
import { type KeptRun, KeptRuns } from './kept-runs.ts';
import { progressClauses } from './progress.ts';
import { activityOf } from './run-activity.ts';
import { headLines, type ShownActivity } from './run-head.ts';
import { serverRollout } from './server-rollout.ts';
import { activeSuccessor, isActive } from './signal-receiver.ts';
import { outageText, waitText } from './waits.ts';

export type ShowRunOptions = StateOptions & OutputOptions;

/** Outcomes of tasks that did nothing. */
const IDLE_OUTCOMES: readonly TaskOutcome[] = ['ok', 'skipped'];

/** `kplay show`: what a run has done on each host, the evidence, and the result. */
export async function showRun(word: string, options: ShowRunOptions, environment: Environment): Promise<number> {
  const runs = new KeptRuns(options, environment);
  const run = runs.find(word);
  const remote = await serverRollout(runs, run, options, environment);
  const state: ShownActivity = { ...activityOf(runs, run, remote), remote };
  const { id, result } = run.summary;
  const successor = result === 'lost' ? activeSuccessor(runs, id) : undefined;
  environment.stdout.write(
    isDocument(options.output)
      ? await documentText(options.output, runJson(run, state))
      : runText(run, state, successor, options, environment),
  );
  return EXIT.good;
}

function runJson(
  { summary, reading }: KeptRun,
  { remote, ...activity }: ShownActivity,
): Readonly<Record<string, unknown>> {
  const events = eventsOf(reading.records);
  const plans = events.flatMap((event) => (event.type === 'play-planned' ? [event.plan] : []));
  const finished = events.findLast((event) => event.type === 'run-finished');
  const tasks = tasksOf(events).map(({ type: _type, ...task }) => task);
  return {
    ...summaryJson(summary, activity),
    ...(remote && { engine: { address: remote.engine, goes_on: remote.isRunning, says: remote.status } }),
    plans,
    tasks,
    failures: failuresIn(reading.records),
    evidence: evidenceOf(reading.records),
    recap: finished?.hosts ?? [],
    next: finished?.next ?? [],
    ...(finished?.noUndo && { noUndo: finished.noUndo }),
  };
}

function tasksOf(events: ReturnType<typeof eventsOf>): readonly EventOf<'task-finished'>[] {
  return events.filter((event) => event.type === 'task-finished');
}

/** The failures after which a block went on with its rescue. */
function rescuedIn(events: ReturnType<typeof eventsOf>): ReadonlySet<EventOf<'task-finished'>> {
  const rescued = new Set<EventOf<'task-finished'>>();
  const last = new Map<string, EventOf<'task-finished'>>();
  for (const event of events) {
    if (event.type !== 'task-finished' && event.type !== 'task-rescued') continue;
    const key = JSON.stringify([event.host, event.task.path]);
    if (event.type === 'task-finished') last.set(key, event);
    const failed = last.get(key);
    if (event.type === 'task-rescued' && failed) rescued.add(failed);
  }
  return rescued;
}

function runText(
  { summary, reading }: KeptRun,
  state: ShownActivity,
  successor: string | undefined,
  options: ShowRunOptions,
  environment: Environment,
): string {
  const shown = textOptions(environment.stdout, options, environment);
  const style = createStyle(shown);
  const zone = timeZone(options);
  const events = eventsOf(reading.records);
  const finished = events.findLast((event) => event.type === 'run-finished');
  const places = new Map(summary.hosts.map(({ host }, index) => [host, index]));
  const tasks = inOrder(tasksOf(events), places).filter(
    ({ outcome }) => options.verbose > 0 || !IDLE_OUTCOMES.includes(outcome),
  );
  const { certificates, backups } = evidenceOf(reading.records);
  const progress =
    summary.exitCode === undefined && !state.remote ? progressClauses(events, summary.result === 'lost') : [];
  const approve = (wave: string): string => commandFor('approve', summary.id, options, wave);
  const parts = [
    headLines(
      summary,
      {
        ...state,
        progress,
        outage: isActive(summary) ? outageText(reading.records, zone) : undefined,
        waits: isActive(summary) ? waitText(state.wait, approve, zone, environment.wallClock()) : undefined,
        stop: stopText(state.remote?.events ?? events),
        resume: commandFor('resume', summary.id, options),
      },
      zone,
      style,
      shown.width,
    ),
    summary.exitCode === undefined || state.remote
      ? planLines(state.remote?.events ?? events, summary.start?.recipe, {
          ...shown,
          timeZone: zone,
          now: environment.clock(),
        })
      : [],
    failureLines(failuresIn(reading.records), options.verbose > 0, style, shown.width),
    hostLines(tasks, rescuedIn(events), style, shown.width),
    evidenceLines(
      { certificates: inOrder(certificates, places), backups: inOrder(backups, places) },
      zone,
      shown.width,
    ),
    finished
      ? [formatRecap(finished, { ...shown, timeZone: zone, isWhole: options.verbose > 0 })]
      : endLines({ summary, reading }, successor, options, style, shown.width),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function stopText(events: readonly Event[]): string | undefined {
  const stop = events.findLast((event) => event.type === 'rollout-stopped');
  if (!stop) return undefined;
  const { message, remedy } = noteOfStop(stop);
  return remedy === undefined ? message : `${message}; ${remedy}`;
}

/** In the order of the hosts, which the journal has as they came through. */
function inOrder<T extends { readonly host: string }>(
  items: readonly T[],
  places: ReadonlyMap<string, number>,
): readonly T[] {
  const placeOf = ({ host }: T): number => places.get(host) ?? places.size;
  return items.toSorted((one, other) => placeOf(one) - placeOf(other));
}

/** The plan of a run on several clusters that has not ended: whoever approves a wave wants to see it. */
function planLines(
  events: readonly Event[],
  recipe: Recipe | undefined,
  options: Omit<FleetPlanOptions, 'shows'>,
): readonly string[] {
  const started = events.findIndex(({ type }) => type === 'rollout-started');
  const plan = new FleetPlan();
  for (const event of events.slice(0, started < 0 ? events.length : started + 1)) plan.take(event);
  const lines = formatFleetPlan(plan, {
    ...options,
    shows: { isDetailed: true, isOfRun: true, ...(recipe && whenShut(recipe.options['window'])) },
  });
  return lines.length === 0 ? [] : ['As planned before the first cluster started:', '', ...lines];
}

/** Each host with the results of its tasks. */
function hostLines(
  tasks: readonly EventOf<'task-finished'>[],
  rescued: ReadonlySet<EventOf<'task-finished'>>,
  style: Style,
  width: number,
): readonly string[] {
  return [...groupBy(tasks, ({ host }) => host)].flatMap(([host, own]) => [
    style.colors.bold(`${style.text(host)}:`),
    ...own.flatMap((task) => {
      const took = formatDuration(task.elapsedMs);
      const outcome = rescued.has(task) ? 'rescued' : task.outcome;
      const what = `${task.task.name}: ${outcome} · ${took} · ${summarizeHost(task)}`;
      return hang('  ', style.text(what), width);
    }),
  ]);
}

function evidenceLines({ certificates, backups }: RunEvidence, zone: string, width: number): readonly string[] {
  const day = (ends: string): string => {
    const date = parseDate(ends);
    return date ? formatDay(date, zone) : ends;
  };
  const rows = certificates.map(({ host, name, serial, replaced, ends, served, putBack }) => [
    host,
    name,
    replaced ?? '-',
    serial,
    day(ends),
    putBack ? 'put back' : served.length > 0 ? served.join(', ') : '-',
  ]);
  const made = table(['HOST', 'CERTIFICATE', 'REPLACED SERIAL', 'SERIAL', 'EXPIRES', 'SERVED ON'], rows, {
    width,
    optional: ['SERIAL', 'SERVED ON', 'REPLACED SERIAL'],
  }).trimEnd();
  const kept = table(
    ['HOST', 'BACKUP', 'IN'],
    backups.map(({ host, backup, directory }) => [host, backup, directory]),
    { width },
  ).trimEnd();
  return [
    ...(rows.length > 0 ? made.split('\n') : []),
    ...(rows.length > 0 && backups.length > 0 ? [''] : []),
    ...(backups.length > 0 ? kept.split('\n') : []),
  ];
}

/**
 * Where the journal has no end: the last known state of each host.
 * @param successor a run in progress that resumes it
 */
function endLines(
  { summary, reading }: KeptRun,
  successor: string | undefined,
  options: ShowRunOptions,
  style: Style,
  width: number,
): readonly string[] {
  const zone = timeZone(options);
  const { id, start, result } = summary;
  const resume = start?.recipe && commandFor('resume', id, options);
  const again = result === 'running' ? undefined : (resume ?? start?.again);
  // Here nobody sees whether it still runs there, so `kplay resume` wants to be told.
  const next =
    again !== undefined && result === 'not ended'
      ? `if it has ended on ${start?.machine}: ${again}${resume ? ' --has-ended' : ''}`
      : again;
  const last = reading.records.at(-1);
  const states = [...groupBy(summary.hosts, ({ state }) => state)].map(
    ([state, members]) => `${nameList(members.map(({ host }) => host))} ${state}`,
  );
  const end = last ? ` The last entry is from ${formatMinute(last.time, zone)}${zone === 'UTC' ? ' UTC' : ''}.` : '';
  return [
    ...(states.length > 0
      ? hang('State, according to the journal: ', style.text(`${states.join(' · ')}.`), width)
      : []),
    ...hang('', style.text(`${sentence(result)}${end}`), width),
    ...(successor === undefined ? [] : [`Run ${successor} resumes it, and is in progress.`]),
    ...(next === undefined
      ? []
      : [`Next: ${successor === undefined ? style.text(next) : commandFor('show', successor, options)}`]),
  ];
}

function sentence(result: KeptRun['summary']['result']): string {
  if (result === 'running') return 'The run is in progress.';
  if (result === 'not followed') return 'Nobody here follows the rollout any more; it is on a Temporal server.';
  if (result === 'lost') return 'The run was lost: its process ended without recording an end.';
  return 'The journal does not say how the run ended.';
}
