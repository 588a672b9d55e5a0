import { clusterText } from '../core/cluster.ts';
import { count } from '../core/count.ts';
import { formatDuration } from '../core/duration.ts';
import type { Event } from '../core/events/event.ts';
import type { TaskOutcome } from '../core/events/task.ts';
import { outcomeText } from './fleet-frame.ts';
import { FleetPlanFormatter } from './fleet-plan-formatter.ts';
import { goodEnd, hookLines } from './local-actions.ts';
import { noteLines, within, wordLeads } from './note-text.ts';
import { type CancelledNote, type Note, remedyOf, withNote, withoutRemedy } from './notes.ts';
import { clusterOf, PlayParts } from './play-parts.ts';
import type { PlayState } from './play-state.ts';
import { formatEnd } from './recap.ts';
import {
  dispatch,
  type EventHandlers,
  type EventOf,
  type Output,
  type Reporter,
  type ReporterOptions,
  sameFor,
} from './reporter.ts';
import { createStyle, type Style } from './style.ts';
import { endedLine, hostLine, mayLast, stageLine } from './task-lines.ts';
import { isGood, type TaskProgress } from './task-progress.ts';
import { formatClock, formatSeconds, UTC } from './time.ts';
import { timedText } from './timed-text.ts';
import { waveLines, waveNews } from './waves.ts';
import { batchName, countedNames, nameList } from './words.ts';

/** A host that waits is spoken of after so long, and again only after as long. */
const WAIT_MS = 10_000;

/** Their text names the cluster. */
const SPEAKS_OF_CLUSTERS: ReadonlySet<Event['type']> = new Set<Event['type']>(['cluster-started', 'cluster-finished']);

const ENDS_BATCH: readonly Event['type'][] = ['batch-started', 'cluster-finished', 'play-finished'];
const GOOD_OUTCOMES: readonly TaskOutcome[] = ['ok', 'changed', 'skipped'];

/** Either a note has told it, or it is printed together with what follows, such as the plan of a fleet. */
const NOTHING_MORE = sameFor(
  [
    'host-unreachable',
    'host-refused',
    'play-refused',
    'cluster-planned',
    'play-finished',
    'task-rescued',
    'undo-finished',
    'wave-waiting',
    'wave-soaking',
    'window-late',
    'window-shut',
    'window-waiting',
    'window-overridden',
    'rollout-stopped',
    'run-paused',
    'run-resumed',
    'run-aborted',
    'warning',
    'interrupted',
  ],
  () => undefined,
);

/** A run as lines for a log: one for each thing that matters, with its time in front. */
export class PlainReporter implements Reporter {
  readonly #output: Output;
  readonly #options: ReporterOptions;
  readonly #style: Style;
  readonly #verbosity: number;
  #writes = false;
  /** What stands before the next block: below a plan there is an empty line already. */
  #gap = '\n';
  readonly #parts = new PlayParts();
  readonly #fleetPlan: FleetPlanFormatter;
  /** What the present event is of. */
  #play = this.#parts.whole;
  /** Stands before what is told of a cluster, while others are worked on beside it: `cluster prod › `. */
  #lead = '';
  /** Of the present play, which is planned cluster by cluster. */
  #isConnectedPrinted = false;
  /** Hosts that are not to go on: they come in bursts and are named together. */
  #cancelled: readonly Note[] = [];
  /** What to do, and which hosts do not go on and why: it is said once. */
  readonly #said = new Set<string>();
  /** What hosts wait for in the present task of each part: it is said of the first of them. */
  readonly #waitedFor = new WeakMap<PlayState, Set<string>>();
  readonly #spokenOfMs = new Map<string, number>();
  /** Tasks whose beginning, or whose end, has been told. */
  readonly #begun = new WeakSet<TaskProgress>();
  readonly #ended = new WeakSet<TaskProgress>();

  constructor(output: Output, options: ReporterOptions) {
    this.#output = output;
    this.#options = options;
    this.#style = createStyle(options);
    this.#verbosity = options.verbosity ?? 0;
    this.#fleetPlan = new FleetPlanFormatter(options);
  }

