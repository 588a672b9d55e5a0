import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from '../core/system-error.ts';
import { PODS_DIRECTORY } from './pod.ts';

/** A path of a host at one point in time. */
export interface SnapshotEntry {
  readonly type: 'file' | 'directory' | 'link';
  /** Octal, four digits. */
  readonly mode: string;
  readonly owner: string;
  /** Nanoseconds since 1970. */
  readonly modifiedAt: bigint;
  readonly size: number;
  /** For files. */
  readonly sha256?: string;
  /** The target of a link. */
  readonly target?: string;
}

export type Snapshot = ReadonlyMap<string, SnapshotEntry>;

/** Changes by itself, as processes come and go. */
const LEFT_OUT = new Set(['/proc', PODS_DIRECTORY]);

/**
 * Everything below a directory that stands for `/`, by the paths of the host; without processes, kubelet's pods and sockets.
 * The host is live: paths that vanish meanwhile are left out.
 */
export function snapshotOf(root: string): Snapshot {
  const entries = new Map<string, SnapshotEntry>();
  const walk = (path: string): void => {
    if (LEFT_OUT.has(path)) return;
    const entry = unlessGone(() => entryOf(join(root, path)));
    if (!entry) return;
    entries.set(path === '' ? '/' : path, entry);
    const names = entry.type === 'directory' ? unlessGone(() => readdirSync(join(root, path))) : undefined;
    for (const name of names?.sort() ?? []) walk(`${path}/${name}`);
  };
  walk('');
  return entries;
}

/** The paths that differ between two snapshots, with the differences: `created`, `removed`, `content`, `mode`, `time` … */
export function snapshotDifference(before: Snapshot, after: Snapshot): ReadonlyMap<string, readonly string[]> {
  const differences = new Map<string, readonly string[]>();
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const found = differencesOf(before.get(path), after.get(path));
    if (found.length > 0) differences.set(path, found);
  }
  return differences;
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function entryOf(place: string): SnapshotEntry | undefined {
  const { mode, mtimeNs, uid, gid, size } = lstatSync(place, { bigint: true });
  const type = typeOf(Number(mode));
  if (!type) return undefined;
  return {
    type,
    mode: (Number(mode) & 0o7777).toString(8).padStart(4, '0'),
    owner: `${uid}:${gid}`,
    modifiedAt: mtimeNs,
    size: type === 'directory' ? 0 : Number(size),
    ...(type === 'file' && { sha256: createHash('sha256').update(readFileSync(place)).digest('hex') }),
    ...(type === 'link' && { target: readlinkSync(place) }),
  };
}

function differencesOf(before: SnapshotEntry | undefined, after: SnapshotEntry | undefined): readonly string[] {
  if (!before) return ['created'];
  if (!after) return ['removed'];
  return [
    ...(before.type === after.type ? [] : ['type']),
    ...(before.sha256 === after.sha256 && before.target === after.target ? [] : ['content']),
    ...(before.mode === after.mode ? [] : ['mode']),
    ...(before.owner === after.owner ? [] : ['owner']),
    ...(before.modifiedAt === after.modifiedAt ? [] : ['time']),
  ];
}

/** Bits of st_mode (inode(7)). */
const KINDS = new Map<number, SnapshotEntry['type']>([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
]);

function typeOf(mode: number): SnapshotEntry['type'] | undefined {
  return KINDS.get(mode & 0o170000);
}
