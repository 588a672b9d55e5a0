import { Listr } from 'listr2';
import type { TaskProgress } from '../progress/task-progress.ts';
import type { Style } from '../text/style.ts';
import type { LiveScreen } from './live-screen.ts';
import type { RowContext } from './task-row.ts';
import { TreeRenderer } from './tree-renderer.ts';

export interface Canvas {
  readonly screen: LiveScreen;
  readonly style: Style;
  now(): Date;
}

/** The content of a section. */
export interface Picture {
  /** The tasks, when it starts. */
  readonly tasks: readonly TaskProgress[];
  /** The view while it runs, in at most `height` rows. */
  live(context: RowContext, height: number): readonly string[];
  /** The final view. */
  final(context: RowContext): readonly string[];
}

/**
 * A section of the screen from its first to its last drawing. listr2 gets one task for each task of the play and keeps the view alive until
 * they have ended; it schedules nothing, because the engine does.
 */
export class LiveSection {
  readonly #canvas: Canvas;
  readonly #picture: Picture;
  readonly #tasks = new Map<TaskProgress, Latch>();
  /** Whatever follows the last task, above all undo, belongs to the section too. */
  readonly #whole = new Latch();
  readonly #listr: Listr<undefined, typeof TreeRenderer>;
  #hasEnded = false;

  /** @param picture draws the current state of the section. */
  constructor(canvas: Canvas, picture: Picture) {
    this.#canvas = canvas;
    this.#picture = picture;
    for (const task of picture.tasks) this.#tasks.set(task, new Latch());
    this.#listr = new Listr<undefined, typeof TreeRenderer>(
      [
        ...[...this.#tasks].map(([{ name }, latch]) => ({ title: name, task: () => latch.opened })),
        { task: () => this.#whole.opened },
      ],
      {
        concurrent: true,
        exitOnError: false,
        registerSignalListeners: false,
        renderer: TreeRenderer,
        rendererOptions: { draw: (tick) => this.#draw(tick) },
      },
    );
  }

  /** Draws immediately, and from then on until the section is finished. */
  async run(): Promise<void> {
    await this.#listr.run();
  }

  /** Tells listr2 that a task has ended. */
  taskEnded(task: TaskProgress): void {
    this.#tasks.get(task)?.open();
  }

  /** Ends the view; its final state stays on the screen, which is free for other output when this returns: listr2 is informed later. */
  finish(): void {
    const frame = this.#picture.final(this.#context(this.#canvas.style.marks.waiting));
    this.#hasEnded = true;
    this.#canvas.screen.keep(frame);
    for (const latch of this.#tasks.values()) latch.open();
    this.#whole.open();
  }

  #draw(tick: number): void {
    if (this.#hasEnded) return;
    const spinner = [...this.#canvas.style.marks.spinner];
    const context = this.#context(spinner[tick % spinner.length] ?? '');
    this.#canvas.screen.draw(this.#picture.live(context, this.#canvas.screen.height));
  }

  #context(spinner: string): RowContext {
    const { style, screen, now } = this.#canvas;
    return { style, width: screen.width, nowMs: now().getTime(), spinner };
  }
}

/** A promise that is resolved from outside. */
class Latch {
  readonly opened: Promise<void>;
  open: () => void = () => {};

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}
