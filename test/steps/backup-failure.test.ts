import { expect, test } from 'vitest';
import { UnreachableError } from '../../src/core/session.ts';
import type { ShellScript } from '../../src/core/shell.ts';
import { StepFailure, type WriteContext } from '../../src/core/step.ts';
import { backups } from '../../src/facts/backups/backups.ts';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed, planOf, stepNamed } from './support/planning.ts';

const PARAMS = { renew_before: '30d', extra_sans: [], users: ['root'], to: '/var/backups/kplay', keep: 5 };

/** Makes a backup where the first command fails. @param look the next one, which looks at what is left */
async function failing(look: () => Promise<{ readonly exitCode: number }>): Promise<unknown> {
  const task = { step: 'certs.backup' };
  const { world, context: planContext } = observed(task, begin({ leaves: { apiserver: '5d' } }));
  const plan = planOf(task, { world, context: planContext, answers: () => undefined });
  if (plan.action !== 'change') throw new Error(plan.action);
  let commands = 0;
  const run = async (): Promise<unknown> => {
    commands += 1;
    if (commands > 1) return look();
    throw new StepFailure('disk-full', 'a disk of the host is full');
  };
  const context = { host: 'master-1', runId: planContext.runId, run, now: () => new Date() } as unknown as WriteContext;
  const planned = { changes: plan.changes, plan, world, planContext };
  return stepNamed(task.step).apply?.(context, PARAMS as never, planned);
}

test('a backup that failed says so, and that nothing of it is left', async () => {
  const failure = failing(async () => ({ exitCode: 0 }));
  await expect(failure).rejects.toMatchObject({ code: 'disk-full', hasChangedNothing: true });
});

test('a backup that failed says why, even if the connection ends before it is seen what is left', async () => {
  const failure = failing(async () => {
    throw new UnreachableError('master-1', 'lost', 'the connection was lost');
  });
  await expect(failure).rejects.toMatchObject({ code: 'disk-full', hasChangedNothing: false });
});

/** The scripts that make a backup of a host, where all that is copied reads back. */
async function making(description: WorldDescription, now: Date) {
  const task = { step: 'certs.backup' };
  const { world, context: planContext } = observed(task, begin(description));
  const plan = planOf(task, { world, context: planContext, answers: () => undefined });
  if (plan.action !== 'change') throw new Error(plan.action);
  const [backup] = plan.after.get(backups(PARAMS.to));
  const digests = backup?.files.map(({ path, sha256 }) => `${sha256}  .${path}\n`).join('') ?? '';
  const scripts: string[] = [];
  const run = async (script: ShellScript) => {
    scripts.push(script.reveal());
    return { exitCode: 0, stdout: digests, stderr: '' };
  };
  const context = { host: 'master-1', runId: planContext.runId, run, now: () => now } as unknown as WriteContext;
  await stepNamed(task.step).apply?.(context, PARAMS as never, { changes: plan.changes, plan, world, planContext });
  return { backup, script: scripts.join('\n') };
}

test('of a pair with a missing half the backup knows that half: what is made in its place goes when the other comes back', async () => {
  const certificate = '/etc/kubernetes/pki/apiserver.crt';
  const { backup, script } = await making({ without: [certificate] }, new Date());
  expect(backup?.absent).toEqual([certificate]);
  expect(script).toContain(`absent\t${certificate}\n`);
});

test('a backup is newer than those before it, though the clock was set back', async () => {
  const { script } = await making(
    { leaves: { apiserver: '5d' }, backups: [{ id: 'before', older: ['*'] }] },
    new Date(0),
  );
  expect(script).toContain('created 2026-11-20T00:00:00.001Z\n');
});
