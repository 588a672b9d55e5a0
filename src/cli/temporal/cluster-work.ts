import { InputError } from '../../core/diagnostic.ts';
import { applyRun } from '../../engine/run.ts';
import type { ApplyRequest, HookCaller } from '../../engine/run-request.ts';
import { whyUnsettled } from '../../fleet/rollout/unsettled.ts';
import type { ClusterActivities, ClusterOrder, ClusterReport } from '../../fleet/temporal/orders.ts';
import type { Playbook } from '../../playbook/model.ts';
import { recipeOf } from '../journal/recipe.ts';
import type { FinishedRun } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { ClusterListener, refusal } from './cluster-report.ts';
import { type Attempt, checkCluster, failureAs, orderedWork, type WorkerSite, withoutRollout } from './ordered-work.ts';
import { askCheck, callWaveHooks } from './rollout-actions.ts';

/** So many attempts wait for the lock of a lost worker: its hosts put themselves back within two minutes. */
const ATTEMPTS_AT_LOCK = 75;

/** Does on a cluster what was ordered: as `kplay plan` and `kplay run` do it. @param attempt the one that is being made */
export function clusterWork(site: WorkerSite, attempt: () => Attempt): ClusterActivities {
  return {
    look: async (order) => (await carryOut(site, order, 'look', attempt())).report,
    run: async (order) => (await carryOut(site, order, 'run', attempt())).report,
    async lookAgain(order) {
      const { finished, report } = await carryOut(site, order, 'look', attempt());
      return (finished ? whyUnsettled(finished.result) : report.told.map(reasonOf).join('; ')) ?? '';
    },
    check: (order) => askCheck(site, order, attempt()),
    callWave: (order) => callWaveHooks(site, order, attempt()),
  };
}

interface Done {
  readonly report: ClusterReport;
  /** Absent where it could not be begun. */
  readonly finished?: FinishedRun;
  readonly isRefusedByPlan: boolean;
}

async function carryOut(site: WorkerSite, order: ClusterOrder, what: 'look' | 'run', attempt: Attempt): Promise<Done> {
  const mayBeRepeated = what === 'run' && attempt.number > 1;
  const first = await carryOutOnce(site, order, what, { ...attempt, mayBeRepeated });
  if (!mayBeRepeated) return first;
  // A host that a lost worker has only just let go of may have been read while it was still put back. What was changed is to be told.
  const isDoubtful = first.isRefusedByPlan && first.report.result.hosts.every(({ changed }) => changed === 0);
  const done = isDoubtful ? await carryOutOnce(site, order, what, { ...attempt, mayBeRepeated: false }) : first;
  return order.isUnchecked ? done : { ...done, report: { ...done.report, wasTakenOver: true } };
}

/** One of the one or two runs of an attempt. */
interface Trial extends Attempt {
  /** It is done once more where the plan refuses it. */
  readonly mayBeRepeated: boolean;
}

async function carryOutOnce(
  site: WorkerSite,
  order: ClusterOrder,
  what: 'look' | 'run',
  attempt: Trial,
): Promise<Done> {
  const listener = new ClusterListener(site.reporterFor(order.cluster.name));
  let finished: FinishedRun;
  try {
    finished = await runOne(site, order, what, attempt, listener);
  } catch (error) {
    if (error instanceof InputError)
      return { report: refusal(error, order, order.work.source), isRefusedByPlan: false };
    throw failureAs(error, site, order, attempt);
  }
  if (finished.wasInterrupted) throw attempt.tryAgain('the worker was stopped');
  if (waitsForLock(listener, attempt)) throw attempt.tryAgain('the lost worker still holds a lock of it');
  return {
    finished,
    report: listener.report(finished.result, order, what === 'look' ? 'with' : 'without'),
    isRefusedByPlan: listener.isRefusedByPlan,
  };
}

function runOne(
  site: WorkerSite,
  order: ClusterOrder,
  what: 'look' | 'run',
  trial: Trial,
  listener: ClusterListener,
): Promise<FinishedRun> {
  const { runId, now, cluster, work, isUnchecked } = order;
  const { environment } = site;
  const { window, reason } = work;
  const { path, asked, inputs } = orderedWork(site, order);
  const unless = isUnchecked && { forbids: async () => listener.forbid() };
  // The server keeps the rollout; what is done on one cluster of it is a run of this machine, which kplay resume goes on with here.
  const own = { ...asked, engine: undefined };
  return runPlaybook({
    command: what === 'run' ? 'run' : 'plan',
    source: path,
    options: asked,
    fleet: { clusters: 1, ...(window && { window }), ...(reason !== undefined && { reason }) },
    environment,
    inputs: { ...inputs, playbook: (problems) => withoutWaves(inputs.playbook(problems)) },
    checkInputs: (read, problems) => checkCluster(read, cluster, problems),
    now: new Date(now),
    runId,
    stop: trial.stop,
    reporter: listener,
    ...(what === 'run' && {
      apply: {
        instead: (request) => applyRun({ ...request, ...unless, ...hooksOf(request, trial, listener) }),
      },
      recipe: (files) => recipeOf('run', path, own, files),
    }),
  });
}

/** A host that a lost worker has still locked is waited for. */
function waitsForLock({ isLocked }: ClusterListener, { number }: Attempt): boolean {
  return isLocked && number > 1 && number < ATTEMPTS_AT_LOCK;
}

/** Nobody is told of a failure that is none: the cluster is gone on with, by this worker or another one. */
function hooksOf(
  { callHooks, stop }: ApplyRequest,
  trial: Trial,
  listener: ClusterListener,
): Pick<ApplyRequest, 'callHooks'> {
  if (!callHooks) return {};
  const isGoneOnWith = (facts: Parameters<HookCaller>[2]): boolean =>
    stop.aborted ||
    listener.isUnchecked ||
    waitsForLock(listener, trial) ||
    (trial.mayBeRepeated && listener.isRefusedByPlan && 'changed' in facts && facts.changed.length === 0);
  return {
    callHooks: async (play, moment, facts) =>
      moment === 'failure' && isGoneOnWith(facts) ? undefined : callHooks(play, moment, facts),
  };
}

/** Neither the rollout nor what is told of its waves is for the run of one cluster. */
function withoutWaves(playbook: Playbook | undefined): Playbook | undefined {
  const rest = withoutRollout(playbook);
  return rest && { ...rest, plays: rest.plays.map(({ onWave: _, ...play }) => play) };
}

function reasonOf(event: ClusterReport['told'][number]): string {
  return 'reason' in event ? event.reason : event.type;
}
