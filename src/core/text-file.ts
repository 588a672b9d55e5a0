import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ProblemPlace, Problems } from './diagnostic.ts';
import { unreadableFileHint } from './missing-file.ts';
import { SourceFile } from './source.ts';
import { describeSystemError } from './system-error.ts';
import { MAX_SOURCE_BYTES } from './yaml/yaml.ts';

/**
 * Reads a text file named by the user. Problems are reported: no such file, no permission, larger than MAX_SOURCE_BYTES, not
 * UTF-8, not text.
 */
export function readTextFile(
  path: string,
  what: TextKind,
  problems: Problems,
  { named, ifMissing, repair = (bytes) => bytes }: ReadOptions = {},
): SourceFile | undefined {
  const bytes = readBytes(path, what, problems, named, ifMissing);
  return bytes && decode(path, what, repair(bytes), problems, named);
}

export interface ReadOptions {
  /** Where the user wrote the path. */
  readonly named?: ProblemPlace | undefined;
  /** What to do when there is no such file, and none that is called alike. */
  readonly ifMissing?: string | undefined;
  /** Makes text of bytes that their format allows but that are not UTF-8. */
  readonly repair?: (bytes: Buffer) => Buffer;
}

/** What a file is read as, for messages. */
export type TextKind =
  | 'configuration'
  | 'inventory'
  | 'playbook'
  | 'rollout'
  | 'task file'
  | 'host list'
  | 'variables file'
  | 'plan'
  | 'certificate'
  | 'calendar'
  | 'kubeconfig'
  | 'ssh_config'
  | 'file';

function readBytes(
  path: string,
  what: TextKind,
  problems: Problems,
  named: ProblemPlace | undefined,
  ifMissing: string | undefined,
): Buffer | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const size = fstatSync(file).size;
      const bytes = size > MAX_SOURCE_BYTES ? undefined : readAtMost(file, MAX_SOURCE_BYTES);
      if (!bytes) {
        const hint = `no ${what} is larger than ${MAX_SOURCE_BYTES / 1_000_000} MB: name another file, or split it`;
        problems.error(`${path} is too large`, named, hint);
      }
      return bytes;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    problems.error(
      `cannot read the ${what} ${path}: ${describeSystemError(error)}`,
      named,
      unreadableFileHint(error, path, ifMissing),
    );
    return undefined;
  }
}

/** The rest of an open file; undefined when it is longer than `limit`. The size of a pipe is only known by reading it. */
function readAtMost(file: number, limit: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    const length = readSync(file, chunk);
    if (length === 0) return Buffer.concat(chunks);
    total += length;
    if (total > limit) return undefined;
    chunks.push(chunk.subarray(0, length));
  }
}

/** Control characters that do not occur in text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BINARY = /[\x00-\x08\x0e-\x1a\x1c-\x1f]/;

/** As in a file of its own: in YAML it would be indented or quoted. */
const PRIVATE_KEY = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/m;

function decode(
  path: string,
  what: TextKind,
  bytes: Buffer,
  problems: Problems,
  named: ProblemPlace | undefined,
): SourceFile | undefined {
  const source = new SourceFile(path, new TextDecoder().decode(bytes));
  const control = BINARY.exec(source.text);
  if (control) {
    // Without its position: showing the line would print meaningless bytes.
    const code = control[0].charCodeAt(0);
    const byte = `byte ${bytes.indexOf(code)} is 0x${code.toString(16).padStart(2, '0')}`;
    problems.error(`${path} is not a text file: ${byte}`, named, `name a text file: ${what} files are read as UTF-8`);
    return undefined;
  }
  if (what !== 'file' && PRIVATE_KEY.test(source.text)) {
    // Without its position: showing any of its lines would print the key.
    problems.error(`${path} holds a private key`, named, 'name a file without one');
    return undefined;
  }
  if (isUtf8(bytes)) return source;
  const at = source.text.indexOf('\ufffd');
  problems.error(`${path} is not UTF-8`, source.range(at, at + 1), 'save it as UTF-8');
  return undefined;
}
