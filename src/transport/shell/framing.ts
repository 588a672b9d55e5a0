import { quoteWord } from '../../core/shell.ts';

const NEWLINE = 0x0a;

/**
 * The text that makes the persistent sh run scripts and mark the end of each one's output. `marker` must be a word that no
 * output can contain, different for each frame. Standard input of the scripts is empty.
 *
 * A script is passed as one quoted word to `eval` in a subshell: an `exit`, a syntax error or an open here-document then only
 * ends the subshell, no program is started for it, and it appears in no argument list. Several scripts share an outer
 * subshell, so that ending the children of the shell ends them all.
 */
export function frameText(scripts: readonly string[], marker: string): string {
  const [first] = scripts;
  if (first !== undefined && scripts.length === 1) {
    return `${subshell(first)} </dev/null\n${markEnd(marker, SECTION + END)}`;
  }
  const sections = scripts.map((script) => `${subshell(script)}\n${markEnd(marker, SECTION)}`);
  return `(\n${sections.join('')}) </dev/null\n${markEnd(marker, END)}`;
}

/** From this length on starting `head` is cheaper for bash than reading byte by byte. */
const MIN_BLOCK_BYTES = 4_096;

/**
 * The same text for a shell that reads its standard input byte by byte, as bash does to leave the rest to its children: a
 * program reads it for the shell. Without that program the shell reads it itself.
 */
export function inBlocks(text: string): string {
  const bytes = Buffer.byteLength(text);
  return bytes < MIN_BLOCK_BYTES ? text : `eval "$(head -c ${bytes})"\n${text}`;
}

function subshell(script: string): string {
  return `(eval ${quoteWord(script)}) 2>&3 3>&-`;
}

/** The marker goes to both streams; on standard output with the status of what ran before it. */
function markEnd(marker: string, kinds: string): string {
  return `printf '${marker}${kinds}%d\\n' "$?";printf '${marker}${kinds}\\n' >&3\n`;
}

/** A script has ended. */
const SECTION = 's';
/** The frame has ended, whether or not all of its scripts have. */
const END = 'e';

/** A label is a few letters and an exit status; a marker followed by more was made up by the host. */
const MAX_LABEL_BYTES = 16;

/** The output of one script on one stream. */
export interface Section {
  readonly bytes: Buffer;
  /** The output was longer than `bytes`. */
  readonly truncated: boolean;
  /** The exit code of the script; on standard output only. */
  readonly exitCode: number | undefined;
}

/**
 * Splits one output stream of a frame into its sections, regardless of chunk boundaries. At most `maxBytes` of each section and
 * `limit` sections are kept: whatever a host sends, memory stays bounded.
 */
export class SectionReader {
  readonly sections: Section[] = [];
  /** Bytes received so far, including markers. */
  received = 0;
  /** The end of the frame was received; later output belongs to no script. */
  ended = false;
  readonly #marker: Buffer;
  readonly #maxBytes: number;
  readonly #limit: number;
  /** The end of the received bytes, where a marker may have begun. */
  #pending: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #truncated = false;

  constructor(marker: string, maxBytes: number, limit: number) {
    this.#marker = Buffer.from(marker);
    this.#maxBytes = maxBytes;
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
        this.#append(rest.subarray(0, labelEnd));
        rest = rest.subarray(labelEnd);
        continue;
      }
      if (lineEnd < 0) {
        const safeEnd = at < 0 ? Math.max(0, rest.length - this.#marker.length + 1) : at;
        this.#append(rest.subarray(0, safeEnd));
        // A copy: a slice would keep the whole chunk in memory.
        this.#pending = Buffer.from(rest.subarray(safeEnd));
        return;
      }
      this.#append(rest.subarray(0, at));
      this.#close(rest.toString('latin1', at + this.#marker.length, lineEnd));
      rest = rest.subarray(lineEnd + 1);
    }
  }

  #append(bytes: Buffer): void {
    const capacity = this.#maxBytes - this.#chunkBytes;
    const accepted = bytes.length > capacity ? bytes.subarray(0, capacity) : bytes;
    if (accepted.length < bytes.length) this.#truncated = true;
    if (accepted.length === 0 || this.sections.length >= this.#limit) return;
    this.#chunks.push(Buffer.from(accepted));
    this.#chunkBytes += accepted.length;
  }

  #close(label: string): void {
    if (label.includes(SECTION) && this.sections.length < this.#limit) {
      const [exitCode] = /\d+$/.exec(label) ?? [];
      this.sections.push({
        bytes: Buffer.concat(this.#chunks),
        truncated: this.#truncated,
        exitCode: exitCode === undefined ? undefined : Number(exitCode),
      });
    }
    this.#chunks = [];
    this.#chunkBytes = 0;
    this.#truncated = false;
    this.ended = label.includes(END);
  }
}

/** The text of a section; invalid UTF-8 becomes U+FFFD, a character cut by truncation is dropped. */
export function sectionText({ bytes, truncated }: Section): string {
  return bytes.toString('utf8', 0, truncated ? completeLength(bytes) : bytes.length);
}

/** Length of `bytes` without an incomplete UTF-8 character at the end. */
function completeLength(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length += 1) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte >= 0xc0) return byte >= sequenceStart(length) ? bytes.length - length : bytes.length;
    if (byte < 0x80) break;
  }
  return bytes.length;
}

/** The lowest lead byte of a UTF-8 sequence longer than `present` bytes. */
function sequenceStart(present: number): number {
  return present === 1 ? 0xc0 : present === 2 ? 0xe0 : 0xf0;
}
