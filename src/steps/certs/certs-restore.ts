import type { FactRef } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Change } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import { defineStep, type Step } from '../../core/step.ts';
import { Unknown, type World } from '../../core/world.ts';
import { backupLeaves } from '../../facts/backups/backup-leaves.ts';
import { type Backup, backups } from '../../facts/backups/backups.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type RemoteFile, remoteFile } from '../../facts/files/remote-file.ts';
import { system } from '../../facts/host/system.ts';
import type { BackupFile } from '../../kubeadm/backup-manifest.ts';
import { isUnusable } from '../../kubeadm/certificates/condition.ts';
import { assess, onlyExpired } from '../../kubeadm/certificates/due.ts';
import { decidesRestore, isTooLateToRestore } from '../../kubeadm/certificates/restorable.ts';
import { asideFiles, filesRestored, plannedFile } from '../../kubeadm/certificates/transition.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { Credential, FileState } from '../../kubeadm/host/model.ts';
import { ASIDE_DIRECTORY } from '../../kubeadm/host/raw-files.ts';
import { isoDate } from '../../pki/time.ts';
import { exposedRefusal } from '../gates/backup-gate.ts';
import { preparationRefusal, restoreRefusal } from '../gates/host-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { untouchableFileRefusal } from '../gates/untouchable-gate.ts';
import { restoreFromBackup } from '../placing/restore-from-backup.ts';
import { restoreArmed } from '../placing/when-lost.ts';
import { type Ending, expiryRefusal, type Unusable, unusableRefusal, uselessWarnings } from './backup-certificates.ts';
import { absentRefusal, damagedRefusal, foreignRefusal, otherHostWarnings, unreadRefusal } from './backup-refusals.ts';
import { SHARED } from './parameters.ts';
import { chosenBackup, differingFiles, statesOf, surplusFiles, targetsOf } from './restored-backup.ts';
import { stayingLeaves, stayWarnings } from './staying-leaves.ts';

