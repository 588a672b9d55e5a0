import type { Holding } from './host/model.ts';

/** A file in a backup, in its state on the host. */
export interface BackupFile {
  readonly path: string;
  readonly sha256: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** SELinux context. */
  readonly label?: string;
  /** Target of the symbolic link at `path`; the content is then the target's. */
  readonly link?: string;
}

/** What a backup's file contains of a leaf: its certificate, the public half of its key, or both. */
export interface SavedLeaf {
  readonly holding: Holding;
  readonly publicHalf: string | undefined;
}

export interface BackupManifest {
  /** Also the name of its directory: `20261124T151244Z-3f9c`. */
  readonly id: string;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly files: readonly BackupFile[];
  /** It was made when this backup was restored, of what the restore replaced. */
  readonly replacedBy?: string;
  /** Paths that did not exist when it was made: whatever exists there on a restore is newer, and is removed. */
  readonly absent?: readonly string[];
}

const HEAD = 'kplay-backup 1';

/** The text of a manifest. Its last line counts the previous ones, so that a truncated file is detected. */
export function formatManifest(manifest: BackupManifest): string {
  const lines = [
    HEAD,
    `id ${manifest.id}`,
    `host ${manifest.host}`,
    `created ${manifest.createdAt}`,
    ...(manifest.replacedBy === undefined ? [] : [`replaced-by ${manifest.replacedBy}`]),
    ...(manifest.absent ?? []).map((path) => `absent\t${path}`),
    ...manifest.files.map((file) =>
      ['file', file.sha256, file.mode, file.uid, file.gid, file.label ?? '-', file.link ?? '-', file.path].join('\t'),
    ),
  ];
  return `${lines.join('\n')}\nend ${lines.length}\n`;
}

/** @returns undefined for a text that is not a complete manifest */
export function parseManifest(text: string): BackupManifest | undefined {
  const lines = text.replace(/\n$/, '').split('\n');
  const end = lines.pop();
  if (lines[0] !== HEAD || end !== `end ${lines.length}`) return undefined;
  const files = lines
    .filter((line) => line.startsWith('file\t'))
    .map((line): BackupFile => {
      const [, sha256 = '', mode = '', uid, gid, label, link, ...path] = line.split('\t');
      return {
        path: path.join('\t'),
        sha256,
        mode,
        uid: Number(uid),
        gid: Number(gid),
        ...(label !== '-' && label !== undefined && { label }),
        ...(link !== '-' && link !== undefined && { link }),
      };
    });
  const absent = lines.filter((line) => line.startsWith('absent\t')).map((line) => line.slice('absent\t'.length));
  return { ...headOf(lines), files, ...(absent.length > 0 && { absent }) };
}

/** @returns what the first lines of a manifest say, without files; undefined for a text that does not begin as a manifest */
export function parseManifestHead(text: string): BackupManifest | undefined {
  const lines = text.split('\n');
  return lines[0] === HEAD ? { ...headOf(lines), files: [] } : undefined;
}

function headOf(lines: readonly string[]): Omit<BackupManifest, 'files' | 'absent'> {
  const value = (key: string): string => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? '';
  const replacedBy = value('replaced-by');
  return {
    id: value('id'),
    host: value('host'),
    createdAt: value('created'),
    ...(replacedBy !== '' && { replacedBy }),
  };
}
