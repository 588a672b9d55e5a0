import { Listr } from 'listr2';
import type { LiveScreen } from './live-screen.ts';
import type { Style } from './style.ts';
import type { TaskProgress } from './task-progress.ts';
import type { RowContext } from './task-row.ts';
import { TreeRenderer } from './tree-renderer.ts';

/** Where and how sections are drawn. */
export interface Canvas {
  readonly screen: LiveScreen;
  readonly style: Style;
  now(): Date;
}

/** What a section shows. */
export interface Picture {
  /** What it is of, when it begins. */
  readonly tasks: readonly TaskProgress[];
  /** While it runs, in at most `height` rows. */
  live(context: RowContext, height: number): readonly string[];
  /** As it stays on the screen. */
  final(context: RowContext): readonly string[];
}

/**
 * A section on the screen from its first drawing to its last. listr2 holds one task for each task of the play and keeps the
 * view alive until they have ended; it schedules nothing, for the engine does.
 */
export class LiveSection {
  readonly #canvas: Canvas;
  readonly #picture: Picture;
  readonly #tasks = new Map<TaskProgress, Latch>();
  /** What follows the last task, undoing above all, belongs to the section too. */
  readonly #whole = new Latch();
  readonly #listr: Listr<undefined, typeof TreeRenderer>;
  #hasEnded = false;

  /** @param picture shows the section as it is at the moment. */
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

  /** Draws at once, and then until the section is finished. */
  async run(): Promise<void> {
    await this.#listr.run();
  }

  /** Tells listr2 that a task has ended. */
  taskEnded(task: TaskProgress): void {
    this.#tasks.get(task)?.open();
  }

  /**
   * Ends the view; what the section has come to stays on the screen, which is free for others when this returns: listr2 learns
   * of it later.
   */
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

/** A promise that is fulfilled from outside. */
class Latch {
  readonly opened: Promise<void>;
  open: () => void = () => {};

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}
