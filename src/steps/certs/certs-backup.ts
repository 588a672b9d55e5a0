import { baseName } from '../../core/host-path.ts';
import type { StepCall, StepPlan } from '../../core/plan.ts';
import { defineStep, type PlanContext, type Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { backupPlace } from '../../facts/backups/backup-place.ts';
import { type Backup, backups, isWhole } from '../../facts/backups/backups.ts';
import { unfinishedBackups } from '../../facts/backups/unfinished-backups.ts';
import { homeKubeconfigs } from '../../facts/certificates/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import type { DueRule } from '../../kubeadm/certificates/due.ts';
import {
  type BackupItem,
  backupItems,
  isNothingPending,
  notBackedUp,
  type Pending,
  pendingLeaves,
  pendingOf,
  placesToEmpty,
} from '../../kubeadm/certificates/pending.ts';
import { asideFiles } from '../../kubeadm/certificates/transition.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { backupPlaceRefusal, isMadeBy, newestComplete } from '../gates/backup-gate.ts';
import { hostRefusal, restoreRefusal } from '../gates/host-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { creation, removal, unfinishedRemoval } from './backup-changes.ts';
import { installationOf, SIGNED, type SignedParams } from './installation.ts';
import { certificateFacts, certificateView, SHARED, type SharedParams } from './parameters.ts';
import { removeBackups } from './remove-backups.ts';
import { chosenBackup, differingFiles, isMidRollback, isSame, statesOf, surplusFiles } from './restored-backup.ts';
import { backupFile, saveBackup } from './save-backup.ts';

const schema = {
  type: 'object',
  properties: {
    to: {
      ...SHARED.backup_to,
      description:
        'directory on the host in which each backup gets its own directory, from / and without a slash at the end',
    },
    keep: { type: 'integer', minimum: 1, default: 5, description: 'how many backups to keep, including this one' },
    renew_before: SHARED.renew_before,
    extra_sans: SHARED.extra_sans,
    users: SHARED.users,
    certificates: {
      ...SIGNED.certificates,
      description:
        'certificates that certs.install will install: the files that they replace are saved, whether due or not',
    },
    restoring: {
      type: 'string',
      minLength: 1,
      description:
        'the backup that certs.restore will restore, by its id or as latest: the files that it replaces are saved, whether due or not, ' +
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
    'Copies leaf certificates and keys, kubeconfigs, the kubelet’s client certificate, static pod manifests and the ' +
    'users’ own kubeconfigs into a private directory of the host, with owner, mode and SELinux label, and compares ' +
    'digests before anything is changed. CA keys and sa.key are never changed, so they are not copied. Does nothing if ' +
    'nothing is due, or if an earlier backup contains everything as it is now. Together with old backups, it removes those ' +
    'that killed runs have left unfinished (ID.partial); one that cannot be removed is a warning. With restoring, before certs.restore, it ' +
    'saves the files that certs.restore will replace.',
  schema,
  examples: [{ title: 'Keep ten backups', task: 'certs.backup: { to: /var/backups/kplay, keep: 10 }' }],
  predictsAllFacts: true,
  needs(params, known) {
    const restored = known.has(backups(params.to)) ? restoredBackup(params, known) : undefined;
    const states = restored ? [statesOf(restored)] : [];
    return [
      ...certificateFacts(shared(params)),
      backupPlace(params.to),
      unfinishedBackups(params.to),
      system,
      ...states,
    ];
  },
  plan(params, world, context) {
    if (params.restoring !== undefined) return planBeforeRestoring(params, world, context);
    const view = certificateView(shared(params), world, context);
    const pending = pendingIn(params, world, context);
    const newest = newestComplete(view.backups);
    if (isNothingPending(pending))
      return {
        action: 'none',
        reason: `nothing is ${params.certificates ? 'to be installed' : 'due'}, so there is nothing to save`,
      };
    const items = itemsIn(world, params);
    if (newest && isReusable(newest, { host: view.host, pending, items, rule: view.rule, context })) {
      return {
        action: 'none',
        reason: `backup ${newest.id} contains everything that will change`,
        result: { id: newest.id },
        evidence: evidenceOf(newest.id, params),
        undo: undoOf(params, newest.id),
      };
    }
    const refusal = hostRefusal(world, context, pendingLeaves(pending)) ?? backupPlaceRefusal(world, params.to);
    if (refusal) return refusal;
    const backup = plannedBackup(params, items, world, context);
    const obsolete = view.backups
      .filter(({ exposed }) => !exposed)
      .slice(Math.max(0, params.keep - 1))
      .filter((old) => !isMadeBy(old, context.runId));
    // Its own, from before its connection was lost, goes with the new attempt, and was not there when the plan was shown.
    const unfinished = world
      .get(unfinishedBackups(params.to))
      .filter((path) => !isMadeBy({ id: baseName(path).replace(/[.]partial$/, '') }, context.runId));
    return {
      action: 'change',
      changes: [creation(backup, items), ...obsolete.map(removal), ...unfinished.map(unfinishedRemoval)],
      after: world
        .set(backups(params.to), [backup, ...view.backups.filter((old) => !obsolete.includes(old))])
        .set(backupPlace(params.to), 'private')
        .set(unfinishedBackups(params.to), []),
      result: { id: backup.id },
      undo: undoOf(params, backup.id),
    };
  },
  async apply(context, params, { world, changes, planContext }) {
    const restored = restoredBackup(params, world);
    const items = itemsIn(world, params);
    const id = freeId(params, world, context.runId);
    await saveBackup(context, {
      id,
      to: params.to,
      items,
      world,
      replacedBy: restored?.id,
      absent: absentIn(params, world, planContext, items),
    });
    const obsolete = changes.filter(({ kind }) => kind === 'remove').map(({ target }) => target);
    const warnings = obsolete.length > 0 ? await removeBackups(context, obsolete) : [];
    return { result: { id }, evidence: evidenceOf(id, params), warnings };
  },
};

export const certsBackup = defineStep(refuseWhenHidden(step));

/** The undo: restores the files, then restarts the processes that have read the new ones. */
function undoOf(params: Params, id: string): readonly StepCall[] {
  return [
    // After a failed run the old state is restored, even if it was expired.
    { step: 'certs.restore', params: { backup: id, backup_to: params.to, even_expired: true } },
    { step: 'control_plane.restart', params: {} },
  ];
}

/** What a rollback replaces is saved just as in a renewal: a failed rollback is undone with it. */
function planBeforeRestoring(params: Params, world: World, context: PlanContext): StepPlan {
  const restored = restoredBackup(params, world);
  if (!restored)
    return { action: 'none', reason: 'there is no complete backup to restore, so there is nothing to save' };
  const items = itemsIn(world, params);
  const own = world.get(backups(params.to)).find((backup) => isMadeBy(backup, context.runId));
  if (own && (!isFromEarlierProcess(own, context) || isMidRollback(own, restored, items)))
    return { action: 'none', reason: `backup ${own.id} holds what is replaced`, undo: undoOf(params, own.id) };
  const isAside = asideFiles(world.get(kubernetesFiles)).length > 0;
  const isAsBefore = differingFiles(world, restored).length === 0 && surplusFiles(world, restored).length === 0;
  if (!isAside && isAsBefore)
    return { action: 'none', reason: `everything is as in backup ${restored.id}, so there is nothing to save` };
  const refusal = restoreRefusal(world, context) ?? backupPlaceRefusal(world, params.to);
  if (refusal) return refusal;
  const backup = { ...plannedBackup(params, items, world, context), replacedBy: restored.id };
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

function pendingIn(params: Params, world: World, context: PlanContext): Pending {
  const { certificates } = params;
  if (certificates) return installationOf({ ...params, certificates, from: '' }, context.host.name, world).pending;
  const { host, homes, rule } = certificateView(shared(params), world, context);
  return pendingOf(host, homes, rule);
}

/** The backup that certs.restore will restore, if it can. */
function restoredBackup({ to, restoring }: Params, world: World): Backup | undefined {
  const backup = restoring === undefined ? undefined : chosenBackup(world, to, restoring);
  return backup && isWhole(backup) ? backup : undefined;
}

/** The files that the steps may change, and those now in the places of the backup to be restored. */
function itemsIn(world: World, params: Params): readonly BackupItem[] {
  const items = backupItems(world.get(kubernetesFiles), world.get(homeKubeconfigs(params.users)));
  const restored = restoredBackup(params, world);
  if (!restored) return items;
  const paths = new Set(items.map(({ file }) => file.path));
  const others = [...world.get(statesOf(restored)).values()].filter(
    // A user's kubeconfig that is a link is left alone: its target may be anything.
    ({ path, link }) => !paths.has(path) && !(path.endsWith('/.kube/config') && link !== undefined),
  );
  return [...items, ...others.map((file) => ({ file, source: file.path }))];
}

/** Empty places that will be filled, by files of the restored backup if there is one. They are emptied again if that is undone. */
function absentIn(params: Params, world: World, context: PlanContext, items: readonly BackupItem[]): readonly string[] {
  const restored = restoredBackup(params, world);
  if (!restored) return placesToEmpty(world.get(kubernetesFiles), pendingIn(params, world, context), items);
  const saved = new Set(items.map(({ file }) => file.path));
  const current = world.get(statesOf(restored));
  return [...restored.files.map(({ path }) => path), ...(restored.absent ?? [])].filter(
    (path) => !saved.has(path) && !current.has(path),
  );
}

/** A run makes several backups if another of its tasks has more to save, or if it is resumed and finds more. */
function freeId({ to }: Params, world: World, runId: string): string {
  const taken = new Set(world.get(backups(to)).map(({ id }) => id));
  let id = runId;
  for (let number = 2; taken.has(id); number += 1) id = `${runId}-${number}`;
  return id;
}

/** For the journal: the backup that the run can return to, whether it made it or only reused it. */
function evidenceOf(backup: string, { to }: Params) {
  return { backup, directory: to };
}

interface Purpose {
  readonly host: KubeadmHost;
  readonly pending: Pending;
  readonly items: readonly BackupItem[];
  readonly rule: DueRule;
  readonly context: PlanContext;
}

/**
 * A run's own backup remains valid to the end, because later differences are the run's own work. If an earlier process of the
 * run made it, differences may be somebody else's work, unless the host is in the middle of a change; certificates that are
 * good by now are not restored then.
 */
function isReusable(backup: Backup, { host, pending, items, rule, context }: Purpose): boolean {
  if (!isMadeBy(backup, context.runId)) return !rule.renewBefore.all && isUpToDate(backup, items);
  if (isFromEarlierProcess(backup, context) && asideFiles(host).length === 0) return isUpToDate(backup, items);
  return notBackedUp(pending, host, backup.files).length === 0;
}

/** Made under the id of this run, but before this process started. */
function isFromEarlierProcess({ createdAt }: Backup, { startedAt }: PlanContext): boolean {
  return Date.parse(createdAt) < startedAt.getTime();
}

/**
 * A backup of another run can be reused only while all files are unchanged: it is restored as a whole, which would revert what
 * somebody has repaired or added since. Restoring only parts of it would require knowing every later step; another backup costs
 * only a few files. With `renew_before: all` a run recognizes its own new certificates by its own backup.
 */
function isUpToDate(backup: Backup, items: readonly BackupItem[]): boolean {
  if (backup.absent !== undefined || backup.files.length !== items.length) return false;
  const saved = new Map(backup.files.map((file) => [file.path, file]));
  return items.every(({ file }) => {
    const savedFile = saved.get(file.path);
    return savedFile !== undefined && isSame(file, savedFile);
  });
}

function plannedBackup(params: Params, items: readonly BackupItem[], world: World, context: PlanContext): Backup {
  const id = freeId(params, world, context.runId);
  const absent = absentIn(params, world, context, items);
  return {
    id,
    host: context.host.name,
    // Not the time at which certificates are judged, which may be long before this process.
    createdAt: context.startedAt.toISOString(),
    directory: `${params.to}/${id}`,
    files: items.map(({ file }) => backupFile(file)),
    ...(absent.length > 0 && { absent }),
    damaged: [],
  };
}
