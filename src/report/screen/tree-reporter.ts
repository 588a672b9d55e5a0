import { clusterText } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';
import { FleetPlanFormatter } from '../plan/fleet-plan-formatter.ts';
import { FleetProgress } from '../progress/fleet-progress.ts';
import type { Note } from '../progress/note.ts';
import { Notes } from '../progress/notes.ts';
import type { PlayState } from '../progress/play-state.ts';
import { waveLines } from '../progress/waves.ts';
import {
  dispatch,
  type EventHandlers,
  type EventOf,
  type Output,
  type Reporter,
  type ReporterOptions,
  sameFor,
} from '../reporter.ts';
import { createStyle } from '../text/style.ts';
import { wrap } from '../text/width.ts';
import { batchName } from '../text/words.ts';
import { type FleetSection, finalFleetFrame, liveFleetFrame } from './fleet-frame.ts';
import { LiveScreen } from './live-screen.ts';
import { type Canvas, LiveSection, type Picture } from './live-section.ts';
import { hookLines } from './local-actions.ts';
import { markLeads, noteLines } from './note-text.ts';
import { PlayParts } from './play-parts.ts';
import { formatEnd } from './recap.ts';
import { finalFrame, liveFrame, type Section } from './section-frame.ts';

const HINT = 'Ctrl-C finishes the current step';
const INDENT = '  ';

/**
 * A live view of a run on a terminal: while a play connects, and during each of its batches, a section at the bottom is redrawn. In
 * between, above all between a plan and its first batch, the screen is free for other output.
 */
export class TreeReporter implements Reporter {
  readonly #options: ReporterOptions;
  readonly #canvas: Canvas;
  readonly #runs: Promise<void>[] = [];
  #writes = false;
  #hint: string | undefined;
  readonly #parts: PlayParts;
  readonly #fleetPlan: FleetPlanFormatter;
  /** For a play on parallel clusters. */
  #fleet: FleetProgress | undefined;
  #section: LiveSection | undefined;
  #part: string | undefined;
  /** The notes of the current section. */
  #notes = new Notes();
  /** Connecting was part of an earlier section. */
  #isConnectingKept = false;

  constructor(output: Output, options: ReporterOptions) {
    this.#options = options;
    this.#parts = new PlayParts(options.timeZone);
    this.#fleetPlan = new FleetPlanFormatter(options);
    this.#canvas = { screen: new LiveScreen(output), style: createStyle(options), now: () => options.now() };
  }

  handle(event: Event): void {
    this.#showPlan(this.#fleetPlan.before(event, this.#canvas.screen.width));
    dispatch(this.#handlers, event);
  }

  /** How each event changes the screen. */
  readonly #handlers: EventHandlers = {
    'run-started': ({ writes }) => {
      this.#writes = writes;
      if (writes) this.#hint = HINT;
    },
    'play-started': (event) => this.#beginPlay(event),
    'play-planned': (event) => {
      this.#take(event);
      this.#endConnecting();
    },
    'batch-started': (event) => this.#beginBatch(event),
    'task-started': (event) => {
      this.#take(event);
      if (!this.#section) this.#beginSection();
    },
    'task-finished': (event) => {
      this.#take(event);
      const task = this.#parts.of(event).task(event.task);
      if (task.state === 'ended') this.#section?.taskEnded(task);
    },
    'rollout-planned': (event) => this.#keepWrapped(waveLines(event)),
    'wave-started': (event) => {
      this.#take(event);
      this.#fleet?.startWave(event);
    },
    'rollout-started': (event) => {
      this.#take(event);
      if (event.sideBySide > 1) this.#beginFleet(event);
    },
    'cluster-started': (event) => {
      if (!this.#fleet) this.#endSection();
      this.#take(event);
      this.#fleet?.startCluster(event, this.#parts.of(event));
    },
    'cluster-finished': (event) => this.#endCluster(event),
    'wave-settled': (event) => {
      this.#take(event);
      this.#fleet?.endSoak(event);
    },
    'play-finished': () => {
      this.#endSection();
      this.#fleet = undefined;
    },
    'run-finished': (event) => {
      this.#endSection();
      this.#finishRun(event);
    },
    interrupted: (event) => {
      this.#hint = undefined;
      this.#take(event);
    },
    ...sameFor(
      [
        'host-connecting',
        'host-connected',
        'host-unreachable',
        'host-refused',
        'host-observing',
        'host-observed',
        'host-waiting',
        'play-refused',
        'cluster-planned',
        'window-late',
        'window-shut',
        'window-waiting',
        'window-overridden',
        'cluster-check',
        'hook-finished',
        'wave-waiting',
        'wave-approved',
        'wave-soaking',
        'rollout-stopped',
        'run-paused',
        'run-resumed',
        'run-aborted',
        'stage-started',
        'stage-finished',
        'task-progress',
        'task-rescued',
        'undo-started',
        'undo-finished',
        'warning',
      ],
      (event) => this.#take(event),
    ),
  };

  async close(): Promise<void> {
    this.#endSection();
    await Promise.all(this.#runs);
  }

  #take(event: Event): void {
    this.#notes.endWaits(event);
    const note = this.#parts.apply(event, this.#options.now().getTime());
    if (note) this.#note(note);
  }

  /** A note is part of the section, or written at once if there is none. */
  #note(note: Note): void {
    const { screen, style } = this.#canvas;
    if (this.#section) this.#notes.add(note);
    else screen.keep(noteLines(note, markLeads(style), style, screen.width));
  }

  #beginPlay(event: EventOf<'play-started'>): void {
    this.#endSection();
    this.#keepWrapped(hookLines(event));
    this.#take(event);
    this.#fleet = undefined;
    this.#part = undefined;
    this.#isConnectingKept = false;
    this.#beginSection();
  }

  /** Continuation lines are indented. */
  #keepWrapped(lines: readonly string[]): void {
    const { screen, style } = this.#canvas;
    screen.keep(
      lines.flatMap((line) =>
        wrap(style.text(line), screen.width - INDENT.length).map((part, index) => (index === 0 ? part : INDENT + part)),
      ),
    );
  }

