import { InputError } from '../../core/diagnostic.ts';
import { applyRun } from '../../engine/run.ts';
import type { ApplyRequest, HookCaller } from '../../engine/run-request.ts';
import { whyChanged } from '../../fleet/rollout/unsettled.ts';
import type { ClusterActivities, ClusterOrder, ClusterReport } from '../../fleet/temporal/orders.ts';
import type { Playbook } from '../../playbook/model.ts';
import { recipeOf } from '../journal/recipe.ts';
import type { FinishedRun } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { ClusterReporter, refusal } from './cluster-report.ts';
import {
  activityErrorOf,
  checkCluster,
  type OrderAttempt,
  orderedWork,
  type WorkerSite,
  withoutRollout,
} from './ordered-work.ts';
import { askCheck, callWaveHooks } from './rollout-actions.ts';

/** The number of attempts that wait for the lock of a lost worker; its hosts restore themselves within two minutes. */
const MAX_LOCK_ATTEMPTS = 75;

/** Carries out orders for a cluster as `kplay plan` and `kplay run` would. @param attempt returns the current attempt */
export function clusterWork(site: WorkerSite, attempt: () => OrderAttempt): ClusterActivities {
  return {
    look: async (order) => (await carryOut(site, order, 'look', attempt())).report,
    run: async (order) => (await carryOut(site, order, 'run', attempt())).report,
    async lookAgain(order) {
      const { finished, report } = await carryOut(site, order, 'look', attempt());
      return (finished ? whyChanged(finished.result) : report.told.map(reasonOf).join('; ')) ?? '';
    },
    check: (order) => askCheck(site, order, attempt()),
    callWave: (order) => callWaveHooks(site, order, attempt()),
  };
}

interface Execution {
  readonly report: ClusterReport;
  /** Absent if it could not be started. */
  readonly finished?: FinishedRun;
  readonly isRefusedByPlan: boolean;
}

async function carryOut(
  site: WorkerSite,
  order: ClusterOrder,
  what: 'look' | 'run',
  attempt: OrderAttempt,
): Promise<Execution> {
  const mayBeRetried = what === 'run' && attempt.number > 1;
  const first = await carryOutOnce(site, order, what, { ...attempt, mayBeRetried });
  if (!mayBeRetried) return first;
  // A host may have been observed while it still restored itself after a lost worker. A run that changed something is reported as it is.
  const mayBeOutdated = first.isRefusedByPlan && first.report.result.hosts.every(({ changed }) => changed === 0);
  const done = mayBeOutdated ? await carryOutOnce(site, order, what, { ...attempt, mayBeRetried: false }) : first;
  return order.isUnchecked ? done : { ...done, report: { ...done.report, wasTakenOver: true } };
}

/** One of the up to two runs of an attempt. */
interface Trial extends OrderAttempt {
  /** It is run once more if the plan refuses it. */
  readonly mayBeRetried: boolean;
}

async function carryOutOnce(
  site: WorkerSite,
  order: ClusterOrder,
  what: 'look' | 'run',
  attempt: Trial,
): Promise<Execution> {
  const reporter = new ClusterReporter(site.reporterFor(order.cluster.name));
  let finished: FinishedRun;
  try {
    finished = await runOne(site, order, what, attempt, reporter);
  } catch (error) {
    if (error instanceof InputError)
      return { report: refusal(error, order, order.work.source), isRefusedByPlan: false };
    throw activityErrorOf(error, site, order, attempt);
  }
  if (finished.wasInterrupted) throw attempt.tryAgain('the worker was stopped');
  if (waitsForLock(reporter, attempt)) throw attempt.tryAgain('the lost worker still holds a lock of it');
  return {
    finished,
    report: reporter.report(finished.result, order, what === 'look' ? 'with' : 'without'),
    isRefusedByPlan: reporter.isRefusedByPlan,
  };
}

function runOne(
  site: WorkerSite,
  order: ClusterOrder,
  what: 'look' | 'run',
  trial: Trial,
  reporter: ClusterReporter,
): Promise<FinishedRun> {
  const { runId, now, cluster, work, isUnchecked } = order;
  const { environment } = site;
  const { window, reason } = work;
  const { path, options: runOptions, inputs } = orderedWork(site, order);
  const unless = isUnchecked && { forbids: async () => reporter.forbid() };
  // The server keeps the rollout, but this run on one cluster belongs to this machine, and kplay resume resumes it here.
  const own = { ...runOptions, engine: undefined };
  return runPlaybook({
    command: what === 'run' ? 'run' : 'plan',
    source: path,
    options: runOptions,
    fleet: { clusters: 1, ...(window && { window }), ...(reason !== undefined && { reason }) },
    environment,
    inputs: { ...inputs, playbook: (problems) => withoutWaves(inputs.playbook(problems)) },
    checkInputs: (read, problems) => checkCluster(read, cluster, problems),
    now: new Date(now),
    runId,
    stop: trial.stop,
    reporter,
    ...(what === 'run' && {
      apply: {
        instead: (request) => applyRun({ ...request, ...unless, ...hooksOf(request, trial, reporter) }),
      },
      recipe: (files) => recipeOf('run', path, own, files),
    }),
  });
}

/** Waits for hosts that are still locked by a lost worker. */
function waitsForLock({ isLocked }: ClusterReporter, { number }: OrderAttempt): boolean {
  return isLocked && number > 1 && number < MAX_LOCK_ATTEMPTS;
}

/** Does not call `on_failure` when this or another worker will continue with the cluster. */
function hooksOf(
  { callHooks, stop }: ApplyRequest,
  trial: Trial,
  reporter: ClusterReporter,
): Pick<ApplyRequest, 'callHooks'> {
  if (!callHooks) return {};
  const isContinued = (facts: Parameters<HookCaller>[2]): boolean =>
    stop.aborted ||
    reporter.isUnchecked ||
    waitsForLock(reporter, trial) ||
    (trial.mayBeRetried && reporter.isRefusedByPlan && 'changed' in facts && facts.changed.length === 0);
  return {
    callHooks: async (play, moment, facts) =>
      moment === 'failure' && isContinued(facts) ? undefined : callHooks(play, moment, facts),
  };
}

/** The run of one cluster has no rollout and no hooks of waves. */
function withoutWaves(playbook: Playbook | undefined): Playbook | undefined {
  const rest = withoutRollout(playbook);
  return rest && { ...rest, plays: rest.plays.map(({ onWave: _, ...play }) => play) };
}

function reasonOf(event: ClusterReport['told'][number]): string {
  return 'reason' in event ? event.reason : event.type;
}
