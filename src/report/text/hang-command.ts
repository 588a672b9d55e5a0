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
  return [...lines, onItsOwn(command, displayWidth(prefix), width)];
}

/** A command on a line of its own, indented less where it would not fit otherwise. */
function onItsOwn(command: string, indent: number, width: number): string {
  return ' '.repeat(Math.min(indent, Math.max(2, width - displayWidth(command)))) + command;
}

/** Stands for a space in a command, at which a line is not broken; it is in none of the texts. */
const HELD_SPACE = '\u{e000}';

/**
 * A text with commands in backticks, which are left out, after a prefix, with hanging indent. No command is wrapped: one that does not
 * fit stands on a line of its own.
 */
export function hangQuoted(prefix: string, text: string, width: number): readonly string[] {
  const indent = displayWidth(prefix);
  const lines: string[] = [];
  let open = '';
  const wrapOpen = (): void => {
    const wrapped = open === '' ? [] : hang(lines.length === 0 ? prefix : ' '.repeat(indent), open.trimEnd(), width);
    lines.push(...wrapped.map((line) => line.replaceAll(HELD_SPACE, ' ')));
    open = '';
  };
  for (const [index, piece] of text.split('`').entries()) {
    // What comes after a line of its own does not begin with the sign that ended the command.
    if (index % 2 === 0) open += open === '' && index > 0 ? piece.replace(/^[,.;:]? */, '') : piece;
    else if (displayWidth(piece) <= width - indent) open += piece.replaceAll(' ', HELD_SPACE);
    else {
      wrapOpen();
      lines.push(lines.length === 0 ? prefix + piece : onItsOwn(piece, indent, width));
    }
  }
  wrapOpen();
  return lines;
}
