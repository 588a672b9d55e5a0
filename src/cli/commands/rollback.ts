import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { SourceFile } from '../../core/source.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { table } from '../../report/table.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import type { JobOptions } from '../options.ts';
import { troubleReporter } from '../quiet-reporter.ts';
import { type FinishedRun, runPlaybook } from '../run-playbook.ts';
import { showPlan } from '../show-plan.ts';

export interface RollbackCommandOptions extends JobOptions {
  readonly backup: string;
  readonly backupTo: string;
  readonly list?: boolean;
}

const LIST = (to: string): string => `- name: Backups
  hosts: all
  tasks:
    - name: List the backups
      certs.backups: { backup_to: ${JSON.stringify(to)} }
      register: kept
`;

const ROLLBACK = (backup: string, to: string): string => `- name: Put a backup back
  hosts: all
  strategy: control_plane
  tasks:
    - name: Put the files back
      certs.restore: { backup: ${JSON.stringify(backup)}, backup_to: ${JSON.stringify(to)} }
    - name: Restart what reads them
      control_plane.restart: {}
`;

/** `kplay rollback`: puts a backup back, restarts what reads it, and proves what is served; or lists the backups. */
export async function rollback(options: RollbackCommandOptions, environment: Environment): Promise<number> {
  const { backup, backupTo } = options;
  if (options.list) {
    const finished = await runPlaybook({
      command: 'rollback --list',
      source: 'kplay rollback',
      options: { ...options, output: 'plain' },
      environment,
      inputs: {
        playbook: (problems) => readPlaybook(new SourceFile('kplay rollback', LIST(backupTo)), catalogue, problems),
      },
      reporter: troubleReporter(environment, options),
    });
    environment.stdout.write(listing(finished, options));
    return finished.exitCode;
  }
  const finished = await runPlaybook({
    command: 'rollback',
    source: `backup ${backup}`,
    options,
    environment,
    inputs: {
      playbook: (problems) =>
        readPlaybook(new SourceFile('kplay rollback', ROLLBACK(backup, backupTo)), catalogue, problems),
    },
    apply: {},
    onPlan: (shown) => showPlan(shown, options, environment),
  });
  return finished.exitCode;
}

function listing({ result }: FinishedRun, { output }: RollbackCommandOptions): string {
  const rows = [...result.registered].flatMap(([host, values]) => {
    const kept = values.get('kept');
    const list = isJsonObject(kept) && Array.isArray(kept['backups']) ? kept['backups'] : [];
    return list.filter(isJsonObject).map((row): JsonObject => ({ ...row, host }));
  });
  if (output === 'json') return `${JSON.stringify(rows, null, 2)}\n`;
  if (rows.length === 0) return 'There are no backups on these hosts.\n';
  const cells = rows.map((row) => [
    text(row['host']),
    text(row['id']),
    text(row['created']).slice(0, 16).replace('T', ' '),
    text(row['files']),
    row['damaged'] === 0 ? 'whole' : `${text(row['damaged'])} damaged`,
  ]);
  return table(['HOST', 'BACKUP', 'MADE (UTC)', 'FILES', 'STATE'], cells);
}

function text(value: Json | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
