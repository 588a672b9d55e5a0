import type { Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { unlockRun } from '../../engine/unlock-run.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { confirmation } from '../inputs/prompts.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { isHolderAlive } from '../run/liveness.ts';
import { isOver } from '../run/next-commands.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { sameOptions } from '../run/same-options.ts';
import { showPlan } from '../run/show-plan.ts';

export interface UnlockOptions extends HostOptions, OutputOptions, StateOptions {
  readonly reason: string;
  readonly confirm?: boolean;
}

/** Only provides the hosts; unlocking is not a task. */
const HOSTS = '- name: Unlock\n  hosts: all\n  become: true\n  tasks:\n    - debug: { msg: unlock }\n';

/** `kplay unlock`: removes the lock of a host whose holder has died or hangs. */
export async function unlock(options: UnlockOptions, environment: Environment): Promise<number> {
  const apply = confirmation(options.confirm, environment, 'run it without --confirm');
  const finished = await runPlaybook({
    command: 'unlock',
    source: options.limit ?? '',
    reason: options.reason,
    options,
    environment,
    inputs: {
      beside: undefined,
      work: { command: 'unlock' },
      playbook: (problems) => {
        checkOptions(options, problems);
        return readPlaybook(new SourceFile('kplay unlock', HOSTS), catalogue, problems);
      },
    },
    apply: { ...apply, instead: (request) => unlockRun(request, isHolderAlive) },
    onPlan: (shown) => showPlan(shown, options, environment),
    next: ({ result, wasInterrupted }) =>
      isOver(result, wasInterrupted) || result.refused.length > 0
        ? []
        : [`kplay unlock ${sameOptions(options, { command: 'unlock', isSame: true })}`],
  });
  return finished.exitCode;
}

function checkOptions({ limit, reason }: UnlockOptions, problems: Problems): void {
  if (limit === undefined)
    problems.error('kplay unlock needs a list of hosts', undefined, 'name them: -l m1, or -l all for every host');
  if (reason.trim() === '')
    problems.error('the reason is empty', undefined, 'say why, for those who read the journal: --reason TEXT');
}
