import { count } from '../../core/count.ts';
import type { ValueOf } from '../../core/schema.ts';
import { defineStep, type Step } from '../../core/step.ts';
import { backupAccess } from '../../facts/backups/backup-access.ts';
import { backups } from '../../facts/backups/backups.ts';
import { BECOME_ROOT } from '../gates/sees-all.ts';
import { SHARED } from './parameters.ts';

const schema = { type: 'object', properties: { backup_to: SHARED.backup_to }, additionalProperties: false } as const;

const step: Step<ValueOf<typeof schema>> = {
  name: 'certs.backups',
  summary: 'list the backups of the host',
  details:
    'Only reads. `register` gets the `directory` in which they are, and `backups`, newest first, each with id, created, files and damaged, `exposed` if others than root can write to it, and `unread` if there are too many newer ones (about a hundred are read).',
  schema,
  examples: [{ title: 'Which are there', task: 'certs.backups: {}\nregister: kept' }],
  needs: ({ backup_to }) => [backups(backup_to), backupAccess(backup_to)],
  plan({ backup_to }, world) {
    const access = world.get(backupAccess(backup_to));
    if (access.state === 'hidden') {
      return {
        action: 'refuse',
        code: 'not-readable',
        reason: `${access.path} is not readable as ${access.user}, so the backups cannot be listed`,
        remedy: BECOME_ROOT,
      };
    }
    const all = world.get(backups(backup_to));
    const result = {
      directory: backup_to,
      backups: all.map(({ id, createdAt, files, damaged, directory, exposed, unread }) => ({
        id,
        created: createdAt,
        files: files.length,
        damaged: damaged.length,
        directory,
        ...(exposed && { exposed }),
        ...(unread && { unread }),
      })),
    };
    return { action: 'none', reason: count(all.length, 'backup'), result };
  },
};

export const certsBackups = defineStep(step);
