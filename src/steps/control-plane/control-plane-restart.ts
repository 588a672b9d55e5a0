import { count } from '../../core/count.ts';
import { parseDuration, TIMEOUT_PATTERN } from '../../core/duration.ts';
import type { FactRef } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Change, PlanWarning } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import { defineStep, type Outcome, type PlannedChanges, type Step, type WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { workloads } from '../../facts/api/workloads.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { etcdMember } from '../../facts/processes/etcd-member.ts';
import { ETCD_METRICS_PORT, type Reader, readersOf } from '../../kubeadm/restarts/restart.ts';
import { COMPONENTS } from '../../kubeadm/table.ts';
import { hostRefusal } from '../gates/host-gate.ts';
import { runtimeRefusal, runtimeSocketOf } from '../gates/runtime-gate.ts';
import { seesAll } from '../gates/sees-all.ts';
import { trustRefusal } from '../gates/trust-gate.ts';
import { restartWorkersKubelet } from '../kubelet/worker-kubelet.ts';
import { awaitProvable } from './await-provable.ts';
import { allProcessesOf, controlPlaneFacts, healthOf, isHealthy, processOf } from './control-plane-facts.ts';
import { etcdMemberOf, etcdRefusal, lostQuorumRefusal } from './etcd-gate.ts';
import { endMember, goesAlong, letApiServerBack, sharesItsEtcd } from './gentle-etcd.ts';
import { type KnownFiles, look, proveKubeletStays, proveRestart, restartReader } from './prove-restart.ts';
import { restarted, staleness } from './restart-state.ts';
import { endProcesses, unparkManifests } from './stop-reader.ts';
import { endedBefore, withEvidence } from './with-evidence.ts';

const schema = {
  type: 'object',
  properties: {
    timeout: {
      type: 'string',
      pattern: TIMEOUT_PATTERN,
      minLength: 2,
      default: '4m',
      description: 'how long each component may take to answer with its new certificate',
    },
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

const API_STAGE = 'kube-apiserver';

/** Behind that of the API servers: a worker's kubelet is of use only when one answers. */
const WORKER_STAGE = 'kubelet on workers';

/** The stage in which each reader of a master is restarted. */
const STAGES: Readonly<Record<Reader, string>> = {
  kubelet: 'kubelet',
  etcd: 'etcd',
  'kube-apiserver': API_STAGE,
  'kube-controller-manager': 'controllers',
  'kube-scheduler': 'controllers',
};

/**
 * On a loaded machine a controller that has just been proven may lose its lease once more, to an API that comes up beside it: it ends,
 * and kubelet starts it again. That is nothing to put certificates back for.
 */
const STUMBLING_MS = 60_000;

/** Members that were restarted a moment ago find each other again in seconds. */
const SPARE_MEMBERS_MS = 30_000;

const step: Step<Params> = {
  name: 'control_plane.restart',
  summary: 'restart what still runs with old certificates, and prove that it now serves the new ones',
  details:
    'Restarts only the static pods (and kubelet) whose certificates are newer than their process, that serve another ' +
    'certificate than the file holds, or that do not run. Works with docker, containerd, CRI-O and without any runtime ' +
    'command: processes are found through the kernel, told from others of the same name by user, network, command line ' +
    'and pod, asked to end, and started again by kubelet. Where they cannot be seen, the manifest is moved away and back. ' +
    'Each is proven by a new process, by the serial that its port serves, and by its health. Where the host’s clock was ' +
    'set back, certificates and kubeconfigs may have times in the future: these get the present time first, since no ' +
    'process would ever be newer than they.',
  schema,
  examples: [{ title: 'On slow machines', task: 'control_plane.restart: { timeout: 10m }' }],
  stages: [...new Set(Object.values(STAGES))].flatMap((stage) =>
    stage === API_STAGE ? [stage, WORKER_STAGE] : [stage],
  ),
  convergesWithinMs: STUMBLING_MS,
  readsPeers: true,
  needs(_params, known, host) {
    const facts = [system, ...controlPlaneFacts(known, host.address)];
    return [...facts, ...restartFacts(known, facts)];
  },
  plan(params, world, context) {
    const host = world.get(kubernetesFiles);
    if (host.role === 'none') return { action: 'none', reason: 'not a kubeadm host' };
    const changes = withApiServer(restartsIn(world, context.now), world, context.order);
    const [first, ...rest] = changes;
    if (!first) return { action: 'none', reason: 'everything runs with the certificates that are on disk' };
    const restartsMember = changes.some(({ target }) => target === 'etcd');
    const { peers, order, now } = context;
    const question = { host: context.host.name, peers, order, restartsMember };
    const needsEtcd = changes.some(({ target }) => target !== 'kubelet');
    const refusal =
      hostRefusal(world, context) ??
      runtimeRefusal(world) ??
      trustRefusal(
        host,
        changes.map(({ target }) => target),
      ) ??
      etcdRefusal(world, question) ??
      (needsEtcd ? lostQuorumRefusal(world, question, now) : undefined);
    if (refusal) return refusal;
    return {
      action: 'change',
      changes: [first, ...rest],
      after: restarted(world, new Set(changes.map(({ target }) => target as Reader))),
      ...(changes.some(({ target }) => target === 'kube-apiserver') && unreadyWarning(world, params)),
    };
  },
  async apply(context, _params, planned) {
    const files = filesIn(planned);
    if (isWorkers(planned)) {
      await awaitProvable(context, await look(context, files?.world), 'kubelet');
      return {};
    }
    await unparkManifests(context, planned.world.get(kubernetesFiles));
    let ended: JsonObject = {};
    for (const reader of readersIn(planned)) {
      const world = await look(context, files?.world);
      if (isRestarted(world, reader, planned, context.now())) continue;
      ended = { ...ended, ...(await endedBefore(context, reader)) };
      await withEvidence(context, [reader], () => restartPlanned(context, world, reader, planned));
    }
    return Object.keys(ended).length > 0 ? { evidence: { ended } } : {};
  },
  async settle(context, params, planned) {
    if (isWorkers(planned)) await withEvidence(context, ['kubelet'], () => restartWorkersKubelet(context, planned));
    const timeoutMs = parseDuration(params.timeout);
    for (const reader of readersIn(planned)) {
      const prove = () =>
        withEvidence(context, [reader], () => proveRestart(context, reader, { timeoutMs, files: filesIn(planned) }));
      await (reader === 'etcd' && goesAlong(context, planned) ? letApiServerBack(context, planned, prove) : prove());
    }
    const { changes } = planned.plan;
    if (planned.stage !== changes.at(-1)?.stage) return {};
    if (changes.some(({ target }) => target === 'kubelet'))
      await withEvidence(context, ['kubelet'], () => proveKubeletStays(context, timeoutMs));
    return workloadsOutcome(planned.world, await context.observe([workloads]));
  },
};

export const controlPlaneRestart = defineStep(seesAll(step));

function restartsIn(world: World, now: Date): readonly Change[] {
  const host = world.get(kubernetesFiles);
  return readersOf(host).flatMap((reader): readonly Change[] => {
    const reason = staleness(world, reader, now);
    const stage = host.role === 'worker' ? WORKER_STAGE : STAGES[reader];
    return reason === undefined ? [] : [restart(reader, reason, stage)];
  });
}

/** What the checks of an API server are called that look at etcd alone, which the restart may bring back. */
const OF_ETCD = /^etcd/;

/** An API server that is not ready for a reason of its own: no restart mends that, and yet it will be waited for. */
function unreadyWarning(world: World, { timeout }: Params): { readonly warnings?: readonly PlanWarning[] } {
  const health = healthOf(world.get(kubernetesFiles), 'kube-apiserver');
  const answer = health && world.has(health) ? world.get(health) : undefined;
  if (answer?.status === undefined || isHealthy('kube-apiserver', answer)) return {};
  const failing = [...answer.text.matchAll(/\[-\](\S+)/g)].flatMap(([, check]) => check ?? []);
  const own = failing.filter((check) => !OF_ETCD.test(check));
  if (failing.length > 0 && own.length === 0) return {};
  const says = own.length > 0 ? `not ready (${own.join(', ')})` : `not ready (it answers ${answer.status})`;
  return {
    warnings: [
      {
        message: `kube-apiserver is ${says}: where it is not within ${timeout} of its restart, this host is restored`,
        remedy:
          'if the certificates are not the cause, repair that first: kubectl get --raw /readyz?verbose says what is wrong',
      },
    ],
  };
}

/** An API server hangs while its own etcd restarts; where other masters keep serving, it is stopped first. */
function withApiServer(changes: readonly Change[], world: World, order: string): readonly Change[] {
  const has = (reader: Reader): boolean => changes.some(({ target }) => target === reader);
  if (order === 'recovery' || !has('etcd') || has('kube-apiserver')) return changes;
  if (!sharesItsEtcd(world) || !processOf(world, 'kube-apiserver')) return changes;
  const along = restart('kube-apiserver', 'uses etcd, which restarts', API_STAGE);
  const readers: readonly string[] = readersOf(world.get(kubernetesFiles));
  return [...changes, along].sort((a, b) => readers.indexOf(a.target) - readers.indexOf(b.target));
}

/**
 * Asked only when something will be restarted, or may be after a task whose end cannot be told: etcd about its members, a long
 * answer, the kernel about the container runtime, and what else runs on the host, which is to run on.
 */
function restartFacts(known: World, facts: readonly FactRef[]): readonly FactRef[] {
  const isUncertain = known.covers(kubernetesFiles) && !known.has(kubernetesFiles);
  if (isUncertain) return [etcdMember('127.0.0.1', ETCD_METRICS_PORT), workloads];
  if (!facts.every((ref) => known.has(ref))) return [];
  if (restartsIn(known, new Date(known.get(system).clock * 1000)).length === 0) return [];
  return [etcdMemberOf(known), runtimeSocketOf(known.get(kubernetesFiles)), workloads].filter(
    (ref) => ref !== undefined,
  );
}

/**
 * What has been restarted meanwhile, by its own crash or by kubelet, is left alone. The process for which the restart was planned
 * has not been, however late its start seems to be by a clock that was set ahead.
 */
function isRestarted(world: World, reader: Reader, planned: PlannedChanges, now: Date): boolean {
  const before = processOf(planned.world, reader);
  const running = processOf(world, reader);
  const isSame = running && running.pid === before?.pid && running.startTicks === before.startTicks;
  return !isSame && staleness(world, reader, now) === undefined;
}

async function restartPlanned(
  context: WriteContext,
  world: World,
  reader: Reader,
  planned: PlannedChanges,
): Promise<void> {
  if (reader === 'etcd') await awaitSpareMembers(context, world);
  await awaitProvable(context, world, reader);
  if (reader === 'etcd' && goesAlong(context, planned)) return endMember(context, world);
  context.report(`${reader}: restarting`);
  if (reader === 'kubelet' && context.order === 'recovery') await endPlanned(context, world, planned);
  await restartReader(context, world, reader);
}

function readersIn({ changes }: PlannedChanges): readonly Reader[] {
  return changes.map(({ target }) => target as Reader);
}

function restart(reader: Reader, reason: string, stage: string): Change {
  return {
    kind: 'restart',
    target: reader,
    before: null,
    after: null,
    summary: reason,
    disruptive: true,
    stage,
  };
}

/** The files as the plan knows them, which are as the run has left them; undefined when manifests are about to be moved. */
function filesIn({ world, planContext }: PlannedChanges): KnownFiles | undefined {
  if (world.get(kubernetesFiles).staticPods.some(({ parked }) => parked)) return undefined;
  return { world, readAt: planContext.observedAt(kubernetesFiles) };
}

function isWorkers({ world }: PlannedChanges): boolean {
  return world.get(kubernetesFiles).role === 'worker';
}

/**
 * What the plan restarts of a dead cluster is ended before kubelet starts: a kubelet that starts looks at everything and starts
 * what is missing at once, one that runs finds out seconds later. The later stages prove it, or do it where this cannot.
 */
async function endPlanned(context: WriteContext, world: World, planned: PlannedChanges): Promise<void> {
  const targets = new Set<string>(planned.plan.changes.map(({ target }) => target));
  const ending = COMPONENTS.filter((component) => targets.has(component)).filter(
    (component) => !isRestarted(world, component, planned, context.now()),
  );
  await endProcesses(
    context,
    ending.flatMap((component) => allProcessesOf(world, component)),
  );
}

/** What others did since the plan was made may have cost etcd a member: then this one must not go as well. */
async function awaitSpareMembers(context: WriteContext, world: World): Promise<void> {
  const member = etcdMemberOf(world);
  if (!member) return;
  const question = { host: context.host, peers: new Map(), order: context.order, restartsMember: true };
  await context.waitFor('etcd to do without this member', SPARE_MEMBERS_MS, async () => {
    const refusal = etcdRefusal(world.merge(await context.observe([member])), question);
    return refusal ? { done: false, state: refusal.reason } : { done: true, value: undefined };
  });
}

/** What ran besides the control plane before the restart runs on: same containers. A job may have come to its end meanwhile. */
function workloadsOutcome(before: World, after: World): Outcome {
  const ran = before.has(workloads) ? [...before.get(workloads)] : [];
  const now = after.get(workloads);
  const ended = ran.filter(([id]) => !now.has(id));
  if (ended.length === 0)
    return ran.length === 0 ? {} : { summary: `${count(ran.length, 'other container')} untouched` };
  const names = ended.map(([id, name]) => `${name} (${id.slice(0, 12)})`).join(', ');
  return {
    summary: `${ran.length - ended.length} of ${ran.length} other containers untouched`,
    warnings: [{ message: `containers besides the control plane have ended meanwhile: ${names}` }],
  };
}
