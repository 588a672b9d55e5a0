import { directoryOf } from '../../core/host-path.ts';
import type { Change, StepCall, StepPlan } from '../../core/plan.ts';
import { hereDocument, joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import { defineStep, type PlanContext, type Step, StepFailure, type WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { backupPlace } from '../../facts/backup-place.ts';
import { type Backup, backups } from '../../facts/backups.ts';
import { homeKubeconfigs } from '../../facts/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../facts/kubernetes-files.ts';
import { system } from '../../facts/system.ts';
import { type BackupFile, formatManifest } from '../../kubeadm/backup-manifest.ts';
import type { FileState, KubeadmHost } from '../../kubeadm/model.ts';
import { type BackupItem, backupItems, isNothing, notBackedUp, pendingOf } from '../../kubeadm/pending.ts';
import { asideFiles } from '../../kubeadm/transition.ts';
import { exposedRefusal, newestWhole } from '../gates/backup-gate.ts';
import { hostRefusal, putBackRefusal } from '../gates/host-gate.ts';
import { seesAll } from '../gates/sees-all.ts';
import { byDirectory, INTO } from '../placing/by-directory.ts';
import { placeFunctions } from '../placing/place-functions.ts';
import { installationOf, SIGNED, type SignedParams } from './installation.ts';
import { certificateFacts, certificateView, SHARED, type SharedParams } from './parameters.ts';
import { chosenBackup, differingFiles, statesOf } from './restored-backup.ts';

const schema = {
  type: 'object',
  properties: {
    to: {
      ...SHARED.backup_to,
      description: 'directory on the host below which each backup gets a directory of its own',
    },
    keep: { type: 'integer', minimum: 1, default: 5, description: 'how many backups to keep, this one included' },
    renew_before: SHARED.renew_before,
    extra_sans: SHARED.extra_sans,
    users: SHARED.users,
    certificates: {
      ...SIGNED.certificates,
      description: 'certificates that certs.install is to install: what they replace is saved, whether due or not',
    },
    restoring: {
      type: 'string',
      minLength: 1,
      description:
        'the backup that certs.restore is to put back, by its id or as latest: what it replaces is saved, whether due or not, ' +
        'and no backup is removed',
    },
  },
  additionalProperties: false,
} as const;

interface Params extends Omit<SharedParams, 'backup_to'> {
  readonly to: string;
  readonly keep: number;
  readonly certificates?: SignedParams['certificates'];
  readonly restoring?: string;
}

const shared = (params: Params): SharedParams => ({ ...params, backup_to: params.to });

const step: Step<Params> = {
  name: 'certs.backup',
  summary: 'save every file that the renewal may change, and read it back',
  details:
    'Copies leaf certificates and keys, kubeconfigs, the kubelet’s client certificate, static pod manifests and the users’ ' +
    'own kubeconfigs into a private directory of the host, with owner, mode and SELinux label, and compares digests before ' +
    'anything is changed. CA keys and sa.key are never changed and so not copied. Nothing is done when nothing is due, or ' +
    'when an earlier, interrupted run has saved it already. Before certs.restore, with restoring, what that replaces is saved.',
  schema,
  examples: [{ title: 'Keep ten backups', task: 'certs.backup: { to: /var/backups/kplay, keep: 10 }' }],
  foreseesAll: true,
  needs(params, known) {
    const kept = known.has(backups(params.to)) ? restoredBackup(params, known) : undefined;
    const states = kept ? [statesOf(kept)] : [];
    return [...certificateFacts(shared(params)), backupPlace(params.to), system, ...states];
  },
  plan(params, world, context) {
    if (params.restoring !== undefined) return planBeforeRestoring(params, world, context);
    const view = certificateView(shared(params), world, context);
    const pending = params.certificates
      ? installationOf({ ...params, certificates: params.certificates, from: '' }, context.host.name, world).pending
      : pendingOf(view.host, view.homes, view.rule);
    const newest = newestWhole(view.backups);
    if (isNothing(pending))
      return {
        action: 'none',
        reason: `nothing is ${params.certificates ? 'to be installed' : 'due'}, so there is nothing to save`,
      };
    // Under `all` a run tells what it has made from what it has not by its own backup.
    const isOfUse = !view.rule.renewBefore.all || newest?.id === context.runId;
    if (newest && isOfUse && notBackedUp(pending, view.host, newest.files).length === 0) {
      return {
        action: 'none',
        reason: `backup ${newest.id} holds all that will change`,
        result: { id: newest.id },
        undo: undoOf(params, newest.id),
      };
    }
    const refusal = hostRefusal(world, context);
    if (refusal) return refusal;
    if (world.get(backupPlace(params.to)) === 'exposed') return exposedRefusal(params.to);
    const items = itemsIn(world, params);
    const backup = plannedBackup(params, items, context);
    const obsolete = view.backups.filter(({ exposed }) => !exposed).slice(Math.max(0, params.keep - 1));
    return {
      action: 'change',
      changes: [creation(backup, items), ...obsolete.map(removal)],
      after: world
        .set(backups(params.to), [backup, ...view.backups.filter((kept) => !obsolete.includes(kept))])
        .set(backupPlace(params.to), 'private'),
      result: { id: backup.id },
      undo: undoOf(params, backup.id),
    };
  },
  async apply(context, params, { world, changes }) {
    await save(context, params, world);
    const obsolete = changes.filter(({ kind }) => kind === 'remove').map(({ target }) => target);
    if (obsolete.length > 0) await context.run(sh`for d in ${obsolete}; do rm -rf "$R$d"; done`);
    return { result: { id: context.runId }, evidence: { backup: context.runId, directory: params.to } };
  },
};

export const certsBackup = defineStep(seesAll(step));

/** Taking it back: the files, then the processes that have read the new ones. */
function undoOf(params: Params, id: string): readonly StepCall[] {
  return [
    // What a run has failed to better is put back as it was, whatever that was.
    { step: 'certs.restore', params: { backup: id, backup_to: params.to, even_expired: true } },
    { step: 'control_plane.restart', params: {} },
  ];
}

/** What a rollback replaces is saved as what a renewal replaces is: a rollback that fails is taken back by it. */
function planBeforeRestoring(params: Params, world: World, context: PlanContext): StepPlan {
  const restored = restoredBackup(params, world);
  if (!restored) return { action: 'none', reason: 'there is no whole backup to put back, so there is nothing to save' };
  const own = world.get(backups(params.to)).find(({ id }) => id === context.runId);
  if (own) return { action: 'none', reason: `backup ${own.id} holds what is replaced`, undo: undoOf(params, own.id) };
  const isAside = asideFiles(world.get(kubernetesFiles)).length > 0;
  if (!isAside && differingFiles(world, restored).length === 0)
    return { action: 'none', reason: `everything is as in backup ${restored.id}, so there is nothing to save` };
  const refusal = putBackRefusal(world, context);
  if (refusal) return refusal;
  if (world.get(backupPlace(params.to)) === 'exposed') return exposedRefusal(params.to);
  const items = itemsIn(world, params);
  const backup = { ...plannedBackup(params, items, context), replacedBy: restored.id };
  return {
    action: 'change',
    changes: [creation(backup, items)],
    after: world
      .set(backups(params.to), [backup, ...world.get(backups(params.to))])
      .set(backupPlace(params.to), 'private'),
    result: { id: backup.id },
    undo: undoOf(params, backup.id),
  };
}

/** What certs.restore is to put back, where it can. */
function restoredBackup({ to, restoring }: Params, world: World): Backup | undefined {
  const backup = restoring === undefined ? undefined : chosenBackup(world, to, restoring);
  return backup && backup.damaged.length === 0 && !backup.exposed ? backup : undefined;
}

/** What the steps may change, and what is now in the places of the backup that is to be put back. */
function itemsIn(world: World, params: Params): readonly BackupItem[] {
  const items = backupItems(world.get(kubernetesFiles), world.get(homeKubeconfigs(params.users)));
  const restored = restoredBackup(params, world);
  if (!restored) return items;
  const paths = new Set(items.map(({ file }) => file.path));
  const others = [...world.get(statesOf(restored)).values()].filter(
    // A user's kubeconfig that is a link is left alone: what it leads to may be anything.
    ({ path, link }) => !paths.has(path) && !(path.endsWith('/.kube/config') && link !== undefined),
  );
  return [...items, ...others.map((file) => ({ file, source: file.path }))];
}

function plannedBackup(params: Params, items: readonly BackupItem[], context: PlanContext): Backup {
  return {
    id: context.runId,
    host: context.host.name,
    createdAt: context.now.toISOString(),
    directory: `${params.to}/${context.runId}`,
    files: items.map(({ file }) => backupFile(file)),
    damaged: [],
  };
}

function backupFile({ path, sha256, mode, uid, gid, label, link }: FileState): BackupFile {
  return { path, sha256, mode, uid, gid, ...(label !== undefined && { label }), ...(link !== undefined && { link }) };
}

function creation(backup: Backup, items: readonly BackupItem[]): Change {
  const kilobytes = Math.ceil(items.reduce((sum, { file }) => sum + file.size, 0) / 1000);
  return {
    kind: 'create',
    target: backup.directory,
    before: null,
    after: { files: items.length },
    summary: `${items.length} files, ${kilobytes} kB`,
    details: items.map(({ file }) => file.path),
    disruptive: false,
  };
}

function removal({ directory, createdAt }: Backup): Change {
  return {
    kind: 'remove',
    target: directory,
    before: { created: createdAt },
    after: null,
    summary: 'old backup',
    disruptive: false,
  };
}

/** What a user may exchange at any moment for a link, a pipe or a device is taken hold of first. */
function copyHome({ path, sha256, uid }: FileState): ShellScript {
  return sh`hold ${path} ${sha256} ${uid}
mkdir -p "$p/files"${directoryOf(path)}
cp -p ./.kplay-held "$p/files"${path}
leave`;
}

/**
 * What kubelet replaces at a time of its own, whenever its certificate has come of age: a file with the time in its name, and a
 * link to the newest (Kubernetes' certificate_store.go). It is saved as it is when its turn comes, and how it was then is told.
 */
function rotating({ credentials }: KubeadmHost): ReadonlySet<string> {
  const files = credentials.filter(({ kind }) => kind === 'kubelet').flatMap((credential) => credential.files);
  return new Set(files.filter(({ link }) => link !== undefined).map(({ path }) => path));
}

/** Again when it was replaced in between. */
function copyRotating(path: string): ShellScript {
  return sh`mkdir -p "$p/files"${directoryOf(path)}
for attempt in 1 2 3; do
  link=$(readlink "$R"${path})
  cp -p "$R"${path} "$p/files"${path}
  [ "$(readlink "$R"${path})" != "$link" ] || break
  link=
done
[ "$link" ] || { told ${`${path} was replaced again and again while it was copied`}; exit 1; }
echo "link \${link#"$R"} "${path}`;
}

/** Copies first, compares what was copied with what was planned, and only then gives the backup its name. */
async function save(context: WriteContext, params: Params, world: World): Promise<void> {
  const { to } = params;
  const items = itemsIn(world, params);
  const host = world.get(kubernetesFiles);
  const kubelets = rotating(host);
  const isKubelets = ({ file }: BackupItem): boolean => kubelets.has(file.path);
  const isHome = ({ file }: BackupItem): boolean => file.path.endsWith('/.kube/config');
  const directory = `${to}/${context.runId}`;
  const own = items.filter((item) => !isHome(item) && !isKubelets(item));
  const copies = [
    ...[...byDirectory(own, ({ file }) => file.path)].map(
      ([place, all]) => sh`into "$p/files"${place} cp -p ${all.map(({ source }) => source)}`,
    ),
    ...items.filter(isHome).map(({ file }) => copyHome(file)),
    ...items.filter(isKubelets).map(({ file }) => copyRotating(file.path)),
  ];
  const { stdout } = await context.run(sh`set -eu
p="$R"${directory}.partial
${placeFunctions(host.untouchable)}
enter ${to} make
exclusive . || { told ${`others than root can write ${to}`}; exit 1; }
# Of an earlier run that was cut off: whoever has the host to itself may remove it.
rm -rf "$R"${to}/*.partial
trap 'rm -rf "$p"' EXIT
mkdir "$p" "$p/files"
${INTO}
${joinScripts(copies)}
chmod -R go-rwx "$p"
cd "$p/files"
find . -type f -exec sha256sum {} +
trap - EXIT
`);
  const saved = savedFiles(items, kubelets, stdout);
  const different = saved.filter(({ copy, file }) => copy !== file.sha256).map(({ file }) => file.path);
  if (different.length > 0) {
    throw new StepFailure(
      `the backup does not read back as ${different.join(', ')}`,
      [],
      'the file changed while it was copied, or the disk is at fault: look at dmesg, then run again',
    );
  }
  const replacedBy = restoredBackup(params, world)?.id;
  const manifest = formatManifest({
    id: context.runId,
    host: context.host,
    createdAt: context.now().toISOString(),
    ...(replacedBy !== undefined && { replacedBy }),
    files: saved.map(({ file }) => backupFile(file)),
  });
  await context.run(sh`set -eu
p="$R"${directory}.partial
trap 'rm -rf "$p"' EXIT
${hereDocument(sh`cat >"$p/manifest"`, manifest)}
sync -f "$p" 2>/dev/null || sync
mv "$p" "$R"${directory}
trap - EXIT
`);
}

/** A file as it is in the backup, and the digest of the copy; undefined when there is none. */
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
