import type { Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { mayDependOnRun, mayEverWrite, tasksOf } from '../../engine/program/play-tasks.ts';
import { orderVersion, packRollout, type RolloutOrder } from '../../fleet/temporal/orders.ts';
import type { Playbook } from '../../playbook/model.ts';
import { rolloutOf } from '../fleet/rolling-out.ts';
import type { RunControl } from '../fleet/run-control.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { ClusterOptions, PlaybookOptions } from '../options/options.ts';
import { checkOrderedVariables } from './ordered-variables.ts';
import { checksDigest, playbookDigest } from './playbook-digest.ts';

/** Options for a rollout that workers carry out. */
export interface OrderOptions extends PlaybookOptions, ClusterOptions {
  readonly verbose?: number;
  readonly forceHandlers?: boolean;
  /** Seconds. */
  readonly workerTimeout?: number;
}

/** The default of `--worker-timeout`, in seconds. */
const WORKER_TIMEOUT = 30;

/** Workers send a heartbeat every second, and may miss one. */
const MIN_TIMEOUT = 3;

/** The parts of the order that describe the run. */
export interface OrderedRun extends Pick<RolloutOrder, 'runId' | 'sideBySide'> {
  readonly control: RunControl;
}

/** Adds to `problems` what cannot be passed to workers. */
export function checkOrder(inputs: Inputs, options: OrderOptions, problems: Problems): void {
  if (!inputs.rollout)
    problems.error(
      '--engine is for a rollout, and this playbook has none',
      ['--engine'],
      'add rollout: to its play, or name a file: --rollout FILE; rollout: { order: urgency } is one wave of all clusters',
    );
  const { workerTimeout = WORKER_TIMEOUT } = options;
  if (workerTimeout < MIN_TIMEOUT)
    problems.error(
      `${workerTimeout} s is too short: a worker reports each second at best`,
      rangeOfArgument('--worker-timeout', String(workerTimeout)),
      `give at least ${MIN_TIMEOUT}`,
    );
  if (options.verbose)
    problems.warning(
      '-v has no effect on tasks that workers carry out',
      undefined,
      'see the log and the journals of the workers: kplay worker -v, and kplay show there',
    );
  for (const { varsPrompt } of inputs.playbook.plays)
    for (const { name } of varsPrompt)
      problems.error(
        `${name.value} has to be asked for, and workers cannot ask`,
        name.range,
        'remove the question, and set the variable with -e, or in the inventory of the workers',
      );
  checkOrderedVariables(options.extraVars, problems);
}

/**
 * The order that workers carry out.
 * @param playbook all of its plays, as workers have it, even if the run starts at a later task
 */
export function orderOf(
  inputs: Inputs,
  playbook: Playbook,
  { path, source }: { readonly path: string; readonly source: string },
  options: OrderOptions,
  { control: { commands, waves, told, unproven }, ...run }: OrderedRun,
): RolloutOrder {
  const known = rolloutOf(inputs);
  const { rollout } = inputs;
  if (!known || !rollout) throw new Error('checkOrder lets none pass without a rollout');
  const { workerTimeout = WORKER_TIMEOUT } = options;
  const requested = {
    ...(rollout.checks.length > 0 && { checks: checksDigest(rollout.checks) }),
    ...(inputs.playbook.plays.some(({ onWave = [] }) => onWave.length > 0) && { waveHooks: true as const }),
    ...(unproven.size > 0 && { unproven: [...unproven] }),
  };
  const uses = {
    ...requested,
    isOpen: inputs.plays.some(mayDependOnRun),
    hasLooks: inputs.plays.flatMap(tasksOf).some((task) => !mayEverWrite(task)),
  };
  return {
    version: orderVersion(rollout, uses, options),
    ...run,
    play: known.play,
    rollout: packRollout(rollout),
    ...requested,
    total: known.total,
    clusters: orderedClusters(known, inputs),
    commands: {
      ...commands,
      approve: Object.fromEntries(rollout.waves.map(({ name }) => [name.value, commands.approve(name.value)])),
    },
    recorded: Object.fromEntries(waves),
    ...(told.size > 0 && { told: Object.fromEntries(told) }),
    workerTimeoutMs: workerTimeout * 1000,
    work: workOf(playbookDigest(playbook, path), source, options),
  };
}

function orderedClusters(
  { candidates, hostsOf }: NonNullable<ReturnType<typeof rolloutOf>>,
  { inventory }: Inputs,
): RolloutOrder['clusters'] {
  return candidates.map(({ name, labels, wave }) => {
    const cluster = inventory.clusters.get(name);
    return {
      name,
      hosts: hostsOf.get(name) ?? [],
      members: cluster?.hosts ?? [],
      labels: Object.fromEntries(labels),
      ...(wave !== undefined && { wave }),
      ...(cluster?.site && { site: cluster.site.value }),
    };
  });
}

function workOf(
  playbook: string,
  source: string,
  { extraVars, tags, skipTags, startAtTask, forceHandlers, window, reason }: OrderOptions,
): RolloutOrder['work'] {
  return {
    playbook,
    source,
    extraVars,
    tags,
    skipTags,
    ...(startAtTask !== undefined && { startAtTask }),
    ...(forceHandlers && { forceHandlers: true }),
    ...(window && { window }),
    ...(reason !== undefined && { reason }),
  };
}
