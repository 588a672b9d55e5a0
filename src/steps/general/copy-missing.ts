import { directoryOf } from '../../core/host-path.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { CopyPlace } from '../../facts/files/copy-place.ts';
import { BECOME_ROOT } from '../gates/sees-all.ts';

interface Wanted {
  readonly dest: string;
  readonly owner?: string;
  readonly group?: string;
}

/**
 * What is missing on the host, so that the file could not be written.
 * @param isAtLink the place is that to which a link at `dest` leads
 */
export function missingRefusal(
  { dest, owner, group }: Wanted,
  place: CopyPlace,
  isAtLink: boolean,
): RefusePlan | undefined {
  const refuse = (reason: string, remedy: string, msg = reason): RefusePlan => ({
    action: 'refuse',
    code: 'copy-place',
    reason,
    remedy,
    isFailure: true,
    result: { msg },
  });
  const { unknownUser, unknownGroup, noDirectory, isMounted, unwritable } = place;
  if (unknownUser)
    return refuse(
      `the user ${owner} does not exist`,
      'create the user first, or choose another owner',
      `chown failed: failed to look up user ${owner}`,
    );
  if (unknownGroup)
    return refuse(
      `the group ${group} does not exist`,
      'create the group first, or choose another group',
      `chgrp failed: failed to look up group ${group}`,
    );
  if (noDirectory && isAtLink)
    return refuse(
      `the link ${dest} leads to no place for a file`,
      'create the directory first, or choose follow: false',
    );
  if (noDirectory)
    return refuse(
      `the directory ${directoryOf(dest)} does not exist`,
      'create it first, or choose another dest',
      `Destination directory ${directoryOf(dest)} does not exist`,
    );
  if (isMounted)
    return refuse(
      `a file is mounted at ${dest}, which cannot be replaced`,
      `find out with findmnt ${dest} which file it is, and write that one`,
    );
  if (!unwritable) return undefined;
  if (!unwritable.isRoot) return refuse(`${unwritable.path} is not writable as ${unwritable.user}`, BECOME_ROOT);
  return refuse(
    `${unwritable.path} cannot be written even by root: it is immutable, or its file system is read-only`,
    'find out with lsattr -d and findmnt -T; fix it with chattr -i, or mount -o remount,rw',
  );
}
