import type { ListrRenderer } from 'listr2';

/** Options that listr2 passes to this renderer. */
export interface TreeRendererOptions {
  /** Draws the current tree; `tick` increases with each drawing. */
  readonly draw: (tick: number) => void;
}

/** At most ten drawings a second, whatever the number of events. */
const FRAME_MS = 100;

/**
 * listr2's default renderer uses the width of `process.stdout` wherever it writes, hides the cursor through `process.stderr`, and formats
 * the whole tree at every change of any task, which starves the event loop with many hosts. This one draws what it is given at a fixed
 * rate.
 */
export class TreeRenderer implements ListrRenderer {
  static readonly rendererOptions: TreeRendererOptions;
  static readonly rendererTaskOptions: never;
  /** It is already decided whether the stream is a terminal; listr2 would ask `process.stdout`. */
  static readonly nonTTY = true;
  readonly #options: TreeRendererOptions;
  #timer: NodeJS.Timeout | undefined;
  #tick = 0;

  constructor(_tasks: unknown, options: TreeRendererOptions) {
    this.#options = options;
  }

  readonly render = (): void => {
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), FRAME_MS).unref();
  };

  readonly end = (): void => {
    clearInterval(this.#timer);
  };

  #draw(): void {
    this.#options.draw(this.#tick);
    this.#tick += 1;
  }
}
