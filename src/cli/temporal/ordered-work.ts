import { InputError, Problems } from '../../core/diagnostic.ts';
import { RUN_ID } from '../../core/run-id.ts';
import { type ClusterOrder, ORDER_VERSIONS } from '../../fleet/temporal/orders.ts';
import { hostNameProblem } from '../../inventory/names.ts';
import type { Playbook } from '../../playbook/model.ts';
import type { Reporter } from '../../report/reporter.ts';
import { escapeControls } from '../../report/text/escape.ts';
import type { Environment } from '../environment.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { loadNamed } from '../inputs/playbook-files.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { sourceStack } from '../output/source-stack.ts';
import { playbookInputs } from '../run/playbook-inputs.ts';
import type { PlaybookRun } from '../run/playbook-run.ts';
import { VERSION } from '../version.ts';
import { checkOrderedVariables } from './ordered-variables.ts';
import { playbookDigest } from './playbook-digest.ts';

/** What a worker uses: its own inventory, credentials and playbooks. */
export interface WorkerSite {
  /** The only playbooks that it carries out. */
  readonly playbooks: readonly string[];
  /** A rollout file with the checks for playbooks that have none. */
  readonly rollout?: string;
  readonly options: HostOptions & OutputOptions & StateOptions;
  readonly environment: Environment;
  /** The reporter for the events of a cluster. */
  readonly reporterFor: (cluster: string) => Reporter;
}

/** The current attempt at an order. */
export interface OrderAttempt {
  /** Starts at 1. A higher number means that a worker was lost during the previous attempt. */
  readonly number: number;
  /** Aborted when the order is no longer this worker's. */
  readonly stop: AbortSignal;
  /** @returns the error to throw when any worker may try again */
  readonly tryAgain: (why: string) => Error;
  /** @returns the error to throw when nobody is to try again */
  readonly giveUp: (why: string) => Error;
}

/** The inputs and options of an order on this machine. */
export interface OrderedWorkload {
  /** Path of the ordered playbook. */
  readonly path: string;
  readonly options: WorkerSite['options'] & { readonly limit: string; readonly extraVars: readonly string[] };
  readonly inputs: PlaybookRun['inputs'];
}

/** @throws {InputError} when this worker cannot carry out the order */
export function orderedWork(
  { playbooks, options }: WorkerSite,
  { version, runId, cluster, work }: ClusterOrder,
): OrderedWorkload {
  if (!ORDER_VERSIONS.includes(version))
    throw InputError.of(
      `the order is of version ${version}, and this kplay takes ${ORDER_VERSIONS.join(', ')}`,
      undefined,
      'run the same version of kplay on all machines',
    );
  checkNames(runId, cluster);
  const problems = new Problems();
  checkOrderedVariables(work.extraVars, problems);
  if (problems.hasErrors) throw new InputError(problems.all);
  const path = playbookWith(work.playbook, playbooks);
  const { extraVars, tags, skipTags, startAtTask, forceHandlers, window, reason } = work;
  const runOptions = {
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
  return { path, options: runOptions, inputs: playbookInputs(path, runOptions) };
}

const RUN_ID_ALONE = new RegExp(`^${RUN_ID}$`);

/**
 * Anybody who can start workflows in the namespace could send an order: its id becomes a directory, and its hosts a pattern, which could name
 * a file of this machine (`@file`). @throws {InputError}
 */
function checkNames(runId: string, { name, hosts, members }: ClusterOrder['cluster']): void {
  const refuse = (message: string): InputError =>
    InputError.of(message, undefined, 'kplay run sends no such order: find out who has sent it');
  if (!RUN_ID_ALONE.test(runId)) throw refuse('the id of the run in the order is none');
  if (hosts.some((host) => hostNameProblem(host) !== undefined || !members.includes(host)))
    throw refuse(`the order is for hosts that are no members of cluster ${name}`);
}

/** The path of the ordered playbook. @throws {InputError} when this worker does not have it */
function playbookWith(digest: string, paths: readonly string[]): string {
  const problems = new Problems();
  const digests = paths.map((path) => {
    const playbook = loadNamed(path, problems);
    return playbook && playbookDigest(playbook, path);
  });
  const found = paths[digests.indexOf(digest)];
  if (found !== undefined) return found;
  throw InputError.of(
    `the worker has no playbook of this content (SHA-256 ${digest.slice(0, 12)}…); it has ${paths
      .map((path, index) => `${path} (${digests[index]?.slice(0, 12) ?? 'cannot be read'}…)`)
      .join(', ')}`,
    undefined,
    'copy the playbook, its roles and task files from where kplay run was started to the workers, byte by byte, start them again, and run it again',
  );
}

/** The workflow is the rollout; a worker runs one cluster of it, and the waves name clusters of other workers. */
export function withoutRollout(playbook: Playbook | undefined): Playbook | undefined {
  return playbook && { ...playbook, plays: playbook.plays.map(({ rollout: _, ...play }) => play) };
}

/** The cluster must have the same hosts in both inventories. */
export function checkCluster(
  { inventory, hosts }: Inputs,
  { name, hosts: orderedHosts, members }: ClusterOrder['cluster'],
  problems: Problems,
): void {
  const localHosts = inventory.clusters.get(name)?.hosts ?? [];
  const differing = [
    ...members.filter((host) => !localHosts.includes(host)),
    ...localHosts.filter((host) => !members.includes(host)),
  ];
  const isOther = hosts.length !== orderedHosts.length || hosts.some((host) => !orderedHosts.includes(host.name));
  if (differing.length > 0 || isOther)
    problems.error(
      `cluster ${name} has other hosts in the inventory of the worker than where the run was asked for: ${differing.join(', ')}`,
      undefined,
      'use the same inventory of this cluster in both places',
    );
}

/** The error to throw for an error that is not in the input; it says whether to try again. */
export function activityErrorOf(
  error: unknown,
  { environment }: WorkerSite,
  { cluster }: ClusterOrder,
  attempt: OrderAttempt,
): Error {
  if (attempt.stop.aborted || (error instanceof Error && error.message === 'interrupted'))
    return attempt.tryAgain('the worker was stopped');
  // The message may contain anything, so it stays here; another attempt would fail as well.
  environment.stderr.write(`${escapeControls(cluster.name)} | error: a bug in kplay ${VERSION}: ${stackOf(error)}\n`);
  return attempt.giveUp(`a bug in kplay ${VERSION}: its stack is in the log of the worker`);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? sourceStack(error) : String(error);
}
