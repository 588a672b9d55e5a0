import { parseDuration } from '../core/duration.ts';
import type { FactRef } from '../core/fact.ts';
import type { Change } from '../core/plan.ts';
import type { ValueOf } from '../core/schema.ts';
import { defineStep, type Outcome, type PlannedChanges, type Step, type WriteContext } from '../core/step.ts';
import type { World } from '../core/world.ts';
import { etcdMember } from '../facts/etcd-member.ts';
import { kubernetesFiles } from '../facts/kubernetes-files.ts';
import { processes } from '../facts/processes.ts';
import { system } from '../facts/system.ts';
import { workloads } from '../facts/workloads.ts';
import { ETCD_METRICS_PORT, isStale, type Reader, readersOf } from '../kubeadm/restart.ts';
import { controlPlaneFacts, processOf, readerFacts } from './support/control-plane-facts.ts';
import { etcdMemberOf, etcdRefusal, lostQuorumRefusal } from './support/etcd-gate.ts';
import { hostRefusal } from './support/host-gate.ts';
import { answersNow, hopeless, restarted, staleness, UNPROVEN_REMEDY, unproven } from './support/restart-state.ts';
import { awaitProvable, endProcesses, restartKubelet, stopReader, unparkManifests } from './support/stop-reader.ts';
import { restartWorkersKubelet } from './support/worker-kubelet.ts';

