import { RUN_ID } from '../../core/run-id.ts';
import { displayWidth, hang } from './width.ts';

/** A text that ends with a command of kplay: with an option or the id of a run, or it may be a sentence about kplay. */
const ENDING = new RegExp(`^(|.*: )(kplay [a-z][^;]*(?: -|${RUN_ID})[^;]*)$`, 's');

/** What is longer quotes something else, and takes long to search. */
const MAX_SEARCHED = 2000;

/**
 * A text after a prefix, with hanging indent. A command at its end is not wrapped, because half of it could be copied and run: if it does
 * not fit, it stands on a line of its own.
 */
export function hangCommand(prefix: string, text: string, width: number): readonly string[] {
  const [, lead = '', command] = (text.length <= MAX_SEARCHED && ENDING.exec(text)) || [];
  if (command === undefined || displayWidth(prefix + text) <= width) return hang(prefix, text, width);
  if (lead === '') return [prefix + command];
  const lines = hang(prefix, lead.trimEnd(), width);
  const last = lines.at(-1) ?? '';
  if (displayWidth(`${last} ${command}`) <= width) return [...lines.slice(0, -1), `${last} ${command}`];
  const indent = Math.min(displayWidth(prefix), Math.max(2, width - displayWidth(command)));
  return [...lines, ' '.repeat(indent) + command];
}
