import { clusterText } from '../../core/cluster.ts';
import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { Event } from '../../core/events/event.ts';
import type { TaskOutcome } from '../../core/events/task.ts';
import { nameList } from '../../core/name-list.ts';
import { FleetPlanFormatter } from '../plan/fleet-plan-formatter.ts';
import { type CancelledNote, type Note, remedyOf, withoutRemedy } from '../progress/note.ts';
import { Notes } from '../progress/notes.ts';
import type { PlayState } from '../progress/play-state.ts';
import { isGood, type TaskProgress } from '../progress/task-progress.ts';
import { waveLines, waveProgress } from '../progress/waves.ts';
import {
  dispatch,
  type EventHandlers,
  type EventOf,
  type Output,
  type Reporter,
  type ReporterOptions,
  sameFor,
} from '../reporter.ts';
import { createStyle, type Style } from '../text/style.ts';
import { formatClock, formatSeconds, UTC } from '../text/time.ts';
import { timedText } from '../text/timed-text.ts';
import { batchName, countedNames } from '../text/words.ts';
import { outcomeText, startText } from './fleet-frame.ts';
import { hookLines, successText } from './local-actions.ts';
import { noteLines, within, wordLeads } from './note-text.ts';
import { clusterOf, PlayParts } from './play-parts.ts';
import { formatEnd } from './recap.ts';
import { ShownWaits } from './shown-waits.ts';
import { endedLine, hostLine, isIdle, mayTakeLong, stageLine } from './task-lines.ts';

/** Events whose text names the cluster. */
const NAMES_CLUSTERS: ReadonlySet<Event['type']> = new Set<Event['type']>(['cluster-started', 'cluster-finished']);

const ENDS_BATCH: readonly Event['type'][] = ['batch-started', 'cluster-finished', 'play-finished'];
const GOOD_OUTCOMES: readonly TaskOutcome[] = ['ok', 'changed', 'skipped'];

