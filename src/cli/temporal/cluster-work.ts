import { InputError, Problems } from '../../core/diagnostic.ts';
import { applyRun } from '../../engine/run.ts';
import { whyUnsettled } from '../../fleet/rollout/unsettled.ts';
import {
  type ClusterActivities,
  type ClusterOrder,
  type ClusterReport,
  ORDER_VERSION,
} from '../../fleet/temporal/orders.ts';
import type { Playbook } from '../../playbook/model.ts';
import type { Reporter } from '../../report/reporter.ts';
import { playbookInputs } from '../commands/run.ts';
import type { Environment } from '../environment.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { loadNamed } from '../inputs/playbook-files.ts';
import { recipeOf } from '../journal/recipe.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { type FinishedRun, runPlaybook } from '../run/run-playbook.ts';
import { VERSION } from '../version.ts';
import { ClusterListener, refusal } from './cluster-report.ts';
import { checkOrderedVariables } from './ordered-variables.ts';
import { playbookDigest } from './playbook-digest.ts';

/** What a worker works with: its own inventory, credentials and playbooks. */
export interface WorkerSite {
  /** Paths of the playbooks that it carries out, and no others. */
  readonly playbooks: readonly string[];
  readonly options: HostOptions & OutputOptions & StateOptions;
  readonly environment: Environment;
  /** Where what happens on a cluster is told. */
  readonly reporterFor: (cluster: string) => Reporter;
}

/** The attempt to do what was ordered. */
export interface Attempt {
  /** From 1: before it another worker, or this one, was lost on the way. */
  readonly number: number;
  /** Aborted when the cluster is no longer this worker's. */
  readonly stop: AbortSignal;
  /** @returns what is thrown so that it is tried again, by whoever comes first */
  readonly tryAgain: (why: string) => Error;
  /** @returns what is thrown so that nobody tries it again */
  readonly giveUp: (why: string) => Error;
}

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
  };
}

interface Done {
  readonly report: ClusterReport;
  /** Absent where it could not be begun. */
  readonly finished?: FinishedRun;
}

async function carryOut(site: WorkerSite, order: ClusterOrder, what: 'look' | 'run', attempt: Attempt): Promise<Done> {
  const listener = new ClusterListener(site.reporterFor(order.cluster.name));
  let finished: FinishedRun;
  try {
    finished = await runOne(site, order, what, attempt, listener);
  } catch (error) {
    if (error instanceof InputError) return { report: refusal(error, order, order.work.source) };
    if (attempt.stop.aborted || (error instanceof Error && error.message === 'interrupted'))
      throw attempt.tryAgain('the worker was stopped');
    // What it says may hold anything, so it stays here; and it would fail again.
    const { stderr } = site.environment;
    stderr.write(`${order.cluster.name} | error: a bug in kplay ${VERSION}: ${stackOf(error)}\n`);
    throw attempt.giveUp(`a bug in kplay ${VERSION}: its stack is in the log of the worker`);
  }
  if (finished.wasInterrupted) throw attempt.tryAgain('the worker was stopped');
  if (listener.isLocked && attempt.number > 1 && attempt.number < ATTEMPTS_AT_LOCK)
    throw attempt.tryAgain('the lost worker still holds a lock of it');
  return { finished, report: listener.report(finished.result, order, what === 'look' ? 'with' : 'without') };
}

function runOne(
  { playbooks, options, environment }: WorkerSite,
  { version, runId, now, cluster, work }: ClusterOrder,
  what: 'look' | 'run',
  { stop }: Attempt,
  reporter: Reporter,
): Promise<FinishedRun> {
  if (version !== ORDER_VERSION)
    throw InputError.of(
      `the order is of version ${version}, and this kplay takes ${ORDER_VERSION}`,
      undefined,
      'run the same version of kplay on all machines',
    );
  const problems = new Problems();
  checkOrderedVariables(work.extraVars, problems);
  if (problems.hasErrors) throw new InputError(problems.all);
  const path = playbookWith(work.playbook, playbooks);
  const { extraVars, tags, skipTags, startAtTask, forceHandlers, window, reason } = work;
  const asked = {
    ...options,
    limit: cluster.hosts.join(','),
    extraVars,
    tags,
    skipTags,
    ...(startAtTask !== undefined && { startAtTask }),
    ...(forceHandlers && { forceHandlers }),
    ...(window && { window }),
    ...(reason !== undefined && { reason }),
  };
  const { playbook, ...inputs } = playbookInputs(path, asked);
  // The server keeps the rollout; what is done on one cluster of it is a run of this machine, which kplay resume goes on with here.
  const own = { ...asked, engine: undefined };
  return runPlaybook({
    command: what === 'run' ? 'run' : 'plan',
    source: path,
    options: asked,
    fleet: { clusters: 1, ...(window && { window }), ...(reason !== undefined && { reason }) },
    environment,
    // The rollout is the workflow: here is one cluster of it.
    inputs: { ...inputs, playbook: (problems) => withoutRollout(playbook(problems)) },
    checkInputs: (read, problems) => checkCluster(read, cluster, problems),
    now: new Date(now),
    runId,
    stop,
    reporter,
    ...(what === 'run' && { apply: { instead: applyRun }, recipe: (files) => recipeOf('run', path, own, files) }),
  });
}

/** The playbook that was meant. @throws {InputError} when this worker has no such one. */
function playbookWith(digest: string, paths: readonly string[]): string {
  const problems = new Problems();
  for (const path of paths) {
    const playbook = loadNamed(path, problems);
    if (playbook && playbookDigest(playbook, path) === digest) return path;
  }
  throw InputError.of(
    `the worker has no playbook of this content (SHA-256 ${digest.slice(0, 12)}…); it has ${paths.join(', ')}`,
    undefined,
    'give the workers the same playbook and roles as the one who runs it has',
  );
}

function withoutRollout(playbook: Playbook | undefined): Playbook | undefined {
  if (!playbook) return undefined;
  return { ...playbook, plays: playbook.plays.map(({ rollout: _, ...play }) => play) };
}

/** What is called so here has to be what is called so there. */
function checkCluster(
  { inventory, hosts }: Inputs,
  { name, hosts: meant, members }: ClusterOrder['cluster'],
  problems: Problems,
): void {
  const here = inventory.clusters.get(name)?.hosts ?? [];
  const odd = [...members.filter((host) => !here.includes(host)), ...here.filter((host) => !members.includes(host))];
  if (odd.length > 0 || hosts.length !== meant.length)
    problems.error(
      `cluster ${name} has other hosts in the inventory of the worker than where the run was asked for: ${odd.join(', ')}`,
      undefined,
      'use the same inventory of this cluster in both places',
    );
}

function reasonOf(event: ClusterReport['told'][number]): string {
  return 'reason' in event ? event.reason : event.type;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
