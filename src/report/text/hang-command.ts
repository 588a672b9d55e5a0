import { RUN_ID } from '../../core/run-id.ts';
import { type Piece, piecesOf } from './shell-command.ts';
import { displayWidth, hang } from './width.ts';

/** A text that ends with a command of kplay: with an option or the id of a run, or it may be a sentence about kplay. */
const ENDING = new RegExp(`^(|.*: )(kplay [a-z][^;]*(?: -|${RUN_ID})[^;]*)$`, 's');

/** What is longer quotes something else, and takes long to search. */
const MAX_SEARCHED = 2000;

/**
 * A text after a prefix, with hanging indent. Commands in it are not wrapped, because half of one could be copied and run: one that does
 * not fit stands on a line of its own. Those are a command of kplay at its end, and commands of the shell anywhere.
 */
export function hangCommand(prefix: string, text: string, width: number): readonly string[] {
  if (displayWidth(prefix + text) <= width || text.length > MAX_SEARCHED) return hang(prefix, text, width);
  const [, lead = text, command] = ENDING.exec(text) ?? [];
  const pieces = piecesOf(lead);
  return hangPieces(prefix, command === undefined ? pieces : [...pieces, { text: command, isCommand: true }], width);
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
  const pieces = text.split('`').map((piece, index) => ({ text: piece, isCommand: index % 2 === 1 }));
  return hangPieces(prefix, pieces, width);
}

/** Room for a parenthesis before a command, and the sign of the sentence after it, without which it would be broken as a long word. */
const SIGNS = 2;

function hangPieces(prefix: string, pieces: readonly Piece[], width: number): readonly string[] {
  const indent = displayWidth(prefix);
  const lines: string[] = [];
  let open = '';
  const wrapOpen = (): void => {
    const wrapped = open === '' ? [] : hang(lines.length === 0 ? prefix : ' '.repeat(indent), open.trimEnd(), width);
    lines.push(...wrapped.map((line) => line.replaceAll(HELD_SPACE, ' ')));
    open = '';
  };
  for (const [index, { text, isCommand }] of pieces.entries()) {
    // What comes after a line of its own does not begin with the sign that ended the command.
    if (!isCommand) open += open === '' && index > 0 ? text.replace(/^[,.;:]? */, '') : text;
    else if (displayWidth(text) <= width - indent - SIGNS) open += text.replaceAll(' ', HELD_SPACE);
    else {
      wrapOpen();
      lines.push(lines.length === 0 ? prefix + text : onItsOwn(text, indent, width));
    }
  }
  wrapOpen();
  return lines;
}
