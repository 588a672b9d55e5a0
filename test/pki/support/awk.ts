import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicHalfProgram } from '../../../src/pki/public-half.ts';

type Awk = readonly [command: string, ...parameters: string[]];

const CANDIDATES: readonly Awk[] = [
  ['awk'],
  ['mawk'],
  ['gawk'],
  ['gawk', '--posix'],
  ['original-awk'],
  ['busybox', 'awk'],
];

/** The awks of this machine, as commands; each once, whatever other names it has. */
export const AWKS: readonly Awk[] = [...new Map(CANDIDATES.flatMap((awk) => identified(awk))).values()];

/** What an awk prints of a key file, without the file's name. */
export function publicHalf(file: string | Uint8Array, [command, ...parameters]: Awk = AWKS[0] ?? ['awk']): string {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-awk-'));
  const path = join(directory, 'key');
  writeFileSync(path, file);
  const { stdout, stderr } = spawnSync(command, [...parameters, publicHalfProgram(), path], { encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  if (stderr !== '') throw new Error(stderr);
  return stdout.replaceAll(`${path}\t`, '');
}

/** The awk with the program that it is; none when it is not installed. */
function identified(awk: Awk): readonly (readonly [program: string, awk: Awk])[] {
  const [command, ...parameters] = awk;
  const { status, stdout } = spawnSync('sh', ['-c', 'readlink -f "$(command -v "$0")"', command], { encoding: 'utf8' });
  return status === 0 && stdout !== '\n' && stdout !== '' ? [[[stdout, ...parameters].join(' '), awk]] : [];
}
