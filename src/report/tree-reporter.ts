import { clusterText } from '../core/cluster.ts';
import type { Event } from '../core/events/event.ts';
import { LiveScreen } from './live-screen.ts';
import { type Canvas, LiveSection } from './live-section.ts';
import { markLeads, noteLines } from './note-text.ts';
import { type Note, withNote } from './notes.ts';
import { PlayState } from './play-state.ts';
import { formatPlanEnd, formatRecap } from './recap.ts';
import { type EventOf, neverEvent, type Output, type Reporter, type ReporterOptions } from './reporter.ts';
import type { Section } from './section-frame.ts';
import { createStyle } from './style.ts';
import { batchName } from './words.ts';

const HINT = 'Ctrl-C finishes the current step';

/**
 * A run as it goes on, on a terminal: while a play connects, and then during each of its batches, a section at the bottom is
 * drawn over and over. In between, above all between a plan and its first batch, the screen is free for others to write.
 */
export class TreeReporter implements Reporter {
  readonly #options: ReporterOptions;
  readonly #canvas: Canvas;
  readonly #runs: Promise<void>[] = [];
  #writes = false;
  #hint: string | undefined;
  #play = new PlayState({ type: 'play-started', play: '', hosts: [] }, 0);
  #section: LiveSection | undefined;
  #part: string | undefined;
  /** Of the present section. */
  #notes: readonly Note[] = [];
  /** Connecting has been shown for good with an earlier section. */
  #isConnectingKept = false;

  constructor(output: Output, options: ReporterOptions) {
    this.#options = options;
    this.#canvas = { screen: new LiveScreen(output), style: createStyle(options), now: () => options.now() };
  }

  handle(event: Event): void {
    switch (event.type) {
      case 'run-started':
        this.#writes = event.writes;
        if (event.writes) this.#hint = HINT;
        break;
      case 'play-started':
        this.#beginPlay(event);
        break;
      case 'play-planned':
        this.#take(event);
        this.#endConnecting();
        break;
      case 'batch-started':
        this.#beginBatch(event);
        break;
      case 'task-started':
        this.#take(event);
        if (!this.#section) this.#beginSection();
        break;
      case 'task-finished': {
        this.#take(event);
        const task = this.#play.task(event.task);
        if (task.state === 'ended') this.#section?.taskEnded(task);
        break;
      }
      case 'cluster-started':
        this.#endSection();
        this.#take(event);
        break;
      case 'cluster-finished':
        this.#endSection();
        this.#take(event);
        this.#isConnectingKept = true;
        break;
      case 'play-finished':
        this.#endSection();
        break;
      case 'run-finished':
        this.#endSection();
        this.#finishRun(event);
        break;
      case 'host-connected':
      case 'host-unreachable':
      case 'host-refused':
      case 'host-observed':
      case 'host-waiting':
      case 'play-refused':
      case 'window-shut':
      case 'window-waiting':
      case 'window-overridden':
      case 'stage-started':
      case 'stage-finished':
      case 'task-progress':
      case 'task-rescued':
      case 'undo-started':
      case 'undo-finished':
      case 'warning':
        this.#take(event);
        break;
      case 'interrupted':
        this.#hint = undefined;
        this.#take(event);
        break;
      default:
        neverEvent(event);
    }
  }

  async close(): Promise<void> {
    this.#endSection();
    await Promise.all(this.#runs);
  }

  #take(event: Event): void {
    const note = this.#play.apply(event, this.#options.now().getTime());
    if (note) this.#note(note);
  }

  /** What must not be missed is part of the section, or is written at once when there is none. */
  #note(note: Note): void {
    const { screen, style } = this.#canvas;
    if (this.#section) this.#notes = withNote(this.#notes, note);
    else screen.keep(noteLines(note, markLeads(style), style, screen.width));
  }

  #beginPlay(event: EventOf<'play-started'>): void {
    this.#endSection();
    this.#play = new PlayState(event, this.#options.now().getTime());
    this.#part = undefined;
    this.#isConnectingKept = false;
    this.#beginSection();
  }

  /** Connecting that went well leaves nothing yet and is shown again with the first batch. */
  #endConnecting(): void {
    this.#endSection();
    this.#isConnectingKept = !this.#play.connecting.isGood;
  }

  #beginBatch(event: EventOf<'batch-started'>): void {
    this.#endSection();
    if (this.#play.tasks.some(({ state }) => state !== 'waiting')) this.#isConnectingKept = true;
    this.#take(event);
    this.#part = event.of > 1 ? batchName(event.number, event.of, event.hosts) : undefined;
    this.#beginSection();
  }

  #beginSection(): void {
    this.#section = new LiveSection(this.#canvas, () => this.#view());
    this.#runs.push(this.#section.run());
  }

  #endSection(): void {
    this.#section?.finish();
    this.#section = undefined;
    this.#notes = [];
  }

  #finishRun(event: EventOf<'run-finished'>): void {
    const { screen } = this.#canvas;
    const format = this.#writes ? formatRecap : formatPlanEnd;
    screen.keep(format(event, { ...this.#options, width: screen.width }).split('\n'));
  }

  #view(): Section {
    const { play, cluster, plan, startedMs, connecting, tasks, undos } = this.#play;
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
      notes: this.#notes,
    };
  }
}
