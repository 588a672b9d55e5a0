import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { queueOf } from '../../fleet/temporal/orders.ts';
import type { Cluster } from '../../inventory/inventory.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { checkChecks } from '../hooks/rollout-checks.ts';
import { readInputs } from '../inputs/inputs.ts';
import { packageFile } from '../inputs/package-files.ts';
import { playbookPath } from '../inputs/playbook-files.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { showDiagnostics, timeZone } from '../output/output.ts';
import { playbookInputs } from '../run/playbook-inputs.ts';
import { engineAddress } from './address.ts';
import { clusterWork } from './cluster-work.ts';
import { connectionOptions, connectTo, isServerError, serverProblem, workRefusedText } from './connect.ts';
import type { OrderAttempt } from './ordered-work.ts';
import { splitRollout } from './rollout-actions.ts';
import { runTogether, SilentFailure } from './run-together.ts';
import { temporalSdk } from './sdk.ts';
import { SdkLog, workerReporter } from './worker-log.ts';

export interface WorkerCommandOptions extends HostOptions, Omit<OutputOptions, 'output'>, StateOptions {
  readonly engine: string;
  readonly site?: string;
  /** A rollout file with the checks for playbooks that have no rollout. */
  readonly rollout?: string;
  /** How many clusters are worked on in parallel. */
  readonly clusters: number;
}

/** The workflow bundle that the build makes. */
const WORKFLOWS = 'dist/temporal-workflows.cjs';

/** Heartbeat interval: a fraction of the shortest time after which a worker may be considered lost. */
const HEARTBEAT_MS = 1_000;

/** `kplay worker`: carries out orders for the clusters of a site, for rollouts on a Temporal server, until a signal ends it. */
export async function worker(
  names: readonly string[],
  options: WorkerCommandOptions,
  environment: Environment,
): Promise<number> {
  const engine = engineAddress(options.engine, environment);
  const playbooks = names.map((name) => playbookPath(name, environment));
  await checkSite(playbooks, options, environment);
  const { worker: sdk } = temporalSdk();
  const workflows = workflowBundle();
  // The native part's messages about connection errors say less.
  await (await connectTo(engine)).close();
  const log = installLog(options, environment);
  const connection = await sdk.NativeConnection.connect(connectionOptions(engine)).catch((error: unknown) => {
    throw serverProblem(engine, error);
  });
  const sideBySide = Math.min(options.clusters, options.forks);
  const common = {
    connection,
    namespace: engine.namespace,
    maxConcurrentActivityTaskExecutions: sideBySide,
    // By default the SDK throttles heartbeats to a fraction of the timeout.
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    identity: `${environment.user}@${hostname()}, pid ${process.pid}`,
  };
  const activities = activitiesOf(playbooks, options, sideBySide, environment);
  const rollouts = { ...common, taskQueue: queueOf(undefined), workflowBundle: { codePath: workflows } };
  const clusters = { ...common, taskQueue: queueOf(options.site), activities };
  const wanted = options.site === undefined ? [{ ...rollouts, ...clusters }] : [rollouts, clusters];
  const site = options.site === undefined ? '' : `, site ${options.site}`;
  try {
    await runTogether(
      wanted.map((each) => () => sdk.Worker.create(each)),
      () => environment.stdout.write(`Working for ${engine.text}${site}: ${playbooks.join(', ')}\n`),
    );
  } catch (error) {
    // Reports the cause, not the error that the connection is still in use because of it.
    await connection.close().catch(() => undefined);
    const cause = error instanceof SilentFailure ? (log.whyFailed ?? error) : error;
    if (!isServerError(cause)) throw cause;
    // It has worked so far, so the input is not wrong.
    environment.stderr.write(`error: ${workRefusedText(engine, cause)}\n`);
    return EXIT.unreachable;
  }
  await connection.close();
  return EXIT.good;
}

/** The path of the workflows, as one file. @throws {InputError} where it was not built */
function workflowBundle(): string {
  const path = packageFile(WORKFLOWS);
  if (existsSync(path)) return path;
  throw InputError.of(`${path} is missing`, undefined, 'build kplay on a system that Temporal is for: npm run build');
}