const schema = {
  type: 'object',
  properties: {
    timeout: {
      type: 'string',
      pattern: '^(\\d+h)?(\\d+m)?(\\d+s)?$',
      minLength: 2,
      default: '4m',
      description: 'how long each component may take to answer with its new certificate',
    },
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

/** A worker's kubelet is of use only when an API server answers. */
const API_STAGE = 'kube-apiserver';

/** The stage in which each reader of a master is restarted. */
const STAGES: Readonly<Record<Reader, string>> = {
  kubelet: 'kubelet',
  etcd: 'etcd',
  'kube-apiserver': API_STAGE,
  'kube-controller-manager': 'controllers',
  'kube-scheduler': 'controllers',
};

/**
 * kubelet holds back a pod that crashed, for up to five minutes; a kubelet that starts afresh has forgotten that. One that
 * has run for less than this has nothing to forget, and may still be finding its way: it is left alone.
 */
const KUBELET_SETTLED_SECONDS = 90;

/** A kubelet that ends each time it starts is tried again by its own service manager; kubeadm's unit does after ten seconds. */
const KUBELET_PATIENCE_MS = 20_000;

/** Longer than it takes two times to be told apart by clocks of whole seconds. */
const CLOCK_PATIENCE_MS = 4_000;
/** What a clock is off by when it is set is small, or a file is from a future that no restart reaches. */
const MOST_RESTARTS_AGAIN = 3;

/** Members that were restarted a moment ago find each other again in seconds. */
const SPARE_MEMBERS_MS = 30_000;

const step: Step<Params> = {
  name: 'control_plane.restart',
  summary: 'restart what still runs with old certificates, and prove that it now serves the new ones',
  details:
    'Only the static pods (and kubelet) whose certificates are newer than their process, or that serve another certificate ' +
    'than the file holds, or that do not run. Works with docker, containerd, CRI-O and without any runtime command: ' +
    'processes are found through the kernel, asked to end, and started again by kubelet; where they cannot be seen the ' +
    'manifest is moved away and back. Each is proven by a new process, by the serial that its port serves, and by its health.',
  schema,
  examples: [{ title: 'On slow machines', task: 'control_plane.restart: { timeout: 10m }' }],
  stages: [...new Set(Object.values(STAGES))],
  needs(_params, known, host) {
    const facts = [system, ...controlPlaneFacts(known, host.address)];
    return [...facts, ...restartFacts(known, facts)];
  },
  plan(_params, world, context) {
    const host = world.get(kubernetesFiles);
    if (host.role === 'none') return { action: 'none', reason: 'not a kubeadm host' };
    const changes = restartsIn(world, context.now);
    const [first, ...rest] = changes;
    if (!first) return { action: 'none', reason: 'everything runs with the certificates that are on disk' };
    const restartsMember = changes.some(({ target }) => target === 'etcd');
    const { peers, order, now } = context;
    const question = { host: context.host.name, peers, order, restartsMember };
    const needsEtcd = changes.some(({ target }) => target !== 'kubelet');
    const refusal =
      hostRefusal(world, context) ??
      etcdRefusal(world, question) ??
      (needsEtcd ? lostQuorumRefusal(world, question, now) : undefined);
    if (refusal) return refusal;
    return {
      action: 'change',
      changes: [first, ...rest],
      after: restarted(world, new Set(changes.map(({ target }) => target as Reader))),
    };
  },
  async apply(context, _params, planned) {
    const files = filesIn(planned);
    if (isWorkers(planned)) {
      await awaitProvable(context, await look(context, files?.world), 'kubelet');
      return {};
    }
    await unparkManifests(context, planned.world.get(kubernetesFiles));
    for (const reader of readersIn(planned)) {
      const world = await look(context, files?.world);
      // What has been restarted meanwhile, by its own crash or by kubelet, is left alone.
      if (staleness(world, reader, context.now()) === undefined) continue;
      if (reader === 'etcd') await awaitSpareMembers(context, world);
      await awaitProvable(context, world, reader);
      context.report(`${reader}: restarting`);
      if (reader === 'kubelet' && context.order === 'recovery') await endPlanned(context, world, planned);
      await restartReader(context, world, reader);
    }
    return {};
  },
  async settle(context, params, planned) {
    if (isWorkers(planned)) await restartWorkersKubelet(context, planned);
    const timeoutMs = parseDuration(params.timeout);
    for (const reader of readersIn(planned))
      await proveRestart(context, reader, { timeoutMs, files: filesIn(planned) });
    const isLast = planned.stage === planned.plan.changes.at(-1)?.stage;
    return isLast ? workloadsOutcome(planned.world, await context.observe([workloads])) : {};
  },
};

export const controlPlaneRestart = defineStep(step);

function restartsIn(world: World, now: Date): readonly Change[] {
  const host = world.get(kubernetesFiles);
  return readersOf(host).flatMap((reader): readonly Change[] => {
    const reason = staleness(world, reader, now);
    const stage = host.role === 'worker' ? API_STAGE : STAGES[reader];
    return reason === undefined ? [] : [restart(reader, reason, stage)];
  });
}

/**
 * Asked only when something will be restarted, or may be after a task whose end cannot be told: etcd about its members, a long
 * answer, and what else runs on the host, which is to run on.
 */
function restartFacts(known: World, facts: readonly FactRef[]): readonly FactRef[] {
  const isUncertain = known.covers(kubernetesFiles) && !known.has(kubernetesFiles);
  if (isUncertain) return [etcdMember('127.0.0.1', ETCD_METRICS_PORT), workloads];
  if (!facts.every((ref) => known.has(ref))) return [];
  if (restartsIn(known, new Date(known.get(system).clock * 1000)).length === 0) return [];
  const member = etcdMemberOf(known);
  return member ? [member, workloads] : [workloads];
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

interface KnownFiles {
  readonly world: World;
  readonly readAt: Date;
}

/** Files that the run has put into their places stay as they are; but clocks are set, and others have hands as well. */
const FILES_FRESH_MS = 15_000;

/** The facts of a host whose manifests say where to look. Files that are known are not read again. */
async function look(context: WriteContext, known?: World): Promise<World> {
  const files = known ?? (await context.observe([kubernetesFiles]));
  const rest = controlPlaneFacts(files, undefined).filter((ref) => ref.key !== kubernetesFiles.key);
  return files.merge(await context.observe([...rest, system]));
}

/** The same of one reader, when the files are known: a host that starts much at once has little time for questions. */
async function lookAtReader(context: WriteContext, files: World, reader: Reader): Promise<World> {
  return files.merge(await context.observe([processes, ...readerFacts(files.get(kubernetesFiles), reader)]));
}

function isWorkers({ world }: PlannedChanges): boolean {
  return world.get(kubernetesFiles).role === 'worker';
}

/**
 * What the plan restarts of a dead cluster is ended before kubelet starts: a kubelet that starts looks at everything and starts
 * what is missing at once, one that runs finds out seconds later. The later stages prove it, or do it where this cannot.
 */
async function endPlanned(context: WriteContext, world: World, { plan }: PlannedChanges): Promise<void> {
  const targets = new Set<string>(plan.changes.map(({ target }) => target));
  const ending = world
    .get(processes)
    .filter(({ component }) => component !== 'kubelet' && targets.has(component))
    .filter(({ component }) => staleness(world, component, context.now()) !== undefined);
  await endProcesses(context, ending);
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
    return ran.length === 0
      ? {}
      : { summary: `${ran.length} other ${ran.length === 1 ? 'container' : 'containers'} untouched` };
  const names = ended.map(([id, name]) => `${name} (${id.slice(0, 12)})`).join(', ');
  return {
    summary: `${ran.length - ended.length} of ${ran.length} other containers untouched`,
    warnings: [{ message: `containers besides the control plane have ended meanwhile: ${names}` }],
  };
}

/** It has been restarted, and yet its files seem to be newer: somebody has set the host's clock between the two. */
function looksOlder(world: World, reader: Reader): boolean {
  const running = processOf(world, reader);
  return running !== undefined && isStale(world.get(kubernetesFiles), running) !== undefined;
}

async function restartReader(context: WriteContext, world: World, reader: Reader): Promise<void> {
  if (reader === 'kubelet') return restartKubelet(context);
  const running = processOf(world, reader);
  if (running || answersNow(world, reader))
    return stopReader(context, world.get(kubernetesFiles), { component: reader, running });
  if (mayHoldBack(world)) await restartKubelet(context);
}

/** kubelet has run for so long that it may be holding a crashed pod back. */
function mayHoldBack(world: World): boolean {
  const kubelet = processOf(world, 'kubelet');
  return kubelet === undefined || kubelet.age > KUBELET_SETTLED_SECONDS;
}

/** Waits for a reader that was restarted, and helps where that alone does not bring it up. */
async function proveRestart(
  context: WriteContext,
  reader: Reader,
  { timeoutMs, files: known }: { readonly timeoutMs: number; readonly files: KnownFiles | undefined },
): Promise<void> {
  const help = helper(context, reader);
  const isOver = (world: World): boolean =>
    unproven(world, reader, context.now()) === undefined ||
    hopeless(world.get(kubernetesFiles), reader, context.now()) !== undefined;
  let files = known;
  await context.waitFor(
    reader,
    timeoutMs,
    async () => {
      const seen = files && (await lookAtReader(context, files.world, reader));
      const isFresh = files !== undefined && context.now().getTime() - files.readAt.getTime() < FILES_FRESH_MS;
      const readAt = context.now();
      const world = seen && (isFresh || !isOver(seen)) ? seen : await look(context);
      if (isOver(world)) return { done: true, value: undefined };
      files = { world, readAt: files && world === seen ? files.readAt : readAt };
      await help(world);
      const state = unproven(world, reader, context.now()) ?? '';
      const withoutKubelet = isDown(world, reader) && !processOf(world, 'kubelet');
      return { done: false, state: withoutKubelet ? `${state}, and kubelet does not run either` : state };
    },
    UNPROVEN_REMEDY,
  );
}

/** What can be done for a reader that does not come up, or came up too early: a little, and not at every look. */
function helper(context: WriteContext, reader: Reader): (world: World) => Promise<void> {
  let kubeletTriedAt = Number.NEGATIVE_INFINITY;
  let restartedAt = context.now().getTime();
  let again = 0;
  const since = (time: number): number => context.now().getTime() - time;
  return async (world) => {
    if (isDown(world, reader) && mayHoldBack(world)) {
      if (since(kubeletTriedAt) < KUBELET_PATIENCE_MS) return;
      const why = processOf(world, 'kubelet') ? 'kubelet holds it back, restarting kubelet' : 'starting kubelet';
      context.report(`${reader}: ${why}`);
      await restartKubelet(context);
      kubeletTriedAt = context.now().getTime();
    } else if (looksOlder(world, reader)) {
      if (again >= MOST_RESTARTS_AGAIN || since(restartedAt) < CLOCK_PATIENCE_MS) return;
      again += 1;
      context.report(`${reader}: restarting again, its clock was set meanwhile`);
      await restartReader(context, world, reader);
      restartedAt = context.now().getTime();
    }
  };
}

function isDown(world: World, reader: Reader): boolean {
  return !processOf(world, reader) && !answersNow(world, reader);
}