const schema = {
  type: 'object',
  properties: {
    backup: {
      type: 'string',
      minLength: 1,
      default: 'latest',
      description: 'id of the backup to restore; latest: the newest one that was not made by a rollback',
    },
    backup_to: SHARED.backup_to,
    even_expired: {
      type: 'boolean',
      default: false,
      description: 'restore certificates even if they have expired, expire within a day, or cannot be used',
    },
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'certs.restore',
  summary: 'restore a backup, file by file, with owner, mode and label',
  details:
    'Only writes files that differ from the backup, each by a rename. First reads and checks the backup: ' +
    'certificates that have expired, expire within a day, or cannot be used (another key, another CA, a usage missing, an unsupported key, extension or signature) are not restored unless even_expired is set. CA keys and sa.key ' +
    'are not in backups. Put a certs.backup task with restoring before it, to save the files that it replaces. It restarts ' +
    'nothing: put control_plane.restart and cluster.verify after it.',
  schema,
  examples: [{ title: 'The newest backup', task: 'certs.restore: { backup: latest }' }],
  needs(params, known) {
    const backup = known.has(backups(params.backup_to))
      ? chosenBackup(known, params.backup_to, params.backup)
      : undefined;
    const targets = backup && known.has(kubernetesFiles) ? targetsOf(known.get(kubernetesFiles), backup) : undefined;
    const backupFacts =
      backup && backup.damaged.length === 0 && !backup.unread
        ? [statesOf(backup), backupLeaves(backup), ...(targets ? [targets] : [])]
        : [];
    const isObserved = backupFacts.length > 0 && [kubernetesFiles, ...backupFacts].every((ref) => known.has(ref));
    const manifests = backup && isObserved ? manifestsAmong(known, differingFiles(known, backup)) : [];
    const texts = backup ? manifests.flatMap(({ path }) => textsOf(backup, path)) : [];
    return [backups(params.backup_to), kubernetesFiles, system, ...backupFacts, ...texts];
  },
  plan(params, world, context) {
    const backup = chosenBackup(world, params.backup_to, params.backup);
    if (!backup) return absentRefusal(world.get(backups(params.backup_to)), params);
    if (backup.damaged.length > 0) return damagedRefusal(backup, world.get(backups(params.backup_to)));
    if (backup.exposed) return exposedRefusal(backup.directory);
    if (backup.unread) return unreadRefusal(backup, world.get(backups(params.backup_to)));
    const surplus = surplusFiles(world, backup);
    const foreign = foreignRefusal(world, backup, surplus);
    if (foreign) return foreign;
    const files = differingFiles(world, backup);
    const unusable = unusableLeaves(world, backup, files, context.now);
    const [first, ...rest] = changesIn(world, backup, { files, surplus, unusable });
    const stays = stayingLeaves(world, backup);
    const more = { ...stays, warnings: stayWarnings(stays, backup) };
    if (!first) return { action: 'none', reason: `everything is as in backup ${backup.id}`, ...more };
    const ending = endingLeaves(world, backup, files, context.now);
    const refusal =
      restoreRefusal(world, context) ??
      // An undo goes on without: on a full disk it is most needed.
      (context.beforeUndone ? undefined : preparationRefusal(world.get(system))) ??
      untouchableFileRefusal(world.get(kubernetesFiles), [...backup.files, ...surplus.map(({ path }) => ({ path }))]) ??
      (params.even_expired
        ? undefined
        : (expiryRefusal(backup, ending, context.now) ?? unusableRefusal(backup, unusable)));
    if (refusal) return refusal;
    const expired = ending.filter(([, end]) => end < context.now.getTime()).map(([name]) => name);
    return {
      action: 'change',
      changes: [first, ...rest],
      after: worldAfter(world, backup, files, surplus),
      isComplete: true,
      ...stays,
      // Such certificates cannot be proven. The user asked for them explicitly, so a failed proof must not undo them.
      ...(expired.length + unusable.length > 0 && { undo: [] }),
      warnings: [
        ...otherHostWarnings(backup, context.host.name),
        ...more.warnings,
        ...uselessWarnings(backup, { expired, unusable: unusable.map(([name]) => name) }),
      ],
    };
  },
  async apply(context, params, { world, planContext }) {
    const backup = chosenBackup(world, params.backup_to, params.backup);
    if (!backup) throw new Error('the backup is gone');
    const host = world.get(kubernetesFiles);
    const files = differingFiles(world, backup);
    const current = world.get(statesOf(backup));
    // Only owner, mode or link differ.
    const sameContent = files.filter(({ path, sha256 }) => current.get(path)?.sha256 === sha256);
    const script = restoreFromBackup(host, backup, files, {
      always: new Set(sameContent.map(({ path }) => path)),
      surplus: surplusFiles(world, backup).map(({ path }) => path),
    });
    const isUndo = planContext.beforeUndone !== undefined;
    await restoreArmed(context, host, world.get(backups(params.backup_to)), { backup, script, isUndo });
    const evidence = { restored: backup.id, directory: params.backup_to, ...stayingLeaves(world, backup) };
    return { result: { id: backup.id }, evidence };
  },
};

export const certsRestore = defineStep(refuseWhenHidden(step));

interface Restored {
  readonly files: readonly BackupFile[];
  readonly surplus: readonly FileState[];
  readonly unusable: Unusable;
}

/**
 * One change per restored certificate with its key, per other file, per file that is removed, and for the files moved aside.
 */
function changesIn(world: World, backup: Backup, { files, surplus, unusable }: Restored): readonly Change[] {
  const leaves = leavesAmong(world, files);
  const ofLeaves = new Set(leaves.flatMap(({ certificatePath, keyPath }) => [certificatePath, keyPath]));
  const current = world.get(statesOf(backup));
  const others = files.filter(({ path }) => !ofLeaves.has(path));
  const manifests = new Set(manifestsAmong(world, others));
  const aside = asideFiles(world.get(kubernetesFiles));
  const unusableNames = new Set<string>(unusable.map(([name]) => name));
  return [
    ...leaves.map((leaf) => leafChange(leaf, savedEnd(world, backup, leaf), backup, unusableNames.has(leaf.name))),
    ...others.map((file): Change => {
      const now = current.get(file.path);
      const [before, after] = manifests.has(file) ? textsOf(backup, file.path).map((ref) => contentOf(world, ref)) : [];
      return {
        kind: now ? 'update' : 'create',
        target: file.path,
        before: now ? { sha256: now.sha256, ...before } : null,
        after: { sha256: file.sha256, ...after },
        summary: `as in backup ${backup.id}`,
        disruptive: false,
      };
    }),
    ...surplus.map(
      ({ path, sha256 }): Change => ({
        kind: 'remove',
        target: path,
        before: { sha256 },
        after: null,
        summary: `did not exist when backup ${backup.id} was made`,
        disruptive: false,
      }),
    ),
    ...(aside.length === 0
      ? []
      : [
          {
            kind: 'remove',
            target: ASIDE_DIRECTORY,
            before: { files: aside.length },
            after: null,
            disruptive: false,
          } as const,
        ]),
  ];
}

/** The restored files that kubelet runs: their contents are shown. */
function manifestsAmong(world: World, files: readonly BackupFile[]): readonly BackupFile[] {
  const { manifestsDirectory } = world.get(kubernetesFiles);
  return files.filter(({ path }) => path.startsWith(`${manifestsDirectory}/`));
}

/** The facts for a file at present, and in a backup. */
function textsOf({ directory }: Backup, path: string): readonly [FactRef<RemoteFile>, FactRef<RemoteFile>] {
  return [remoteFile(path), remoteFile(`${directory}/files${path}`)];
}

function contentOf(world: World, ref: FactRef<RemoteFile>): JsonObject {
  const { content } = world.get(ref);
  return content === undefined ? {} : { content };
}

/** The leaves of the host that differ from the backup. */
function leavesAmong(world: World, files: readonly BackupFile[]): readonly Credential[] {
  const paths = new Set(files.map(({ path }) => path));
  return world
    .get(kubernetesFiles)
    .credentials.filter(({ certificatePath, keyPath }) => paths.has(certificatePath) || paths.has(keyPath));
}

/** When the certificate of a leaf in the backup ends; undefined if it contains no readable one. */
function savedEnd(world: World, backup: Backup, { certificatePath }: Credential): number | undefined {
  return leafOf(world.get(backupLeaves(backup)).get(certificatePath)?.holding)?.notAfter;
}

function leafChange(
  { name, holding, files }: Credential,
  end: number | undefined,
  { id }: Backup,
  unusable: boolean,
): Change {
  const currentEnd = leafOf(holding)?.notAfter;
  return {
    kind: files.length > 0 ? 'update' : 'create',
    target: name,
    before: currentEnd === undefined ? null : { ends: new Date(currentEnd).toISOString() },
    after: {
      restored: id,
      ...(end !== undefined && { ends: new Date(end).toISOString() }),
      ...(unusable && { unusable }),
    },
    summary: endsText(currentEnd, end),
    disruptive: false,
  };
}

function endsText(currentEnd: number | undefined, end: number | undefined): string {
  if (end === undefined) return 'contains no readable certificate';
  return currentEnd === undefined ? `expires ${isoDate(end)}` : `expires ${isoDate(currentEnd)} → ${isoDate(end)}`;
}

/** Restored certificates that have expired or soon will. */
function endingLeaves(world: World, backup: Backup, files: readonly BackupFile[], now: Date): Ending {
  return leavesAmong(world, files).flatMap((leaf): Ending => {
    const end = decidesRestore(leaf.name) ? savedEnd(world, backup, leaf) : undefined;
    return end !== undefined && isTooLateToRestore(end, now) ? [[leaf.name, end]] : [];
  });
}

/** Restored certificates that nothing could use, or that the CA on the host has not signed. */
function unusableLeaves(world: World, backup: Backup, files: readonly BackupFile[], now: Date): Unusable {
  const leaves = leavesAmong(world, files).filter(({ name }) => decidesRestore(name));
  const paths = new Set(leaves.flatMap(({ certificatePath, keyPath }) => [certificatePath, keyPath]));
  const restored = files.filter(({ path }) => paths.has(path)).map((file) => [file.path, restoredFile(file)] as const);
  const host = filesRestored(world.get(kubernetesFiles), new Map(restored), world.get(backupLeaves(backup)));
  const rule = onlyExpired(now);
  return (host?.credentials ?? []).flatMap((credential): Unusable => {
    if (!leaves.some(({ name }) => name === credential.name)) return [];
    const { condition, due, reason } = assess(credential, rule);
    return due && (isUnusable(condition) || condition === 'CA expired') ? [[credential.name, reason]] : [];
  });
}

/** The host with its files restored, as far as that is predictable. */
function worldAfter(world: World, backup: Backup, files: readonly BackupFile[], surplus: readonly FileState[]): World {
  const restoredFiles = new Map(files.map((file) => [file.path, restoredFile(file)]));
  const host =
    surplus.length > 0
      ? undefined
      : filesRestored(world.get(kubernetesFiles), restoredFiles, world.get(backupLeaves(backup)));
  const states = new Map([...world.get(statesOf(backup)), ...restoredFiles]);
  for (const { path } of surplus) states.delete(path);
  return world.set(kubernetesFiles, host ?? new Unknown(`restore ${backup.id}`)).set(statesOf(backup), states);
}

/** Newer than every running process, whatever time the copy has. */
function restoredFile({ path, sha256, mode, uid, gid, label, link }: BackupFile): FileState {
  return {
    ...plannedFile(path),
    sha256,
    mode,
    uid,
    gid,
    ...(label !== undefined && { label }),
    ...(link !== undefined && { link }),
  };
}