/** Lets the SDK's messages and signals come through here. Once per process. */
function installLog(options: WorkerCommandOptions, { stderr }: Environment): SdkLog {
  const { worker: sdk } = temporalSdk();
  const log = new SdkLog(stderr, timeZone(options));
  const logger = new sdk.DefaultLogger('WARN', log.take);
  // The native part writes colours to any log unless its messages are forwarded.
  const telemetryOptions = { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } } as const;
  sdk.Runtime.install({ logger, telemetryOptions, shutdownSignals: ['SIGINT', 'SIGTERM'] });
  return log;
}

/** What the worker does for each kind of order. @param sideBySide how many clusters share the forks */
function activitiesOf(
  playbooks: readonly string[],
  { rollout, ...options }: WorkerCommandOptions,
  sideBySide: number,
  environment: Environment,
): ReturnType<typeof clusterWork> {
  const work = clusterWork(
    {
      playbooks,
      ...(rollout !== undefined && { rollout }),
      options: { ...options, output: 'plain', forks: Math.floor(options.forks / sideBySide) },
      environment,
      reporterFor: (cluster) => workerReporter(cluster, options, environment),
    },
    presentAttempt,
  );
  return {
    look: (order) => withHeartbeat(work.look(order)),
    run: (order) => withHeartbeat(work.run(order)),
    lookAgain: (order) => withHeartbeat(work.lookAgain(order)),
    check: (order) => withHeartbeat(work.check(order)),
    callWave: (order) => withHeartbeat(work.callWave(order)),
  };
}

/** The attempt in whose activity it is called. */
function presentAttempt(): OrderAttempt {
  const { activity } = temporalSdk();
  const context = activity.Context.current();
  return {
    number: context.info.attempt,
    stop: context.cancellationSignal,
    tryAgain: (why) => activity.ApplicationFailure.retryable(why),
    giveUp: (why) => activity.ApplicationFailure.nonRetryable(why),
  };
}

/** Sends heartbeats until the work on an order is done. */
async function withHeartbeat<T>(work: Promise<T>): Promise<T> {
  const { heartbeat } = temporalSdk().activity.Context.current();
  const timer = setInterval(heartbeat, HEARTBEAT_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

/** Checks the worker's own inputs before the first order arrives and before a server is contacted. Throws an InputError. */
export async function checkSite(
  playbooks: readonly string[],
  options: WorkerCommandOptions,
  environment: Environment,
): Promise<void> {
  const problems = new Problems();
  const { rollout: file, ...others } = options;
  const runOptions = { ...others, extraVars: [], tags: [], skipTags: [] };
  let clusters: ReadonlyMap<string, Cluster> | undefined;
  for (const path of playbooks) {
    const { playbook, ...request } = playbookInputs(path, runOptions);
    const { checked, ...split } = splitRollout(playbook, file);
    const inputs = await readInputs({ ...request, ...split, options: runOptions, environment }, problems);
    const rollout = checked();
    if (inputs && rollout) await checkChecks(rollout, problems);
    clusters ??= inputs?.inventory.clusters;
  }
  if (clusters) checkServes(options.site, [...clusters.values()], problems);
  if (problems.hasErrors) throw new InputError(problems.all);
  showDiagnostics(problems.all, options, environment);
}

/** Warns of a worker that serves no cluster of its inventory: most likely the name of its site is wrong. */
function checkServes(site: string | undefined, clusters: readonly Cluster[], problems: Problems): void {
  if (clusters.some(({ site: own, unread }) => own?.value === site || unread?.has('site'))) return;
  const sites = [...new Set(clusters.flatMap((cluster) => cluster.site?.value ?? []))];
  if (site !== undefined)
    problems.error(
      `no cluster of the inventory has the site '${site}'`,
      rangeOfArgument('--site', site),
      sites.length > 0
        ? suggestion(site, sites, 'its sites are')
        : `none of its clusters names a site: write site: ${site} into kplay_cluster, or leave --site out`,
    );
  else if (sites.length > 0)
    problems.warning(
      'every cluster of the inventory has a site: this worker takes none of them, and only serves rollouts',
      undefined,
      `to work on clusters, name their site: --site ${sites[0]}`,
    );
}
