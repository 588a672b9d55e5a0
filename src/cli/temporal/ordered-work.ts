import { InputError, Problems } from '../../core/diagnostic.ts';
import { type ClusterOrder, ORDER_VERSIONS } from '../../fleet/temporal/orders.ts';
import type { Playbook } from '../../playbook/model.ts';
import type { Reporter } from '../../report/reporter.ts';
import { playbookInputs } from '../commands/run.ts';
import type { Environment } from '../environment.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { loadNamed } from '../inputs/playbook-files.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import type { PlaybookRun } from '../run/playbook-run.ts';
import { VERSION } from '../version.ts';
import { checkOrderedVariables } from './ordered-variables.ts';
import { playbookDigest } from './playbook-digest.ts';

/** What a worker works with: its own inventory, credentials and playbooks. */
export interface WorkerSite {
  /** Paths of the playbooks that it carries out, and no others. */
  readonly playbooks: readonly string[];
  /** The file of a rollout whose checks it asks, for playbooks without one of their own. */
  readonly rollout?: string;
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

/** What an order stands for on this machine. */
export interface OrderedWorkload {
  /** Of the playbook that was meant. */
  readonly path: string;
  readonly asked: WorkerSite['options'] & { readonly limit: string; readonly extraVars: readonly string[] };
  readonly inputs: PlaybookRun['inputs'];
}

/** @throws {InputError} when this worker cannot do what was ordered */
export function orderedWork(
  { playbooks, options }: WorkerSite,
  { version, cluster, work }: ClusterOrder,
): OrderedWorkload {
  if (!ORDER_VERSIONS.includes(version))
    throw InputError.of(
      `the order is of version ${version}, and this kplay takes ${ORDER_VERSIONS.join(' and ')}`,
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
  return { path, asked, inputs: playbookInputs(path, asked) };
}

/** The playbook that was meant. @throws {InputError} when this worker has no such one. */
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

/** The rollout is the workflow, and here is one cluster of it: its waves name clusters of other workers. */
export function withoutRollout(playbook: Playbook | undefined): Playbook | undefined {
  return playbook && { ...playbook, plays: playbook.plays.map(({ rollout: _, ...play }) => play) };
}

/** What is called so here has to be what is called so there. */
export function checkCluster(
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

/** What is thrown for an error that is none of the input: whether somebody is to try it again. */
export function failureAs(
  error: unknown,
  { environment }: WorkerSite,
  { cluster }: ClusterOrder,
  attempt: Attempt,
): Error {
  if (attempt.stop.aborted || (error instanceof Error && error.message === 'interrupted'))
    return attempt.tryAgain('the worker was stopped');
  // What it says may hold anything, so it stays here; and it would fail again.
  environment.stderr.write(`${cluster.name} | error: a bug in kplay ${VERSION}: ${stackOf(error)}\n`);
  return attempt.giveUp(`a bug in kplay ${VERSION}: its stack is in the log of the worker`);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
