import { closeSync, lstatSync, openSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMissing, systemErrorCode } from '../../core/system-error.ts';

/**
 * Links and pipes in a directory that everybody may write to are used only if they are ours, or of the directory's owner: any user may
 * have left one in `/tmp`, to a file of ours. It is the kernel's rule (protected_symlinks), which does not apply to a rename.
 * @returns why a path is not written to, in a clause; undefined: it may be
 */
export function whyNotFollowed(path: string): string | undefined {
  for (let at = path, links = 0; links < MAX_LINKS; links += 1) {
    const status = lstatSync(at, { throwIfNoEntry: false });
    if (status === undefined || status.isFile() || status.isDirectory()) return undefined;
    const { mode, uid } = statSync(dirname(at));
    if ((mode & 0o002) !== 0 && ![process.geteuid?.(), uid].includes(status.uid))
      return `it is a ${status.isSymbolicLink() ? 'link' : 'pipe'} that another user has made`;
    if (!status.isSymbolicLink()) return undefined;
    at = resolve(realpathSync(dirname(at)), readlinkSync(at));
  }
  return undefined;
}

/** As in Linux: more is a loop, which is an error when it is followed. */
const MAX_LINKS = 40;

/** The same of a file that other programs read: it is replaced if it is ours, and by root if it is a regular file. */
export function whyNotShared(path: string): string | undefined {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined || status.isDirectory()) return undefined;
  if (status.isSymbolicLink()) return 'it is a link';
  if (!status.isFile()) return 'it is not a regular file';
  const uid = process.geteuid?.() ?? 0;
  return uid === 0 || status.uid === uid ? undefined : 'it belongs to another user';
}

/** The same of a regular file without links in its path: a rename over it would fail, although its directory may be writable. */
export function whyNotReplaced(target: string): string | undefined {
  const status = statSync(target, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  const directory = statSync(dirname(target));
  const uid = process.geteuid?.() ?? 0;
  const isKept = (directory.mode & 0o1000) !== 0 && ![0, status.uid, directory.uid].includes(uid);
  if (isKept) return 'it belongs to another user, and in its directory only its owner may replace it (sticky bit)';
  try {
    closeSync(openSync(target, 'r+'));
  } catch (error) {
    const code = systemErrorCode(error);
    // Its directory is writable.
    if (code === 'EROFS') return 'it is a mount point itself, and mounted read-only';
    // What is a mount point is overwritten.
    if (code === 'EACCES' && isMountPoint(target)) return 'it is a mount point itself, and you may not write to it';
    // Its mode and what runs it (EACCES, ETXTBSY) keep nobody from replacing any other.
    if (code === 'EPERM') return 'it is immutable, or may only be appended to (see lsattr)';
  }
  return undefined;
}

/** As far as the system tells: Linux does. */
function isMountPoint(path: string): boolean {
  try {
    const asListed = realpathSync(path).replace(
      /[ \t\n\\]/g,
      (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return mounts.some((mount) => mount.split(' ')[4] === asListed);
  } catch {
    return false;
  }
}

/**
 * The path without links. A link is kept and its target replaced, or made if it does not exist yet. A pipe such as `/dev/fd/3` has no other
 * name.
 */
export function targetOf(path: string): string {
  try {
    return statSync(path).isFile() ? realpathSync(path) : path;
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
    return targetOf(resolve(realpathSync(dirname(path)), readlinkSync(path)));
  }
}

/** Pipes and devices cannot be replaced. @throws for a directory, with the code EISDIR */
export function isInPlace(target: string): boolean {
  const status = statSync(target, { throwIfNoEntry: false });
  if (status?.isDirectory()) throw Object.assign(new Error(`${target} is a directory`), { code: 'EISDIR' });
  return status !== undefined && !status.isFile();
}
