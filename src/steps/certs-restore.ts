import type { Change } from '../core/plan.ts';
import type { ValueOf } from '../core/schema.ts';
import { defineStep, type Step } from '../core/step.ts';
import { Unknown, type World } from '../core/world.ts';
import { type Backup, backups } from '../facts/backups.ts';
import { fileStates } from '../facts/file-states.ts';
import { kubernetesFiles } from '../facts/kubernetes-files.ts';
import { system } from '../facts/system.ts';
import type { BackupFile } from '../kubeadm/backup-manifest.ts';
import type { FileState } from '../kubeadm/model.ts';
import { ASIDE_DIRECTORY } from '../kubeadm/raw-files.ts';
import { asideFiles } from '../kubeadm/transition.ts';
import { putBackRefusal } from './support/host-gate.ts';
import { SHARED } from './support/parameters.ts';
import { putBack } from './support/put-back.ts';

const schema = {
  type: 'object',
  properties: {
    backup: {
      type: 'string',
      minLength: 1,
      default: 'latest',
      description: 'id of the backup to put back, or latest',
    },
    backup_to: SHARED.backup_to,
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'certs.restore',
  summary: 'put a backup back, file by file, with owner, mode and label',
  details:
    'Only files that differ from the backup are written, each by a rename. The backup is read and checked first. CA keys and ' +
    'sa.key are in no backup. What has read the files is not restarted: put control_plane.restart after it.',
  schema,
  examples: [{ title: 'The newest backup', task: 'certs.restore: { backup: latest }' }],
  needs(params, known) {
    const kept = known.has(backups(params.backup_to)) ? chosen(known, params) : undefined;
    return [backups(params.backup_to), kubernetesFiles, system, ...(kept ? [statesOf(kept)] : [])];
  },
  plan(params, world, context) {
    const kept = chosen(world, params);
    if (!kept) return noBackup(world.get(backups(params.backup_to)), params);
    if (kept.damaged.length > 0) {
      return {
        action: 'refuse',
        reason: `backup ${kept.id} is damaged: ${kept.damaged.length} files do not have the digest that was written down`,
        remedy: 'choose another one: kplay rollback --list shows them',
        details: kept.damaged.slice(0, 5).map((path) => ['damaged', path]),
      };
    }
    const changes = changesIn(world, kept);
    const [first, ...rest] = changes;
    if (!first) return { action: 'none', reason: `everything is as in backup ${kept.id}` };
    const refusal = putBackRefusal(world, context);
    if (refusal) return refusal;
    return {
      action: 'change',
      changes: [first, ...rest],
      after: world.set(kubernetesFiles, new Unknown(`restore ${kept.id}`)),
    };
  },
  async apply(context, params, { world, changes }) {
    const kept = chosen(world, params);
    if (!kept) throw new Error('the backup is gone');
    const targets = new Set(changes.map(({ target }) => target));
    const files = kept.files.filter(({ path }) => targets.has(path));
    const current = world.get(statesOf(kept));
    // Of these it is owner, mode or link that differs.
    const sameContent = files.filter(({ path, sha256 }) => current.get(path)?.sha256 === sha256);
    await context.run(putBack(kept, files, new Set(sameContent.map(({ path }) => path))));
    return { result: { id: kept.id } };
  },
};

export const certsRestore = defineStep(step);

function chosen(world: World, { backup, backup_to }: Params): Backup | undefined {
  const kept = world.get(backups(backup_to));
  return backup === 'latest' ? kept[0] : kept.find(({ id }) => id === backup);
}

function statesOf(backup: Backup) {
  return fileStates(backup.files.map(({ path }) => path));
}

function noBackup(kept: readonly Backup[], { backup, backup_to }: Params) {
  return {
    action: 'refuse' as const,
    reason: kept.length === 0 ? `there is no backup in ${backup_to}` : `there is no backup ${backup} in ${backup_to}`,
    remedy:
      kept.length === 0 ? 'nothing can be put back on this host' : `there are: ${kept.map(({ id }) => id).join(', ')}`,
  };
}

function changesIn(world: World, backup: Backup): readonly Change[] {
  const current = world.get(statesOf(backup));
  const different = backup.files.flatMap((file): readonly Change[] => {
    const now = current.get(file.path);
    if (now && isSame(now, file)) return [];
    return [
      {
        kind: now ? 'update' : 'create',
        target: file.path,
        before: now ? { sha256: now.sha256 } : null,
        after: { sha256: file.sha256 },
        summary: `as in backup ${backup.id}`,
        disruptive: false,
      },
    ];
  });
  const aside = asideFiles(world.get(kubernetesFiles));
  if (aside.length === 0) return different;
  return [
    ...different,
    { kind: 'remove', target: ASIDE_DIRECTORY, before: { files: aside.length }, after: null, disruptive: false },
  ];
}

function isSame(now: FileState, then: BackupFile): boolean {
  return (
    now.sha256 === then.sha256 &&
    now.mode === then.mode &&
    now.uid === then.uid &&
    now.gid === then.gid &&
    (now.link ?? '') === (then.link ?? '')
  );
}
