import { execFile } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Packs the files of a directory, as FILE.gz, always the same bytes for the same files. Directories are left out: who unpacks it as root
 * into /usr/local would give those that are there another owner and other modes.
 * @param epoch the time of all files, in seconds
 */
export async function archive(file, directory, epoch) {
  const names = readdirSync(directory, { recursive: true })
    .filter((name) => !lstatSync(join(directory, name)).isDirectory())
    .map((name) => `./${name}`)
    .sort();
  const same = ['--format=gnu', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${epoch}`];
  await promisify(execFile)('tar', [...same, '-C', directory, '-cf', file, ...names]);
  await promisify(execFile)('gzip', ['-n', file]);
}
