import type { PlanWarning } from '../../core/plan.ts';
import type { FileState, KubeadmHost } from '../../kubeadm/host/model.ts';

/** Bits of a file mode. */
const READ_BY_ALL = 0o004;
const WRITTEN_BY_OTHERS = 0o022;

/** Warns about certificate files and directories that other users can read or write, and should not. */
export function modeWarnings(host: KubeadmHost): readonly PlanWarning[] {
  const { credentials, authorities, serviceAccountFiles, directories } = host;
  const keys = new Set([
    ...credentials.map(({ keyPath }) => keyPath),
    ...authorities.map(({ keyPath }) => keyPath),
    ...serviceAccountFiles.map(({ path }) => path).filter((path) => path.endsWith('.key')),
  ]);
  const files = [
    ...credentials.flatMap((credential) => credential.files),
    ...authorities.flatMap((authority) => authority.files),
    ...serviceAccountFiles,
  ];
  const unique = [...new Map(files.map((file) => [file.path, file])).values()];
  return [
    ...directories.flatMap((directory) => writable(directory, 'other users can replace the files in it')),
    ...unique.flatMap((file) => [
      ...(keys.has(file.path) ? readable(file) : []),
      ...writable(file, 'other users can change its contents'),
    ]),
  ];
}

function readable({ path, mode }: FileState): readonly PlanWarning[] {
  if (!(Number.parseInt(mode, 8) & READ_BY_ALL)) return [];
  return [
    {
      message: `${path} has mode ${mode}: everybody on the host can read the private key`,
      remedy: `chmod 600 ${path}`,
    },
  ];
}

function writable({ path, mode }: FileState, what: string): readonly PlanWarning[] {
  if (!(Number.parseInt(mode, 8) & WRITTEN_BY_OTHERS)) return [];
  return [{ message: `${path} has mode ${mode}: ${what}`, remedy: `chmod go-w ${path}` }];
}
