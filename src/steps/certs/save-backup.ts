import { directoryOf } from '../../core/host-path.ts';
import { UnreachableError } from '../../core/session.ts';
import { hereDocument, joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { backupPlace } from '../../facts/backups/backup-place.ts';
import { type Backup, backups } from '../../facts/backups/backups.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type BackupFile, formatManifest } from '../../kubeadm/backup-manifest.ts';
import type { BackupItem } from '../../kubeadm/certificates/pending.ts';
import type { FileState, KubeadmHost } from '../../kubeadm/host/model.ts';
import { byDirectory, INTO } from '../placing/by-directory.ts';
import { FLUSH, placeFunctions } from '../placing/place-functions.ts';

/** What has to be saved, and where. */
interface BackupOrder {
  readonly id: string;
  /** The directory that contains the backups. */
  readonly to: string;
  readonly items: readonly BackupItem[];
  readonly world: World;
  /** The backup whose files will replace these. */
  readonly replacedBy: string | undefined;
  /** Empty places that files of that backup will fill. */
  readonly absent: readonly string[];
}

/** A file as recorded in the manifest of a backup. */
export function backupFile({ path, sha256, mode, uid, gid, label, link }: FileState): BackupFile {
  return { path, sha256, mode, uid, gid, ...(label !== undefined && { label }), ...(link !== undefined && { link }) };
}

/** A user may replace the file at any moment with a link, a pipe or a device, so it gets a second name first. */
function copyHome({ path, sha256, uid }: FileState): ShellScript {
  return sh`hold ${path} ${sha256} ${uid}
mkdir -p "$p/files"${directoryOf(path)} && cp -p ./.kplay-held "$p/files"${path} || { leave; exit 1; }
leave`;
}

/**
 * Files that kubelet rotates on its own when its certificate is due: a file with the time in its name, and a link to the newest
 * (Kubernetes' certificate_store.go). They are saved as they are at that moment, and that state is recorded.
 */
function rotating({ credentials, kubelet: { store } }: KubeadmHost): ReadonlySet<string> {
  const own = credentials.filter(({ kind }) => kind === 'kubelet').flatMap((credential) => credential.files);
  const files = store ? [...own, store] : own;
  return new Set(files.filter(({ link }) => link !== undefined).map(({ path }) => path));
}

/** Copies again if it was replaced in the meantime. */
function copyRotating(path: string): ShellScript {
  return sh`mkdir -p "$p/files"${directoryOf(path)}
for attempt in 1 2 3; do
  link=$(readlink "$R"${path}) || { error ${`${path} is not a link any more: it was replaced while it was copied`}; exit 1; }
  cp -p "$R"${path} "$p/files"${path}
  [ "$(readlink "$R"${path} || :)" != "$link" ] || break
  link=
done
[ "$link" ] || { error ${`${path} was replaced repeatedly while it was copied`}; exit 1; }
echo "link \${link#"$R"} "${path}`;
}

/** Copies first, compares the copies with the plan, and only then gives the backup its name. A failure says whether anything is left. */
export async function saveBackup(context: WriteContext, order: BackupOrder): Promise<void> {
  try {
    await copyAndName(context, order);
  } catch (error) {
    if (!(error instanceof StepFailure) || !(await isGone(context, order).catch(notIfLost))) throw error;
    const { code, message, details, remedy } = error;
    throw new StepFailure(code, message, { details, remedy, hasChangedNothing: true });
  }
}

/** If the connection ends meanwhile, the failure is still what there is to tell, and what is left is not known. */
function notIfLost(error: unknown): false {
  if (error instanceof UnreachableError) return false;
  throw error;
}

/** Whether nothing of a backup that failed is there. The directory for all backups counts, if it was made for this one. */
async function isGone(context: WriteContext, { id, to, world }: BackupOrder): Promise<boolean> {
  const isFirst = world.get(backupPlace(to)) === 'absent';
  const { exitCode } = await context.run(
    sh`d="$R"${to}/${id}
[ ! -e "$d.partial" ] && [ ! -e "$d" ] && { ${isFirst ? sh`[ ! -e "$R"${to} ]` : sh`:`}; }
`,
    { mayFail: true },
  );
  return exitCode === 0;
}

async function copyAndName(context: WriteContext, order: BackupOrder): Promise<void> {
  const { id, to, world, replacedBy, absent } = order;
  const directory = `${to}/${id}`;
  const { saved, missing } = await copyFiles(context, order);
  const removal = sh`missing=${missing}
${unmaking(to)}
remove() { rm -rf "$R"${directory}.partial; unmake; }
`;
  const different = saved.filter(({ copy, file }) => copy !== file.sha256).map(({ file }) => file.path);
  if (different.length > 0) {
    await context.run(sh`${removal}remove`, { mayFail: true });
    throw new StepFailure('backup-differs', `the backup does not read back as ${different.join(', ')}`, {
      remedy: 'the file changed while it was copied, or the disk is at fault: look at dmesg, then run again',
    });
  }
  const manifest = formatManifest({
    id,
    host: context.host,
    createdAt: timeAfter(world.get(backups(to)), context.now()).toISOString(),
    ...(replacedBy !== undefined && { replacedBy }),
    ...(absent.length > 0 && { absent }),
    files: saved.map(({ file }) => backupFile(file)),
  });
  await context.run(sh`set -eu
p="$R"${directory}.partial
${removal}trap remove EXIT
${hereDocument(sh`cat >"$p/manifest"`, manifest)}
sync -f "$p" 2>/dev/null || sync
mv "$p" "$R"${directory}
trap - EXIT
${FLUSH}
flush "$R"${to}
`);
}

/** Copies the files to a directory that does not have the name of the backup yet. If it fails, it removes what it has made. */
async function copyFiles(context: WriteContext, { id, to, items, world }: BackupOrder): Promise<Copied> {
  const host = world.get(kubernetesFiles);
  const rotatingPaths = rotating(host);
  const directory = `${to}/${id}`;
  const { stdout } = await context.run(sh`set -eu
p="$R"${directory}.partial
${placeFunctions(host.untouchable)}
missing=0 up=${to}
while [ -n "$up" ] && [ ! -e "$R$up" ]; do missing=$((missing + 1)) up=\${up%/*}; done
${unmaking(to)}
trap unmake EXIT
enter ${to} make
exclusive . || { error ${`users other than root can write to ${to}`}; exit 1; }
[ ! -e "$R"${directory} ] && [ ! -L "$R"${directory} ] || { error ${`${directory} already exists and is not a backup: move it away, then run again`}; exit 1; }
rm -rf "$p"
trap 'rm -rf "$p"; unmake' EXIT
mkdir "$p" "$p/files"
${INTO}
${joinScripts(copies(items, rotatingPaths))}
chmod -R go-rwx "$p"
cd "$p/files"
find . -type f -exec sha256sum {} +
echo "missing $missing"
trap - EXIT
`);
  const missing = Number(/^missing (\d+)$/m.exec(stdout)?.[1] ?? 0);
  return { saved: savedFiles(items, rotatingPaths, stdout), missing };
}

/** What has been copied. */
interface Copied {
  readonly saved: readonly SavedFile[];
  /** How many directories of the path for backups had to be made. */
  readonly missing: number;
}

function copies(items: readonly BackupItem[], rotatingPaths: ReadonlySet<string>): readonly ShellScript[] {
  const isRotating = ({ file }: BackupItem): boolean => rotatingPaths.has(file.path);
  const isHome = ({ file }: BackupItem): boolean => file.path.endsWith('/.kube/config');
  const own = items.filter((item) => !isHome(item) && !isRotating(item));
  return [
    ...[...byDirectory(own, ({ file }) => file.path)].map(
      ([place, all]) => sh`into "$p/files"${place} cp -p ${all.map(({ source }) => source)}`,
    ),
    ...items.filter(isHome).map(({ file }) => copyHome(file)),
    ...items.filter(isRotating).map(({ file }) => copyRotating(file.path)),
  ];
}

/** A shell function that removes the last `$missing` directories of the path for backups, as far as they have been made. */
function unmaking(to: string): ShellScript {
  return sh`unmake() {
  cd / && up="$R"${to}
  while [ "$missing" -gt 0 ]; do rmdir "$up" 2>/dev/null || :; missing=$((missing - 1)) up=\${up%/*}; done
  return 0
}`;
}

/**
 * Later than all backups there, whatever the clock did: the newest is what was made last. What others could have written tells no time.
 */
function timeAfter(others: readonly Backup[], now: Date): Date {
  const times = others.filter(({ exposed }) => !exposed).map(({ createdAt }) => Date.parse(createdAt) + 1);
  return new Date(Math.max(now.getTime(), ...times.filter(Number.isFinite)));
}

/** A file as in the backup, and the digest of its copy; undefined if there is none. */
interface SavedFile {
  readonly file: FileState;
  readonly copy: string | undefined;
}

function savedFiles(items: readonly BackupItem[], kubelets: ReadonlySet<string>, output: string): readonly SavedFile[] {
  const lines = output.split('\n');
  const digests = new Map(lines.map((line) => [line.slice(66).replace(/^\./, ''), line.slice(0, 64)]));
  const links = new Map(
    lines.flatMap((line) => {
      const [, target = '', path = ''] = /^link (\S+) (\S+)$/.exec(line) ?? [];
      return path === '' ? [] : [[path, target] as const];
    }),
  );
  return items.map(({ file }) => {
    const copy = digests.get(file.path);
    const link = links.get(file.path);
    const isTaken = kubelets.has(file.path) && copy !== undefined && link !== undefined;
    return { file: isTaken ? { ...file, sha256: copy, link } : file, copy };
  });
}
