import { InputError } from '../../core/diagnostic.ts';
import { applyRun } from '../../engine/run.ts';
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
  const first = await carryOutOnce(site, order, what, attempt);
  if (what === 'look' || attempt.number === 1) return first;
  // A host that a lost worker has only just let go of may have been read while it was still put back. What was changed is to be told.
  const isDoubtful = first.isRefusedByPlan && first.report.result.hosts.every(({ changed }) => changed === 0);
  const done = isDoubtful ? await carryOutOnce(site, order, what, attempt) : first;
  return order.isUnchecked ? done : { ...done, report: { ...done.report, wasTakenOver: true } };
}

async function carryOutOnce(
  site: WorkerSite,
  order: ClusterOrder,
  what: 'look' | 'run',
  attempt: Attempt,
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
  if (listener.isLocked && attempt.number > 1 && attempt.number < ATTEMPTS_AT_LOCK)
    throw attempt.tryAgain('the lost worker still holds a lock of it');
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
  { stop }: Attempt,
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
    stop,
    reporter: listener,
    ...(what === 'run' && {
      apply: { instead: (request) => applyRun({ ...request, ...unless }) },
      recipe: (files) => recipeOf('run', path, own, files),
    }),
  });
}

/** Neither the rollout nor what is told of its waves is for the run of one cluster. */
function withoutWaves(playbook: Playbook | undefined): Playbook | undefined {
  const rest = withoutRollout(playbook);
  return rest && { ...rest, plays: rest.plays.map(({ onWave: _, ...play }) => play) };
}

function reasonOf(event: ClusterReport['told'][number]): string {
  return 'reason' in event ? event.reason : event.type;
}
