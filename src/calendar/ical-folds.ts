import { isUtf8 } from 'node:buffer';

/** The first bytes of a character, folds, and its next byte. */
const SPLIT = /([\xc2-\xf4][\x80-\xbf]{0,2})((?:\r?\n[ \t])+)([\x80-\xbf])/g;

/**
 * iCalendar folds long lines between any two bytes, also of one character (RFC 5545, 3.1). The rest of such a character is put before
 * the fold, so that each line can be read, and stays where it is.
 */
export function withWholeCharacters(bytes: Buffer): Buffer {
  if (isUtf8(bytes)) return bytes;
  let [text, before] = [bytes.toString('latin1'), ''];
  while (text !== before) [before, text] = [text, text.replace(SPLIT, '$1$3$2')];
  return Buffer.from(text, 'latin1');
}