/** Events that a note has reported, or that are printed together with what follows, such as the plan of a fleet. */
const NOTHING_MORE = sameFor(
  [
    'host-connecting',
    'host-observing',
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

/** A run as lines for a log: one for each important event, with its time in front. */
export class PlainReporter implements Reporter {
  readonly #output: Output;
  readonly #options: ReporterOptions;
  readonly #style: Style;
  readonly #verbosity: number;
  #writes = false;
  /** The separator before the next block: after a plan there is an empty line already. */
  #gap = '\n';
  readonly #parts: PlayParts;
  readonly #fleetPlan: FleetPlanFormatter;
  /** The play, or the part of it, that the current event is about. */
  #play: PlayState;
  /** The prefix of lines about a cluster while others run in parallel: `cluster prod › `. */
  #lead = '';
  /** For the current play, which is planned cluster by cluster. */
  #isConnectedPrinted = false;
  /** Cancelled hosts: they come in bursts and are reported together. */
  #cancelled = new Notes();
  /** Texts that are printed only once: remedies, and why hosts do not continue. */
  readonly #printed = new Set<string>();
  readonly #waits = new ShownWaits();
  /** Tasks whose start was seen, whose start has been printed, and whose end has. */
  readonly #started = new WeakSet<TaskProgress>();
  readonly #startPrinted = new WeakSet<TaskProgress>();
  readonly #endPrinted = new WeakSet<TaskProgress>();

  constructor(output: Output, options: ReporterOptions) {
    this.#output = output;
    this.#options = options;
    this.#parts = new PlayParts(options.timeZone);
    this.#play = this.#parts.whole;
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
    this.#lead = cluster && this.#play.cluster && !NAMES_CLUSTERS.has(event.type) ? `${clusterText(cluster)} › ` : '';
    if (note?.kind === 'cancelled') this.#collect(note);
    else {
      this.#flush();
      if (note) this.#printNote(this.#lead === '' || !cluster ? note : within(clusterText(cluster), note));
    }
    dispatch(this.#handlers, event, nowMs);
    if (event.type === 'cluster-finished') this.#parts.remove(event.cluster);
  }

  /** With `strategy: free`, tasks that some hosts have not reached end with the batch. */
  #endBatch(play: PlayState, nowMs: number): void {
    if (!play.isFree) return;
    play.endBatch();
    this.#lead = play.cluster ? `${clusterText(play.cluster)} › ` : '';
    this.#printEnded(play.tasks, nowMs);
  }

  async close(): Promise<void> {
    this.#flush();
  }

  /** How each event is printed, besides its note. */
  readonly #handlers: EventHandlers<[nowMs: number]> = {
    'run-started': ({ writes, kplayVersion, command, source, runId }) => {
      this.#writes = writes;
      this.#printLine(
        `${['kplay', kplayVersion, command, source].filter((word) => word !== '').join(' ')}, run ${runId}`,
      );
    },
    'play-started': (event) => {
      this.#isConnectedPrinted = false;
      this.#printLines([`play '${event.play}' on ${countedNames(event.hosts)}`, ...hookLines(event)]);
    },
    'play-planned': ({ plan }) => {
      if (!this.#isConnectedPrinted) this.#printConnected();
      if (!plan.cluster || this.#options.fleetPlan?.isDetailed !== false) this.#gap = '';
    },
    'rollout-planned': (event) => this.#printLines(waveLines(event)),
    ...sameFor(['wave-settled', 'wave-approved', 'wave-started'], (event) => this.#printLines(waveProgress(event))),
    'rollout-started': ({ clusters, sideBySide }) => {
      if (sideBySide > 1) this.#printLine(`${count(clusters.length, 'cluster')}, at most ${sideBySide} at a time`);
    },
    'cluster-started': ({ cluster, hosts }) => this.#printLine(`${clusterText(cluster)}: ${startText(hosts)}`),
    'cluster-finished': ({ cluster, outcome, elapsedMs }) => {
      this.#flush();
      this.#printLine(`${clusterText(cluster)}: ${outcomeText(outcome)} · ${formatDuration(elapsedMs)}`);
    },
    'batch-started': ({ number, of, hosts }) => {
      if (of > 1) this.#printLine(batchName(number, of, hosts));
    },
    'task-started': (event) => this.#printTaskStart(event),
    'stage-finished': (event) => this.#printLine(stageLine(event, this.#play.task(event.task))),
    'task-progress': (event, nowMs) => this.#printWait(event, nowMs, `${event.task.name} › ${event.host}`),
    'host-waiting': (event, nowMs) => this.#printWait(event, nowMs, event.host),
    'task-finished': (event, nowMs) => this.#printHostEnd(event, nowMs),
    'undo-started': ({ host, because }) => {
      // An undo may take several steps.
      if (!this.#isNew(host, 'restored', because)) return;
      this.#waits.startAfresh(this.#play);
      this.#printLine(`${host}: being restored, because ${because}`);
    },
    'run-finished': (event) => this.#printRecap(event),
    ...sameFor(['cluster-check', 'hook-finished'], (event) => {
      if (this.#verbosity >= 2) this.#printLines(successText(event));
    }),
    'host-connected': ({ host, elapsedMs }) => {
      if (this.#verbosity >= 2) this.#printLine(`${host}: connected · ${formatDuration(elapsedMs)}`);
    },
    'host-observed': ({ host, facts, elapsedMs }) => {
      if (this.#verbosity >= 2) this.#printLine(`${host}: ${count(facts, 'fact')} read · ${formatDuration(elapsedMs)}`);
    },
    'stage-started': ({ task, stage, hosts }) => {
      if (this.#verbosity >= 2) this.#printLine(`${task.name} › ${stage}: started on ${nameList(hosts)}`);
    },
    ...NOTHING_MORE,
  };

  /** A task is printed when its first host starts it: hosts start together, unless `strategy: free`. */
  #printTaskStart({ task: ref, hosts }: EventOf<'task-started'>): void {
    const task = this.#play.task(ref);
    if (this.#started.has(task)) return;
    this.#started.add(task);
    this.#waits.startAfresh(this.#play);
    if (!mayTakeLong(this.#play.plan, ref, task.hosts)) return;
    this.#startPrinted.add(task);
    this.#printLine(
      `${ref.name}: started ${this.#play.isFree ? `by ${nameList(hosts)}` : `on ${count(hosts.length, 'host')}`}`,
    );
  }

  #printConnected(): void {
    this.#isConnectedPrinted = true;
    const { connecting } = this.#play;
    const good = connecting.results.filter(({ outcome }) => outcome === 'ok').length;
    const total = connecting.hosts.length;
    if (total === 0) return;
    const some = good === total ? '' : `${good} of `;
    this.#printLine(`${some}${count(total, 'host')} connected and read · ${formatDuration(connecting.elapsedMs(0))}`);
  }

  #printWait(event: EventOf<'task-progress' | 'host-waiting'>, nowMs: number, place: string): void {
    if (!this.#waits.isDue(this.#play, event, nowMs) && this.#verbosity < 2) return;
    this.#waits.add(this.#play, event, nowMs);
    const { message, elapsedMs, limitMs } = event;
    const times = [elapsedMs, ...(limitMs === undefined ? [] : [limitMs])].map(formatSeconds);
    this.#printLine(`${place}: ${message} (${times.join(' of ')})`);
  }

  /** Failures are in notes. A host that stops also ends other tasks that it will not reach any more. */
  #printHostEnd(event: EventOf<'task-finished'>, nowMs: number): void {
    if (this.#verbosity >= 1 && GOOD_OUTCOMES.includes(event.outcome)) this.#printLine(hostLine(event));
    const { isFree, tasks } = this.#play;
    this.#printEnded(isFree && !isGood(event) ? tasks : [this.#play.task(event.task)], nowMs);
  }

  #printEnded(tasks: readonly TaskProgress[], nowMs: number): void {
    for (const task of tasks) {
      if (task.state !== 'ended' || this.#endPrinted.has(task)) continue;
      this.#endPrinted.add(task);
      this.#flush();
      const isTold = this.#verbosity > 0 || this.#startPrinted.has(task);
      if (isTold || !isIdle(task, this.#play)) this.#printLine(endedLine(task, nowMs));
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

  #collect(note: CancelledNote): void {
    const hosts = note.hosts.filter((host) => this.#isNew(host, note.reason));
    if (hosts.length > 0) this.#cancelled.add({ ...note, hosts });
  }

  #flush(): void {
    const { all } = this.#cancelled;
    this.#cancelled = new Notes();
    for (const note of all) this.#printNote(note);
  }

  /** A remedy is printed once, whatever the number of hosts. */
  #printNote(note: Note): void {
    const remedy = remedyOf(note);
    const shown = remedy === undefined || this.#isNew(remedy) ? note : withoutRemedy(note);
    this.#write((width) => noteLines(shown, wordLeads(this.#style), this.#style, width));
  }

  /** Whether it has not been printed before; records it as printed. */
  #isNew(...parts: readonly unknown[]): boolean {
    const key = JSON.stringify(parts);
    const isNew = !this.#printed.has(key);
    this.#printed.add(key);
    return isNew;
  }

  #printLine(text: string): void {
    this.#write(() => [this.#style.text(this.#lead + text)]);
  }

  #printLines(lines: readonly string[]): void {
    for (const line of lines) this.#printLine(line);
  }

  #time(): string {
    return formatClock(this.#options.now(), this.#options.timeZone ?? UTC);
  }

  /** Lines that belong together. @param lines wrapped to a width */
  #write(lines: (width: number) => readonly string[]): void {
    this.#gap = '\n';
    this.#output.write(timedText(this.#time(), lines, this.#options.width));
  }
}
