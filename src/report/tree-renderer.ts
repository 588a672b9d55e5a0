import type { ListrRenderer } from 'listr2';

/** What listr2 is handed for this renderer. */
export interface TreeRendererOptions {
  /** Draws the tree as it is now; `tick` grows by one at each drawing. */
  readonly draw: (tick: number) => void;
}

/** At most ten drawings a second, however many events there are. */
const FRAME_MS = 100;

/**
 * listr2's default renderer lays out by `process.stdout.columns` wherever it writes, hides the cursor by way of
 * `process.stderr`, and formats the whole tree at every change of any task, which starves the loop with many hosts. This one
 * draws at a fixed pace what it is given.
 */
export class TreeRenderer implements ListrRenderer {
  static readonly rendererOptions: TreeRendererOptions;
  static readonly rendererTaskOptions: never;
  /** Whether the stream is a terminal has been decided; listr2 would ask `process.stdout`. */
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
