import type { Output } from '../reporter.ts';
import { displayWidth } from '../text/width.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';
/** Not in one sequence from the first line on: at the top of the screen, tmux would keep the old text in its history. */
const ERASE_ALL_OF_IT = `${ERASE_LINE}\n${ERASE_BELOW}\u001b[A`;
/** For a terminal that reports no size, or 0. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/**
 * Blocks of lines on a terminal, separated by empty lines; the last one is redrawn repeatedly. Each drawing is one write that hides and
 * shows the cursor, so the terminal is intact whenever the process is killed.
 */
export class LiveScreen {
  readonly #output: Output;
  #drawn: readonly string[] = [];
  #hasBlocks = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Usable columns: one is left free, because terminals differ in what they do with a cursor after a full line. */
  get width(): number {
    return Math.max(1, (this.#output.columns || DEFAULT_COLUMNS) - 1);
  }

  /** Lines that can be redrawn: the cursor and the empty line before the block need the others. */
  get height(): number {
    return Math.max(1, (this.#output.rows || DEFAULT_ROWS) - (this.#hasBlocks ? 2 : 1));
  }

  /** Redraws the last block. */
  draw(block: readonly string[]): void {
    const lines = this.#separated(block);
    if (lines.length === this.#drawn.length && lines.every((line, index) => line === this.#drawn[index])) return;
    this.#replace(lines);
    this.#drawn = lines;
  }

  /** Replaces the last block for good; it may be higher than the terminal, or empty. */
  keep(block: readonly string[]): void {
    if (block.length > 0 || this.#drawn.length > 0) this.#replace(this.#separated(block));
    this.#drawn = [];
    this.#hasBlocks ||= block.length > 0;
  }

  #separated(block: readonly string[]): readonly string[] {
    return this.#hasBlocks && block.length > 0 ? ['', ...block] : block;
  }

  #replace(lines: readonly string[]): void {
    const up = this.#rowsAbove();
    const body = lines.map((line) => `${line}${ERASE_LINE}\n`).join('');
    const erase = lines.length > 0 || up === 0 ? ERASE_BELOW : ERASE_ALL_OF_IT;
    this.#output.write(`${HIDE_CURSOR}${up > 0 ? `\u001b[${up}A` : ''}\r${body}${erase}${SHOW_CURSOR}`);
  }

  /** Rows from the cursor up to the first drawn line, including lines that wrapped when the terminal became narrower. */
  #rowsAbove(): number {
    const columns = this.width + 1;
    return this.#drawn.reduce((rows, line) => rows + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
  }
}
