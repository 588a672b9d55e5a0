import { describe, expect, test } from 'vitest';
import type { FactRef } from '../../src/core/fact.ts';
import type { ShellScript } from '../../src/core/shell.ts';
import type { Look, PlannedChanges, WriteContext } from '../../src/core/step.ts';
import { World } from '../../src/core/world.ts';
import { proveRestart } from '../../src/steps/control-plane/prove-restart.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { answersOf, type WorldDescription } from './support/described-world.ts';
import { begin, observed, planOf, stepNamed } from './support/planning.ts';

const TASK = { step: 'control_plane.restart' };
/** Only etcd's certificates were renewed; the API server runs on, as it has loaded its own. */
const HOST: WorldDescription = { written: { 'etcd-peer': '1h', 'etcd-server': '1h' } };

/** What is run on a host that stays as it is described, but for an interlude, while so many seconds go by between two looks. */
function recording(
  description: WorldDescription,
  secondsALook = 2,
  removedAfter: number | undefined = undefined,
  interlude?: { readonly from: number; readonly to: number; readonly host: WorldDescription },
) {
  const ran: string[] = [];
  const usual = answersOf(description);
  const meanwhile = interlude && answersOf(interlude.host);
  let time = NOW.getTime();
  const seconds = () => (time - NOW.getTime()) / 1_000;
  const answers = (ref: FactRef) => {
    if (ref.name === 'reader_evidence') return { states: [], log: [], runtime: undefined };
    const isMeanwhile = interlude && seconds() >= interlude.from && seconds() < interlude.to;
    if (ref.name !== 'etcd_removal') return isMeanwhile && meanwhile ? meanwhile(ref) : usual(ref);
    return { secondsAgo: removedAfter === undefined ? undefined : seconds() - removedAfter };
  };
  const context = {
    order: 'recovery',
    host: 'master-1',
    signal: new AbortController().signal,
    now: () => new Date(time),
    report: () => undefined,
    observe: async (refs: readonly FactRef[]) => refs.reduce((world, ref) => world.set(ref, answers(ref)), World.empty),
    run: async (script: ShellScript) => {
      const text = script.reveal();
      const ended = [...text.matchAll(/\b10[0-4]:1000\b/g)].map(([word]) => word);
      ran.push(
        text.includes('restart kubelet')
          ? 'restart kubelet'
          : ended.length > 0
            ? `end ${[...new Set(ended)].join(' ')}`
            : 'other',
      );
    },
    waitFor: async (_what: string, timeoutMs: number, look: () => Promise<Look<unknown>>) => {
      for (const end = time + timeoutMs; time < end; time += secondsALook * 1_000) {
        const seen = await look();
        if (seen.done) return seen.value;
      }
      return undefined;
    },
  } as unknown as WriteContext;
  return { context, ran, seconds };
}

describe('an API server, which hangs while its etcd restarts,', () => {
  test('is restarted with it where the cluster is dead, though it has read nothing new', () => {
    const plan = planOf(TASK, observed(TASK, begin(HOST, {}, 'recovery')));
    expect(plan.action === 'change' && plan.changes.map(({ target, summary }) => `${target}: ${summary}`)).toEqual([
      'etcd: is older than server.crt',
      'kube-apiserver: uses etcd, which restarts',
    ]);
  });

  test('ends before etcd starts again: kubelet, which runs on, would ask it before it starts anything', async () => {
    const planning = observed(TASK, begin(HOST, {}, 'recovery'));
    const plan = planOf(TASK, planning);
    if (plan.action !== 'change') throw new Error(plan.action);
    const [change] = plan.changes;
    const planned: PlannedChanges = {
      changes: [change],
      plan,
      world: planning.world,
      planContext: planning.context,
      stage: 'etcd',
    };
    const { context, ran } = recording(HOST);
    await stepNamed(TASK.step).apply?.(context, { timeout: '4m' }, planned);
    // The pids of etcd and of the API server, as the host is described.
    expect(ran.filter((one) => one !== 'other')[0]).toBe('end 101:1000 102:1000');
  });

  test('ends before a kubelet that does not start etcd is restarted', async () => {
    const { context, ran } = recording({ ...HOST, processes: { etcd: 'dead' } });
    await proveRestart(context, 'etcd', { timeoutMs: 10_000, files: undefined });
    expect(ran).toEqual(['end 102:1000', 'restart kubelet']);
  });
});

describe('an etcd that does not come up', () => {
  /** @param removedAfter when it said that its cluster has removed the member, in seconds from the beginning */
  const prove = async (removedAfter: number | undefined) => {
    const { context, seconds } = recording({ ...HOST, processes: { etcd: 'dead' } }, 2, removedAfter);
    const failure = await proveRestart(context, 'etcd', { timeoutMs: 240_000, files: undefined }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    return { failure, seconds: seconds() };
  };

  test('is not waited for when it has ended because the cluster has removed the member', async () => {
    const { failure, seconds } = await prove(1);
    expect(failure).toBe('etcd does not start: its cluster has removed this member');
    expect(seconds).toBeLessThan(10);
  });

  test.each([
    ['did not say so', undefined],
    ['said so before: it may have been added again, and kubelet has not started it yet', -20],
  ])('is waited for if it %s', async (_what, removedAfter) => {
    expect(await prove(removedAfter)).toEqual({ failure: undefined, seconds: 240 });
  });

  test.each(['silent', 'hung'] as const)(
    'is not waited for when the container runtime is %s, and stays so',
    async (runtime) => {
      const { context, ran, seconds } = recording({ ...HOST, processes: { etcd: 'dead' }, runtime });
      const failure = await proveRestart(context, 'etcd', { timeoutMs: 240_000, files: undefined }).catch(
        (error: Error) => error,
      );
      expect(failure).toMatchObject({
        code: 'runtime-down',
        message: expect.stringMatching(/^its container runtime (is down|hangs)/),
      });
      expect(seconds()).toBeGreaterThan(30);
      expect(seconds()).toBeLessThan(45);
      // A new kubelet could start nothing either.
      expect(ran).toEqual([]);
    },
  );

  test('is waited for when it has run between two short outages of the container runtime', async () => {
    const out: WorldDescription = { ...HOST, processes: { etcd: 'dead' }, runtime: 'silent' };
    const { context, seconds } = recording(out, 2, undefined, { from: 20, to: 60, host: HOST });
    await proveRestart(context, 'etcd', { timeoutMs: 80_000, files: undefined });
    expect(seconds()).toBe(80);
  });
});
