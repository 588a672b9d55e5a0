import { posix } from 'node:path';
import { count } from '../../core/count.ts';
import type { PlanWarning } from '../../core/plan.ts';
import { quoteWord } from '../../core/shell.ts';
import type { FileState, KubeadmHost } from '../../kubeadm/host/model.ts';
import { KUBERNETES_DIRECTORY } from '../../kubeadm/table.ts';

/** Bits of a file mode. */
const READ_BY_ALL = 0o004;
const WRITTEN_BY_OTHERS = 0o022;

/** Lower user ids are for programs, such as those that kubeadm (RootlessControlPlane) and kubespray create; nobody logs in as them. */
const FIRST_LOGIN_UID = 1000;

/** A command names so many paths one by one. */
const MAX_NAMED = 3;

/**
 * Warns about files and directories of certificates and manifests that other users can read or write, and should not.
 * `sessionUid`: the user id of the session; it counts as root if `/etc/kubernetes` belongs to it.
 */
export function accessWarnings(host: KubeadmHost, sessionUid: number): readonly PlanWarning[] {
  const { credentials, authorities, serviceAccountFiles, staticPods, otherManifests, kubelet, directories } = host;
  const keys = new Set([
    ...credentials.map(({ keyPath }) => keyPath),
    ...authorities.map(({ keyPath }) => keyPath),
    ...serviceAccountFiles.map(({ path }) => path).filter((path) => path.endsWith('.key')),
  ]);
  const files = unique([
    ...credentials.flatMap((credential) => credential.files),
    ...authorities.flatMap((authority) => authority.files),
    ...serviceAccountFiles,
    ...staticPods.map(({ file }) => file),
    ...otherManifests,
    ...(kubelet.file ? [kubelet.file] : []),
  ]);
  return [
    ...directories.flatMap((directory) => writable(directory, 'other users can replace the files in it')),
    ...files.flatMap((file) => [
      ...(keys.has(file.path) ? readable(file) : []),
      ...writable(file, 'other users can change its contents'),
    ]),
    ...ownerWarnings(host, unique([...directories, ...files]), sessionUid),
  ];
}

function unique(files: readonly FileState[]): readonly FileState[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

function readable({ path, mode, size }: FileState): readonly PlanWarning[] {
  if (size === 0 || !(Number.parseInt(mode, 8) & READ_BY_ALL)) return [];
  return [
    {
      message: `${path} has mode ${mode}: everybody on the host can read the private key`,
      remedy: `chmod 600 ${quoteWord(path)}`,
    },
  ];
}

function writable({ path, mode }: FileState, what: string): readonly PlanWarning[] {
  if (!(Number.parseInt(mode, 8) & WRITTEN_BY_OTHERS)) return [];
  return [{ message: `${path} has mode ${mode}: ${what}`, remedy: `chmod go-w ${quoteWord(path)}` }];
}

/** One warning for each user who owns any of them and is neither root nor the user of a static pod. */
function ownerWarnings(
  { staticPods, directories }: KubeadmHost,
  files: readonly FileState[],
  sessionUid: number,
): readonly PlanWarning[] {
  const isSessions = directories.some(({ path, uid }) => path === KUBERNETES_DIRECTORY && uid === sessionUid);
  const expected = new Set([...staticPods.map(({ runsAs }) => runsAs), ...(isSessions ? [sessionUid] : [])]);
  const strange = files.filter(({ uid }) => uid >= FIRST_LOGIN_UID && !expected.has(uid));
  return [...new Set(strange.map(({ uid }) => uid))].map((uid) =>
    ownerWarning(
      uid,
      strange.filter((file) => file.uid === uid).map(({ path }) => path),
    ),
  );
}

function ownerWarning(uid: number, paths: readonly string[]): PlanWarning {
  const [first = ''] = paths;
  const more = paths.length - 1;
  const text = more === 0 ? `${first} belongs` : `${first} and ${count(more, 'other path', 'other paths')} belong`;
  return {
    message: `${text} to user ${uid}, who can read and change ${more === 0 ? 'it' : 'them'}`,
    remedy:
      paths.length <= MAX_NAMED
        ? `chown root:root ${paths.map(quoteWord).join(' ')}`
        : `find ${rootsOf(paths).map(quoteWord).join(' ')} -uid ${uid} -exec chown -h root:root {} +`,
  };
}

/** The directories below which all of these paths are. */
function rootsOf(paths: readonly string[]): readonly string[] {
  const roots = paths.map((path) =>
    `${path}/`.startsWith(`${KUBERNETES_DIRECTORY}/`) ? KUBERNETES_DIRECTORY : posix.dirname(path),
  );
  return [...new Set(roots)];
}
