import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { frameText, SectionReader, sectionText } from '../../../src/transport/shell/framing.ts';
import { fc } from '../../support/random-cases.ts';

const MARKER = 'M0123456789abcdef';

/** A byte that a marker could begin or end with is as likely as all others. */
const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from(`${MARKER}\nse0`)));
const output = fc.array(byte, { maxLength: 60 }).map((bytes) => Buffer.from(bytes));

function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function read(chunks: readonly Buffer[], keep = 1_000, limit = 10): SectionReader {
  const reader = new SectionReader(MARKER, keep, limit);
  for (const chunk of chunks) reader.push(chunk);
  return reader;
}

describe('SectionReader', () => {
  it('finds the same sections however the stream is cut into chunks', () => {
    const sections = fc.array(fc.tuple(output, fc.nat(255)), { minLength: 1, maxLength: 4 });
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sections, sizes, (outputs, chunkSizes) => {
        const marked = outputs.flatMap(([bytes, code]) => [bytes, Buffer.from(`${MARKER}s${code}\n`)]);
        const stream = [...marked, Buffer.from(`${MARKER}e0\nlate`)];
        const reader = read(split(Buffer.concat(stream), chunkSizes));
        expect(reader.ended).toBe(true);
        expect(reader.sections.map(({ bytes, exitCode }) => [bytes, exitCode])).toEqual(outputs);
      }),
    );
  });

  it('keeps only so many bytes of each section', () => {
    const text = `abcdef${MARKER}s0\nab${MARKER}se1\n`;
    const reader = read([Buffer.from(text)], 4);
    expect(reader.sections).toEqual([
      { bytes: Buffer.from('abcd'), truncated: true, exitCode: 0 },
      { bytes: Buffer.from('ab'), truncated: false, exitCode: 1 },
    ]);
  });

  it('has no section of a script that was cut off', () => {
    const reader = read([Buffer.from(`one${MARKER}s0\ntw${MARKER}e143\n`)]);
    expect(reader.ended).toBe(true);
    expect(reader.sections.map(({ bytes }) => bytes.toString())).toEqual(['one']);
  });
});

describe('what a host makes up', () => {
  it('is output: a marker without a line end, however long', () => {
    const reader = new SectionReader(MARKER, 1_000, 1);
    const chunk = Buffer.alloc(64 * 1024, 'x');
    reader.push(Buffer.from(MARKER));
    for (let count = 0; count < 1_000; count += 1) reader.push(chunk);
    reader.push(Buffer.from(`${MARKER}se0\n`));
    expect(reader).toMatchObject({ ended: true, sections: [{ truncated: true, exitCode: 0 }] });
  });

  it('ends no more sections than there are scripts', () => {
    const line = Buffer.from(`x${MARKER}s0\n`);
    const reader = read(
      Array.from({ length: 1_000 }, () => line),
      1_000,
      2,
    );
    expect(reader.sections).toHaveLength(2);
  });
});

describe('sectionText', () => {
  const text = 'aé€😀';
  const bytes = Buffer.from(text);
  it.each([...bytes.keys()])('leaves out a character of which only a part was kept: %i bytes', (length) => {
    const shown = sectionText({ bytes: bytes.subarray(0, length), truncated: true, exitCode: 0 });
    expect(text.startsWith(shown)).toBe(true);
    expect(length - Buffer.byteLength(shown)).toBeLessThan(4);
  });

  it('shows everything of what was not truncated', () => {
    expect(sectionText({ bytes: bytes.subarray(0, 5), truncated: false, exitCode: 0 })).toBe('aé\uFFFD');
  });
});

describe('frameText', () => {
  const HEAD = 'exec 3>&2 2>/dev/null\n';

  it('holds each script as one word, whatever is in it', () => {
    const script = `echo "it's" $((1+1)) \\\n'a\nb'; (exit 3)`;
    const text = HEAD + frameText([script], MARKER);
    const stdout = execFileSync('sh', { input: text, encoding: 'utf8', stdio: 'pipe' });
    expect(stdout).toBe(`it's 2 a\nb\n${MARKER}se3\n`);
  });

  it('lets a frame of several scripts go on after one that fails', () => {
    const input = HEAD + frameText(['echo a; exit 3', 'fi', 'echo c'], MARKER);
    const stdout = execFileSync('sh', { input, stdio: 'pipe' });
    expect(read([stdout]).sections.map(({ exitCode }) => exitCode)).toEqual([3, 2, 0]);
  });
});