  /** Successful connecting leaves nothing on the screen and is shown again with the first batch. */
  #endConnecting(): void {
    this.#endSection();
    this.#isConnectingKept = !this.#parts.whole.connecting.isGood;
  }

  /** One section for all clusters, each of them in a row. */
  #beginFleet(event: EventOf<'rollout-started'>): void {
    this.#endSection();
    this.#fleet = new FleetProgress(event.clusters, this.#options.now().getTime());
    this.#beginSection();
  }

  #endCluster(event: EventOf<'cluster-finished'>): void {
    this.#take(event);
    if (this.#fleet) this.#fleet.endCluster(event);
    else this.#endSection();
    this.#parts.remove(event.cluster);
    this.#isConnectingKept = true;
  }

  #beginBatch(event: EventOf<'batch-started'>): void {
    if (this.#fleet) {
      this.#take(event);
      return;
    }
    this.#endSection();
    if (this.#present.tasks.some(({ state }) => state !== 'waiting')) this.#isConnectingKept = true;
    this.#take(event);
    this.#part = event.of > 1 ? batchName(event.number, event.of, event.hosts) : undefined;
    this.#beginSection();
  }

  #beginSection(): void {
    this.#section = new LiveSection(this.#canvas, this.#fleet ? this.#fleetPicture(this.#fleet) : this.#picture());
    this.#runs.push(this.#section.run());
  }

  #endSection(): void {
    if (!this.#fleet) this.#present.endBatch();
    this.#section?.finish();
    this.#section = undefined;
    this.#notes = new Notes();
  }

  #showPlan(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#endSection();
    this.#canvas.screen.keep(lines);
  }

  #finishRun(event: EventOf<'run-finished'>): void {
    const { screen } = this.#canvas;
    screen.keep(formatEnd(event, this.#writes, { ...this.#options, width: screen.width }).split('\n'));
  }

  /** The part of the running cluster when clusters are processed one after another; otherwise the play. */
  get #present(): PlayState {
    return this.#parts.inProgress[0] ?? this.#parts.whole;
  }

  #picture(): Picture {
    const { connecting, tasks } = this.#view();
    return {
      tasks: connecting ? [connecting, ...tasks] : tasks,
      live: (context, height) => liveFrame(this.#view(), context, height),
      final: (context) => finalFrame(this.#view(), context),
    };
  }

  #view(): Section {
    const { play, cluster, plan, startedMs, tasks, undos } = this.#present;
    const { connecting } = this.#parts.whole;
    return {
      play,
      ...(cluster && { cluster: clusterText(cluster) }),
      startedMs,
      ...(plan && { order: plan.order.name }),
      ...(this.#part !== undefined && { part: this.#part }),
      ...(this.#hint !== undefined && { hint: this.#hint }),
      ...(!this.#isConnectingKept && { connecting }),
      tasks,
      undos,
      notes: this.#notes.all,
    };
  }

  #fleetPicture(progress: FleetProgress): Picture {
    const view = (): FleetSection => ({
      play: this.#parts.whole.play,
      progress,
      ...(this.#hint !== undefined && { hint: this.#hint }),
      notes: this.#notes.all,
    });
    return {
      tasks: [],
      live: (context, height) => liveFleetFrame(view(), context, height),
      final: (context) => finalFleetFrame(view(), context),
    };
  }
}
