import { parseTimeout, TIMEOUT, withUnit } from '../../core/duration.ts';
import type { FactRef } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Change, PlanWarning } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import { defineStep, type PlannedChanges, type Step, type WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { workloads } from '../../facts/api/workloads.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { etcdMember } from '../../facts/processes/etcd-member.ts';
import { kubeletUnit } from '../../facts/processes/kubelet-unit.ts';
import { staticPodProcesses } from '../../facts/processes/static-pod-processes.ts';
import { otherReadersOf } from '../../kubeadm/restarts/other-readers.ts';
import { ETCD_METRICS_PORT, type Reader, readersOf } from '../../kubeadm/restarts/restart.ts';
import { COMPONENTS } from '../../kubeadm/table.ts';
import { hostRefusal } from '../gates/host-gate.ts';
import { kubeletRefusal, noKubeletRefusal } from '../gates/kubelet-gate.ts';
import { peerTrustRefusal } from '../gates/peer-trust-gate.ts';
import { failIfRuntimeDown, runtimeRefusal, runtimeSocketOf } from '../gates/runtime-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { trustRefusal } from '../gates/trust-gate.ts';
import { isWorker, restartWorkersKubelet } from '../kubelet/worker-kubelet.ts';
import { awaitProvable, settleTimes } from './await-provable.ts';
import { allProcessesOf, controlPlaneFacts, kubeletServed, processOf } from './control-plane-facts.ts';
import { awaitSpareMembers, etcdMemberOf, etcdRefusal, membersPart } from './etcd-gate.ts';
import { endMember, restartsWithEtcd, resumeApiServer, sharesItsEtcd } from './gentle-etcd.ts';
import { lostQuorumRefusal } from './lost-quorum.ts';
import {
  hiddenOthersWarnings,
  OTHERS_STAGE,
  otherRestartsIn,
  proveOther,
  restartOther,
  withOthers,
  withOthersRestarted,
} from './other-restarts.ts';
import {
  type KnownFiles,
  observeControlPlane,
  proveKubeletStays,
  proveRestart,
  restartReader,
} from './prove-restart.ts';
import { filesLaterBy, nothingToRestart, restartChange, restarted, staleness } from './restart-state.ts';
import { endProcesses, unparkManifests } from './stop-reader.ts';
import { unreadyWarnings } from './unready-warning.ts';
import { endedEvidence, withEvidence } from './with-evidence.ts';
import { workloadsOutcome } from './workloads-outcome.ts';

const schema = {
  type: 'object',
  properties: {
    timeout: {
      ...TIMEOUT,
      default: '4m',
      description: 'how long each component may take to serve its new certificate: 90s, 5m, or a number of seconds',
    },
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

const API_STAGE = 'kube-apiserver';

/** After the API servers: a worker's kubelet is useless until one answers. */
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
 * On a loaded machine a controller that was just proven may lose its lease once more, because an API server starts beside it.
 * It exits, and kubelet starts it again. That is no reason to restore certificates.
 */
const LEASE_RECOVERY_MS = 60_000;

const step: Step<Params> = {
  name: 'control_plane.restart',
  summary: 'restart everything that still runs with old certificates, and prove that it now serves the new ones',
  details:
    'Restarts only the static pods (and kubelet) whose certificates are newer than their process, that serve another ' +
    'certificate than their file, or that do not run. Works with docker, containerd, CRI-O and without any runtime ' +
    'command: processes are found through the kernel, distinguished from others of the same name by user, network, command line ' +
    'and pod, asked to end, and started again by kubelet. If they cannot be seen, the manifest is moved away and back. ' +
    'Each is proven by a new process, by the certificate that its port serves, and by its health. If the host’s clock was ' +
    'set back, certificates and kubeconfigs may have times in the future: these get the current time first, because no ' +
    'process would ever be newer. Other static pods of the host that are given a renewed file, as kube-vip is ' +
    'given admin.conf, are restarted behind the API server when they are older than it; one that does not end, or does not ' +
    'come back, is a warning.',
  schema,
  examples: [{ title: 'On slow machines', task: 'control_plane.restart: { timeout: 10m }' }],
  stages: [...new Set(Object.values(STAGES))].flatMap((stage) =>
    stage === API_STAGE ? [stage, OTHERS_STAGE, WORKER_STAGE] : [stage],
  ),
  convergesWithinMs: LEASE_RECOVERY_MS,
  isBestEffort: ({ stage }) => stage === OTHERS_STAGE,
  readsPeers: true,
  needs(_params, known, host) {
    const kubelet = kubeletServed(known);
    const facts = [system, ...controlPlaneFacts(known, host.address), ...(kubelet ? [kubelet] : [])];
    return [...facts, ...restartFacts(known, facts)];
  },
  plan(params, world, context) {
    const host = world.get(kubernetesFiles);
    if (host.role === 'none') return { action: 'none', reason: 'not a kubeadm host' };
    const warnings = hiddenOthersWarnings(world);
    const own = withApiServer(
      restartsIn(world, context.now, { filesLaterBy: filesLaterBy(context), before: context.beforeUndone }),
      world,
      context.order,
    );
    const [first, ...rest] = withOthers(own, otherRestartsIn(world), STAGES['kube-scheduler']);
    if (!first) return { action: 'none', reason: nothingToRestart(world), warnings };
    const changes = [first, ...rest] as const;
    const targets = own.map(({ target }) => target);
    const restartsMember = changes.some(({ target }) => target === 'etcd');
    const question = { host: context.host.name, peers: context.peers, order: context.order, restartsMember };
    const needsEtcd = targets.some((target) => target !== 'kubelet');
    const refusal =
      hostRefusal(world, context) ??
      runtimeRefusal(world) ??
      (targets.includes('kubelet') ? kubeletRefusal(world) : noKubeletRefusal(world, targets)) ??
      trustRefusal(host, targets) ??
      peerTrustRefusal(host, targets, context.peers) ??
      etcdRefusal(world, question) ??
      (needsEtcd ? lostQuorumRefusal(world, question, context.now) : undefined);
    if (refusal) return refusal;
    return {
      action: 'change',
      changes,
      after: withOthersRestarted(restarted(world, new Set(targets)), changes),
      warnings: [...warnings, ...unreadyWarnings(world, targets, withUnit(params.timeout), context.now)],
    };
  },
  async apply(context, _params, planned) {
    const files = filesIn(planned);
    if (planned.stage === planned.plan.changes[0].stage) await failIfRuntimeDown(context, planned.world);
    if (planned.stage === OTHERS_STAGE) {
      const warnings: PlanWarning[] = [];
      for (const { target } of planned.changes) warnings.push(...(await restartOther(context, target)));
      return { warnings };
    }
    if (isWorker(planned)) {
      await awaitProvable(context, await observeControlPlane(context, files?.world), 'kubelet');
      return {};
    }
    await unparkManifests(context, planned.world.get(kubernetesFiles));
    let ended: JsonObject = {};
    for (const reader of readersIn(planned)) {
      const world = await observeControlPlane(context, files?.world);
      if (isRestarted(world, reader, planned, context.now())) continue;
      ended = { ...ended, ...(await endedEvidence(context, reader)) };
      await withEvidence(context, [reader], () => restartPlanned(context, world, reader, planned));
    }
    return Object.keys(ended).length > 0 ? { evidence: { ended } } : {};
  },
  settleChanges: isWorker,
  async settle(context, params, planned) {
    if (isWorker(planned)) await withEvidence(context, ['kubelet'], () => restartWorkersKubelet(context, planned));
    const timeoutMs = parseTimeout(params.timeout);
    const warnings: PlanWarning[] = [];
    if (planned.stage === OTHERS_STAGE)
      for (const { target } of planned.changes)
        warnings.push(...(await proveOther(context, target, timeoutMs, planned.world)));
    else await proveReaders(context, planned, timeoutMs);
    const { changes } = planned.plan;
    if (planned.stage !== changes.at(-1)?.stage) return { warnings };
    if (changes.some(({ target }) => target === 'kubelet'))
      await withEvidence(context, ['kubelet'], () => proveKubeletStays(context, timeoutMs));
    await settleTimes(context, planned);
    const outcome = await workloadsOutcome(context, planned);
    return { ...outcome, warnings: [...warnings, ...(outcome.warnings ?? [])] };
  },
};

export const controlPlaneRestart = defineStep(refuseWhenHidden(step));

function restartsIn(world: World, now: Date, known?: Parameters<typeof staleness>[3]): readonly Change[] {
  const host = world.get(kubernetesFiles);
  return readersOf(host).flatMap((reader): readonly Change[] => {
    const reason = staleness(world, reader, now, known);
    const stage = host.role === 'worker' ? WORKER_STAGE : STAGES[reader];
    return reason === undefined ? [] : [restartChange(reader, reason, stage)];
  });
}

/**
 * An API server hangs while its own etcd restarts, and so does a kubelet that has just started, which then starts nothing for
 * minutes. So the API server is stopped first, if other masters keep serving or nobody is served anyway.
 */
function withApiServer(changes: readonly Change[], world: World, order: string): readonly Change[] {
  const has = (reader: Reader): boolean => changes.some(({ target }) => target === reader);
  if (!has('etcd') || has('kube-apiserver') || !processOf(world, 'kube-apiserver')) return changes;
  if (order !== 'recovery' && !sharesItsEtcd(world)) return changes;
  const apiServerRestart = restartChange('kube-apiserver', 'uses etcd, which restarts', API_STAGE);
  const readers: readonly string[] = readersOf(world.get(kubernetesFiles));
  return [...changes, apiServerRestart].sort((a, b) => readers.indexOf(a.target) - readers.indexOf(b.target));
}

/**
 * Facts that are read only if something will be restarted, or may be after a task with an unknown result: etcd's members (a
 * long answer), the container runtime, kubelet's unit, and the other containers on the host, which must keep running.
 */
function restartFacts(known: World, facts: readonly FactRef[]): readonly FactRef[] {
  const isUncertain = known.covers(kubernetesFiles) && !known.has(kubernetesFiles);
  if (isUncertain) return [etcdMember('127.0.0.1', ETCD_METRICS_PORT), workloads];
  if (!facts.every((ref) => known.has(ref))) return [];
  const others = otherReadersOf(known.get(kubernetesFiles)).length > 0 ? [staticPodProcesses] : [];
  if (!others.every((ref) => known.has(ref))) return others;
  const own = restartsIn(known, new Date(known.get(system).clock * 1000));
  if (own.length + otherRestartsIn(known).length === 0) return others;
  const members = [etcdMemberOf(known), membersPart(known)];
  return [...others, ...members, runtimeSocketOf(known.get(kubernetesFiles)), kubeletUnit, workloads].filter(
    (ref) => ref !== undefined,
  );
}

/**
 * Whether the reader was restarted in the meantime, by a crash or by kubelet; it is left alone then. The process for which the
 * restart was planned does not count as restarted, even if its start time seems late because the clock was set.
 */
function isRestarted(world: World, reader: Reader, planned: PlannedChanges, now: Date): boolean {
  const before = processOf(planned.world, reader);
  const running = processOf(world, reader);
  const isSame = running && running.pid === before?.pid && running.startTicks === before.startTicks;
  return !isSame && staleness(world, reader, now) === undefined;
}

async function proveReaders(context: WriteContext, planned: PlannedChanges, timeoutMs: number): Promise<void> {
  for (const reader of readersIn(planned)) {
    const prove = () =>
      withEvidence(context, [reader], () => proveRestart(context, reader, { timeoutMs, files: filesIn(planned) }));
    await (reader === 'etcd' && restartsWithEtcd(context, planned)
      ? resumeApiServer(context, planned, prove)
      : prove());
  }
}

async function restartPlanned(
  context: WriteContext,
  world: World,
  reader: Reader,
  planned: PlannedChanges,
): Promise<void> {
  if (reader === 'etcd') await awaitSpareMembers(context, world);
  await awaitProvable(context, world, reader);
  if (reader === 'etcd' && restartsWithEtcd(context, planned)) return endMember(context, world);
  context.report(`${reader}: restarting`);
  if (reader === planned.plan.changes[0].target && context.order === 'recovery')
    await endPlanned(context, world, planned);
  await restartReader(context, world, reader);
}

function readersIn({ changes, world }: PlannedChanges): readonly Reader[] {
  return readersOf(world.get(kubernetesFiles)).filter((reader) => changes.some(({ target }) => target === reader));
}

/** The files as planned, which the run has left unchanged; undefined if manifests are about to be moved. */
function filesIn({ world, planContext }: PlannedChanges): KnownFiles | undefined {
  if (world.get(kubernetesFiles).staticPods.some(({ parked }) => parked)) return undefined;
  return { world, readAt: planContext.observedAt(kubernetesFiles) };
}

/**
 * In a dead cluster, everything that the plan restarts is ended before the first of it starts again: a starting kubelet looks
 * at everything and starts what is missing at once, while a running one takes seconds to notice; and nothing may depend on an
 * API server that hangs without its etcd. The later stages prove it, or do it if this fails.
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
