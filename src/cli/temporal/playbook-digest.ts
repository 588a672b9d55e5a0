import { createHash } from 'node:crypto';
import { dirname, relative, resolve } from 'node:path';
import type { Playbook } from '../../playbook/model.ts';
import type { Check } from '../../playbook/rollout/rollout-model.ts';
import { digestsOf, sourceFilesIn } from '../journal/source-digests.ts';

/** The SHA-256 of a playbook and all its files, with paths relative to it: the same on every machine that has the same files. */
export function playbookDigest(playbook: Playbook, path: string): string {
  const directory = dirname(resolve(path));
  const files = Object.entries(digestsOf(sourceFilesIn(playbook))).map(([file, digest]) => [
    relative(directory, file),
    digest,
  ]);
  return createHash('sha256')
    .update(JSON.stringify(files.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))))
    .digest('hex');
}

/** The SHA-256 of checks as written, wherever they are: in the play or in its rollout file. */
export function checksDigest(checks: readonly Check[]): string {
  const places = ['range', 'keyRange', 'contentStart'];
  return createHash('sha256')
    .update(JSON.stringify(checks, (key, value: unknown) => (places.includes(key) ? undefined : value)))
    .digest('hex');
}
