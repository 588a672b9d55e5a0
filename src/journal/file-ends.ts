import { fstatSync, readSync } from 'node:fs';

/** The first line of an open file, without its newline. */
export function firstLine(file: number): string {
  const chunk = Buffer.allocUnsafe(4_096);
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const length = readSync(file, chunk, 0, chunk.length, at);
    const end = chunk.subarray(0, length).indexOf('\n');
    chunks.push(Buffer.from(chunk.subarray(0, end < 0 ? length : end)));
    if (length === 0 || end >= 0) return Buffer.concat(chunks).toString();
    at += length;
  }
}

/** The event with the results of all hosts of a middling fleet. */
const TAIL = 64 * 1024;

/**
 * Reads an open file from its end, more and more of it, until that tells something.
 * @param tell what the end tells; undefined to be given more
 * @returns undefined if the whole file tells nothing
 */
export function fromEnd<Told>(
  file: number,
  tell: (tail: Buffer, isWhole: boolean) => Told | undefined,
): Told | undefined {
  const { size } = fstatSync(file);
  for (let length = TAIL; ; length *= 8) {
    const tail = Buffer.alloc(Math.min(length, size));
    const read = readSync(file, tail, 0, tail.length, size - tail.length);
    const isWhole = length >= size;
    const told = tell(tail.subarray(0, read), isWhole);
    if (told !== undefined || isWhole) return told;
  }
}