  handle(event: Event): void {
    this.#showPlan(this.#fleetPlan.before(event, Number.POSITIVE_INFINITY));
    const nowMs = this.#options.now().getTime();
    if (ENDS_BATCH.includes(event.type)) this.#endBatch(this.#parts.of(event), nowMs);
    const note = this.#parts.apply(event, nowMs);
    const cluster = clusterOf(event);
    this.#play = this.#parts.of(event);
    this.#lead =
      cluster && this.#play.cluster && !SPEAKS_OF_CLUSTERS.has(event.type) ? `${clusterText(cluster)} › ` : '';
    if (note?.kind === 'cancelled') this.#hold(note);
    else {
      this.#flush();
      if (note) this.#sayNote(this.#lead === '' || !cluster ? note : within(clusterText(cluster), note));
    }
    dispatch(this.#handlers, event, nowMs);
    if (event.type === 'cluster-finished') this.#parts.settle(event.cluster);
  }

  /** Tasks to which hosts have not come that were to come on their own end with the batch. */
  #endBatch(play: PlayState, nowMs: number): void {
    if (!play.goesFree) return;
    play.endBatch();
    this.#lead = play.cluster ? `${clusterText(play.cluster)} › ` : '';
    this.#printEnded(play.tasks, nowMs);
  }

  async close(): Promise<void> {
    this.#flush();
  }

