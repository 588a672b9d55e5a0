import { quoteWord } from '../../core/shell.ts';

const NEWLINE = 0x0a;

/**
 * The text that makes the persistent sh run scripts and say where the output of each ends. `marker` must be a word that no
 * output can hold, another one for each frame. Standard input of the scripts is empty.
 *
 * A script travels as one quoted word to `eval` in a subshell: an `exit`, a syntax error or an open here-document then
 * ends the subshell and nothing else, no program is started for it, and it stands in no argument list. Several scripts
 * share an outer subshell, so that ending the children of the shell ends them all.
 */
export function frameText(scripts: readonly string[], marker: string): string {
  const [first] = scripts;
  if (first !== undefined && scripts.length === 1) {
    return `${subshell(first)} </dev/null\n${mark(marker, SECTION + END)}`;
  }
  const sections = scripts.map((script) => `${subshell(script)}\n${mark(marker, SECTION)}`);
  return `(\n${sections.join('')}) </dev/null\n${mark(marker, END)}`;
}

/** From this length on starting `head` costs bash less than reading byte by byte. */
const MIN_BLOCK_BYTES = 4_096;

/**
 * The same text for a shell that reads its standard input byte by byte, as bash does to leave the rest to its children: a
 * program reads it for the shell. Without that program the shell reads it after all.
 */
export function inBlocks(text: string): string {
  const bytes = Buffer.byteLength(text);
  return bytes < MIN_BLOCK_BYTES ? text : `eval "$(head -c ${bytes})"\n${text}`;
}

function subshell(script: string): string {
  return `(eval ${quoteWord(script)}) 2>&3 3>&-`;
}

/** The mark stands on both streams; on standard output with the status of what ran before it. */
function mark(marker: string, kinds: string): string {
  return `printf '${marker}${kinds}%d\\n' "$?";printf '${marker}${kinds}\\n' >&3\n`;
}

/** A script has ended. */
const SECTION = 's';
/** The frame has ended, whether all of its scripts have or not. */
const END = 'e';

/** A label is a few letters and an exit status; a marker that is followed by more is what the host has made up. */
const MAX_LABEL_BYTES = 16;

/** What one script wrote to one stream. */
export interface Section {
  readonly bytes: Buffer;
  /** More was written than `bytes` holds. */
  readonly truncated: boolean;
  /** Of the script; told on standard output only. */
  readonly exitCode: number | undefined;
}

/**
 * Cuts one output stream of a frame into its sections, whatever chunks it comes in. Of each section `keep` bytes are kept, and
 * no more sections than `limit`: whatever a host sends, no more than that is ever held.
 */
export class SectionReader {
  readonly sections: Section[] = [];
  /** Bytes seen so far, markers included. */
  received = 0;
  /** The end of the frame has been seen; what comes later belongs to no script. */
  ended = false;
  readonly #marker: Buffer;
  readonly #keep: number;
  readonly #limit: number;
  /** The end of what was received, in which a marker may have begun. */
  #pending: Buffer = Buffer.alloc(0);
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #truncated = false;

  constructor(marker: string, keep: number, limit: number) {
    this.#marker = Buffer.from(marker);
    this.#keep = keep;
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    this.received += chunk.length;
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (!this.ended) {
      const at = rest.indexOf(this.#marker);
      const lineEnd = at < 0 ? -1 : rest.indexOf(NEWLINE, at);
      const labelEnd = at + this.#marker.length + MAX_LABEL_BYTES;
      if (at >= 0 && (lineEnd < 0 ? rest.length : lineEnd) > labelEnd) {
        this.#take(rest.subarray(0, labelEnd));
        rest = rest.subarray(labelEnd);
        continue;
      }
      if (lineEnd < 0) {
        const certain = at < 0 ? Math.max(0, rest.length - this.#marker.length + 1) : at;
        this.#take(rest.subarray(0, certain));
        // A copy: a piece of a chunk would keep all of it.
        this.#pending = Buffer.from(rest.subarray(certain));
        return;
      }
      this.#take(rest.subarray(0, at));
      this.#close(rest.toString('latin1', at + this.#marker.length, lineEnd));
      rest = rest.subarray(lineEnd + 1);
    }
  }

  #take(bytes: Buffer): void {
    const room = this.#keep - this.#keptBytes;
    const taken = bytes.length > room ? bytes.subarray(0, room) : bytes;
    if (taken.length < bytes.length) this.#truncated = true;
    if (taken.length === 0 || this.sections.length >= this.#limit) return;
    this.#kept.push(Buffer.from(taken));
    this.#keptBytes += taken.length;
  }

  #close(label: string): void {
    if (label.includes(SECTION) && this.sections.length < this.#limit) {
      const [exitCode] = /\d+$/.exec(label) ?? [];
      this.sections.push({
        bytes: Buffer.concat(this.#kept),
        truncated: this.#truncated,
        exitCode: exitCode === undefined ? undefined : Number(exitCode),
      });
    }
    this.#kept = [];
    this.#keptBytes = 0;
    this.#truncated = false;
    this.ended = label.includes(END);
  }
}

/** The text of a section; bytes that are no UTF-8 become U+FFFD, a character that truncation cut in two is left out. */
export function sectionText({ bytes, truncated }: Section): string {
  return bytes.toString('utf8', 0, truncated ? wholeCharacters(bytes) : bytes.length);
}

/** Length of `bytes` without an unfinished UTF-8 character at its end. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return byte >= sequenceStart(back) ? bytes.length - back : bytes.length;
    if (byte < 0x80) break;
  }
  return bytes.length;
}

/** The least lead byte of a UTF-8 sequence that is longer than `present` bytes. */
function sequenceStart(present: number): number {
  return present === 1 ? 0xc0 : present === 2 ? 0xe0 : 0xf0;
}
