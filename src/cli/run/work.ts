import { resolve } from 'node:path';
import type { Work } from '../../journal/cluster-durations.ts';
import { renewalPath } from '../inputs/playbook-files.ts';
import type { PlaybookOptions } from '../options/options.ts';

/** A run of a playbook with these options. @param path as `playbookPath` returns it */
export function playbookWork(
  path: string,
  { tags = [], skipTags = [], startAtTask }: Partial<PlaybookOptions> = {},
): Work {
  return { command: 'run', playbook: { path: resolve(path), tags, skipTags, startAtTask } };
}

/** For commands that change nothing and name no playbook: `kplay run renew-certs.yml`. */
export function renewalWork(): Work {
  return playbookWork(renewalPath());
}