  /** What each event is printed as, besides its note. */
  readonly #handlers: EventHandlers<[nowMs: number]> = {
    'run-started': ({ writes, kplayVersion, command, source, runId }) => {
      this.#writes = writes;
      this.#say(`kplay ${kplayVersion} ${command} ${source}, run ${runId}`);
    },
    'play-started': (event) => {
      this.#isConnectedPrinted = false;
      this.#sayAll([`play '${event.play}' on ${countedNames(event.hosts)}`, ...hookLines(event)]);
    },
    'play-planned': ({ plan }) => {
      if (!this.#isConnectedPrinted) this.#printConnected();
      if (!plan.cluster || this.#options.fleetPlan?.isDetailed !== false) this.#gap = '';
    },
    'rollout-planned': (event) => this.#sayAll(waveLines(event)),
    ...sameFor(['wave-settled', 'wave-approved', 'wave-started'], (event) => this.#sayAll(waveNews(event))),
    'rollout-started': ({ clusters, sideBySide }) => {
      if (sideBySide > 1) this.#say(`${count(clusters.length, 'cluster')}, at most ${sideBySide} at a time`);
    },
    'cluster-started': ({ cluster, hosts }) => this.#say(`${clusterText(cluster)}: started on ${countedNames(hosts)}`),
    'cluster-finished': ({ cluster, outcome, elapsedMs }) => {
      this.#flush();
      this.#say(`${clusterText(cluster)}: ${outcomeText(outcome)} · ${formatDuration(elapsedMs)}`);
    },
    'batch-started': ({ number, of, hosts }) => {
      if (of > 1) this.#say(batchName(number, of, hosts));
    },
    'task-started': (event) => this.#printTaskStart(event),
    'stage-finished': (event) => this.#say(stageLine(event, this.#play.task(event.task))),
    'task-progress': (event, nowMs) => this.#printWait(event, nowMs, `${event.task.name} › ${event.host}`),
    'host-waiting': (event, nowMs) => this.#printWait(event, nowMs, event.host),
    'task-finished': (event, nowMs) => this.#printHostEnd(event, nowMs),
    'undo-started': ({ host, because }) => {
      // It may take several steps.
      if (this.#isNew(host, 'restored', because)) this.#say(`${host}: being restored, because ${because}`);
    },
    'run-finished': (event) => this.#printRecap(event),
    ...sameFor(['cluster-check', 'hook-finished'], (event) => {
      if (this.#verbosity >= 2) this.#sayAll(goodEnd(event));
    }),
    'host-connected': ({ host, elapsedMs }) => {
      if (this.#verbosity >= 2) this.#say(`${host}: connected · ${formatDuration(elapsedMs)}`);
    },
    'host-observed': ({ host, facts, elapsedMs }) => {
      if (this.#verbosity >= 2) this.#say(`${host}: ${count(facts, 'fact')} read · ${formatDuration(elapsedMs)}`);
    },
    'stage-started': ({ task, stage, hosts }) => {
      if (this.#verbosity >= 2) this.#say(`${task.name} › ${stage}: started on ${nameList(hosts)}`);
    },
    ...NOTHING_MORE,
  };

  /** A task is printed when its first host begins it: they come together, unless each of them goes on its own. */
  #printTaskStart({ task: ref, hosts }: EventOf<'task-started'>): void {
    const task = this.#play.task(ref);
    if (this.#begun.has(task)) return;
    this.#begun.add(task);
    this.#waitedFor.set(this.#play, new Set());
    if (!mayLast(this.#play.plan, ref, task.hosts)) return;
    this.#say(
      `${ref.name}: started ${this.#play.goesFree ? `by ${nameList(hosts)}` : `on ${count(hosts.length, 'host')}`}`,
    );
  }

  #printConnected(): void {
    this.#isConnectedPrinted = true;
    const { connecting } = this.#play;
    const good = connecting.results.filter(({ outcome }) => outcome === 'ok').length;
    const total = connecting.hosts.length;
    if (total === 0) return;
    const some = good === total ? '' : `${good} of `;
    this.#say(`${some}${count(total, 'host')} connected and read · ${formatDuration(connecting.elapsedMs(0))}`);
  }

  #printWait(
    { host, message, elapsedMs, limitMs }: EventOf<'task-progress' | 'host-waiting'>,
    nowMs: number,
    place: string,
  ): void {
    const spokenOfMs = this.#spokenOfMs.get(host) ?? Number.NEGATIVE_INFINITY;
    const said = this.#waitedFor.get(this.#play) ?? new Set();
    const isNews = elapsedMs >= WAIT_MS && nowMs - spokenOfMs >= WAIT_MS && !said.has(message);
    if (!isNews && this.#verbosity < 2) return;
    this.#waitedFor.set(this.#play, said.add(message));
    this.#spokenOfMs.set(host, nowMs);
    const times = [elapsedMs, ...(limitMs === undefined ? [] : [limitMs])].map(formatSeconds);
    this.#say(`${place}: ${message} (${times.join(' of ')})`);
  }

  /** What went wrong stands in a note. Other tasks end as well with a host that does not come to them any more. */
  #printHostEnd(event: EventOf<'task-finished'>, nowMs: number): void {
    if (this.#verbosity >= 1 && GOOD_OUTCOMES.includes(event.outcome)) this.#say(hostLine(event));
    const { goesFree, tasks } = this.#play;
    this.#printEnded(goesFree && !isGood(event) ? tasks : [this.#play.task(event.task)], nowMs);
  }

  #printEnded(tasks: readonly TaskProgress[], nowMs: number): void {
    for (const task of tasks) {
      if (task.state !== 'ended' || this.#ended.has(task)) continue;
      this.#ended.add(task);
      this.#flush();
      this.#say(endedLine(task, nowMs));
    }
  }

  #printRecap(event: EventOf<'run-finished'>): void {
    const { width = Number.POSITIVE_INFINITY } = this.#options;
    this.#output.write(`${this.#gap}${formatEnd(event, this.#writes, { ...this.#options, width })}\n`);
  }

  #showPlan(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#flush();
    this.#output.write(`${this.#gap}${lines.join('\n')}\n\n`);
    this.#gap = '';
  }

  #hold(note: CancelledNote): void {
    const hosts = note.hosts.filter((host) => this.#isNew(host, note.reason));
    if (hosts.length > 0) this.#cancelled = withNote(this.#cancelled, { ...note, hosts });
  }

  #flush(): void {
    const notes = this.#cancelled;
    this.#cancelled = [];
    for (const note of notes) this.#sayNote(note);
  }

  /** What to do is said once, however many hosts it is to be done for. */
  #sayNote(note: Note): void {
    const remedy = remedyOf(note);
    const shown = remedy === undefined || this.#isNew(remedy) ? note : withoutRemedy(note);
    this.#write((width) => noteLines(shown, wordLeads(this.#style), this.#style, width));
  }

  /** It has not been said yet; from now on it has. */
  #isNew(...what: readonly unknown[]): boolean {
    const key = JSON.stringify(what);
    const isNew = !this.#said.has(key);
    this.#said.add(key);
    return isNew;
  }

  #say(text: string): void {
    this.#write(() => [this.#style.text(this.#lead + text)]);
  }

  #sayAll(lines: readonly string[]): void {
    for (const line of lines) this.#say(line);
  }

  #time(): string {
    return formatClock(this.#options.now(), this.#options.timeZone ?? UTC);
  }

  /** Lines that say one thing. @param lines in so many columns */
  #write(lines: (width: number) => readonly string[]): void {
    this.#gap = '\n';
    this.#output.write(timedText(this.#time(), lines, this.#options.width));
  }
}
