import { StepFailure, type WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { system } from '../../facts/host/system.ts';
import { etcdRemoval } from '../../facts/processes/etcd-removal.ts';
import { processes } from '../../facts/processes/processes.ts';
import { type KubeadmHost, podOf } from '../../kubeadm/host/model.ts';
import { KUBELET_PORT, type Reader, unloadedFile } from '../../kubeadm/restarts/restart.ts';
import { runtimeWatch } from '../gates/runtime-gate.ts';
import { awaitProvable } from './await-provable.ts';
import {
  allProcessesOf,
  controlPlaneFacts,
  isHidden,
  kubeletServed,
  processOf,
  readerFacts,
} from './control-plane-facts.ts';
import { restartKubelet } from './restart-kubelet.ts';
import { blockingCredential, isRunning, UNPROVEN_REMEDY, unproven } from './restart-state.ts';
import { endProcesses, forgetEnded, stopReader } from './stop-reader.ts';

/**
 * kubelet backs off from restarting a crashed pod, for up to five minutes; a new kubelet forgets that. A kubelet that has run
 * for less than this may still be starting up: it is left alone.
 */
const KUBELET_SETTLED_SECONDS = 90;

/**
 * kubelet notices within a second that a container has ended, and starts the next one. A restarted kubelet first has to ask the
 * API for its pods, and waits for long if that hangs.
 */
const START_PATIENCE_MS = 6_000;

/** The service manager restarts a kubelet that keeps exiting; kubeadm's unit does after ten seconds. */
const KUBELET_PATIENCE_MS = 20_000;

/** The log of a member that has ended is read this often. */
const LOG_PATIENCE_MS = 5_000;

/** Long enough for two moments to differ on clocks with whole seconds. */
const CLOCK_PATIENCE_MS = 4_000;
/** How often a reader is restarted again because the host's clock was set between writing its files and its start. */
const MOST_RESTARTS_AGAIN = 3;

export interface KnownFiles {
  readonly world: World;
  readonly readAt: Date;
}

/** The run does not change its files again, but clocks are set, and other people may edit the files too. */
const FILES_FRESH_MS = 15_000;

/** Observes the control plane, where the manifests say. Known files are not read again. */
export async function observeControlPlane(context: WriteContext, known?: World): Promise<World> {
  const files = known ?? (await context.observe([kubernetesFiles]));
  const rest = controlPlaneFacts(files, undefined).filter((ref) => ref.key !== kubernetesFiles.key);
  return files.merge(await context.observe([...rest, system]));
}

/** Observes a single reader, if the files are known: a host that is starting many things has little time to answer. */
async function observeReader(context: WriteContext, files: World, reader: Reader): Promise<World> {
  const kubelet = reader === 'kubelet' ? kubeletServed(files) : undefined;
  const facts = [...readerFacts(files.get(kubernetesFiles), reader), ...(kubelet ? [kubelet] : [])];
  return files.merge(await context.observe([processes, ...facts]));
}

/** Whether a restarted reader seems older than its files, because the host's clock was set in between. */
function isOlderThanFiles(world: World, reader: Reader): boolean {
  const running = processOf(world, reader);
  return running !== undefined && unloadedFile(world.get(kubernetesFiles), running) !== undefined;
}

/**
 * Ends a reader so that kubelet starts it again; kubelet itself is restarted. One that does not run is started as soon as kubelet no
 * longer waits with it. Does not wait for either.
 */
export async function restartReader(context: WriteContext, world: World, reader: Reader): Promise<void> {
  if (reader === 'kubelet') return restartKubelet(context);
  const host = world.get(kubernetesFiles);
  if (isRunning(world, reader))
    return stopReader(context, host, { component: reader, running: processOf(world, reader) });
  // In a dead cluster nothing is running yet that kubelet could lose track of.
  if (context.order === 'recovery' && mayBackOff(world)) return restartKubelet(context);
  await releasePod(context, host, reader);
}

/** Makes kubelet start a pod at once that it is backing off from. */
async function releasePod(context: WriteContext, host: KubeadmHost, reader: Reader): Promise<void> {
  const pod = podOf(host, reader);
  if (pod) await forgetEnded(context, pod);
}

/** Whether kubelet has run long enough to be backing off from a crashed pod. */
function mayBackOff(world: World): boolean {
  const kubelet = processOf(world, 'kubelet');
  return kubelet === undefined || kubelet.age > KUBELET_SETTLED_SECONDS;
}

/** Waits until a restarted reader is proven, and helps it if waiting alone is not enough. */
export async function proveRestart(
  context: WriteContext,
  reader: Reader,
  { timeoutMs, files: known }: { readonly timeoutMs: number; readonly files: KnownFiles | undefined },
): Promise<void> {
  const helper = new Helper(context, reader);
  const isOver = (world: World): boolean =>
    unproven(world, reader, context.now()) === undefined ||
    blockingCredential(world.get(kubernetesFiles), reader, context.now()) !== undefined;
  let files = known;
  await context.waitFor(
    reader,
    timeoutMs,
    async () => {
      const observed = files && (await observeReader(context, files.world, reader));
      const isFresh = files !== undefined && context.now().getTime() - files.readAt.getTime() < FILES_FRESH_MS;
      const readAt = context.now();
      const isDoubtful = observed === undefined || isOlderThanFiles(observed, reader) || (!isFresh && isOver(observed));
      const world = isDoubtful ? await observeControlPlane(context) : observed;
      if (isOver(world)) return { done: true, value: undefined };
      files = { world, readAt: files && world === observed ? files.readAt : readAt };
      await helper.failIfRemoved(world);
      await helper.help(world);
      const state = unproven(world, reader, context.now()) ?? '';
      const withoutKubelet = !isRunning(world, reader) && !processOf(world, 'kubelet');
      return { done: false, state: withoutKubelet ? `${state}, and kubelet does not run either` : state };
    },
    UNPROVEN_REMEDY,
  );
}

/** A kubelet that cannot run exits within a second, on a loaded machine within a few. */
const KUBELET_STAYS_SECONDS = 10;

/**
 * Waits until a started kubelet is known to stay: it serves its port, which it does once it has found its container runtime, or
 * it has run for some time. A kubelet that exits at once and is started again by its service manager would also be a new
 * process.
 */
export async function proveKubeletStays(context: WriteContext, timeoutMs: number): Promise<void> {
  const port = served('127.0.0.1', KUBELET_PORT);
  await context.waitFor(
    'kubelet',
    // A kubelet on another port is proven by its age alone.
    Math.max(timeoutMs, 2_000 * KUBELET_STAYS_SECONDS),
    async () => {
      const world = await context.observe([kubernetesFiles, processes, port]);
      const running = processOf(world, 'kubelet');
      if (!running && !isHidden(world, 'kubelet')) return { done: false, state: 'kubelet exits again after its start' };
      if (!running || world.get(port).state === 'serving' || running.age > KUBELET_STAYS_SECONDS)
        return { done: true, value: undefined };
      return { done: false, state: `kubelet does not serve on ${KUBELET_PORT} yet`, isLight: true };
    },
    UNPROVEN_REMEDY,
  );
}

/** Helps a reader that does not start, or started too early. */
class Helper {
  readonly #context: WriteContext;
  readonly #reader: Reader;
  readonly #startedAt: number;
  #isRuntimeDown: (known: World) => Promise<boolean>;
  #kubeletTriedAt = Number.NEGATIVE_INFINITY;
  #logReadAt: number;
  #restartedAt: number;
  #restarts = 0;

  constructor(context: WriteContext, reader: Reader) {
    this.#context = context;
    this.#reader = reader;
    this.#startedAt = context.now().getTime();
    this.#isRuntimeDown = runtimeWatch(context);
    this.#logReadAt = this.#startedAt;
    this.#restartedAt = this.#startedAt;
  }

  /**
   * What etcd said before this wait does not count: the member may have been added again since, and kubelet has not started it yet.
   * @throws {StepFailure} when etcd has ended because its cluster has removed this member: it never comes up again
   */
  async failIfRemoved(world: World): Promise<void> {
    if (this.#reader !== 'etcd' || isRunning(world, 'etcd') || this.#since(this.#logReadAt) < LOG_PATIENCE_MS) return;
    this.#logReadAt = this.#context.now().getTime();
    const { secondsAgo } = (await this.#context.observe([etcdRemoval])).get(etcdRemoval);
    if (secondsAgo !== undefined && secondsAgo * 1_000 < this.#since(this.#startedAt))
      throw new StepFailure('etcd-removed', 'etcd does not start: its cluster has removed this member', {
        remedy:
          'take the host out of the play if it is to be no master any more; otherwise join it again: kubeadm reset here, then kubeadm join with --control-plane',
      });
  }

  /**
   * May be called at every poll; it acts only now and then.
   * @throws {StepFailure} when nothing can start, because the container runtime is down and stays so
   */
  async help(world: World): Promise<void> {
    // What runs was started: a later outage of the runtime is another one.
    if (isRunning(world, this.#reader)) this.#isRuntimeDown = runtimeWatch(this.#context);
    // A new kubelet could start nothing either.
    else if (await this.#isRuntimeDown(world)) return;
    if (!isRunning(world, this.#reader) && mayBackOff(world)) await this.#restartKubelet(world);
    else if (isOlderThanFiles(world, this.#reader)) await this.#restartAgain(world);
  }

  async #restartKubelet(world: World): Promise<void> {
    const isBackingOff = processOf(world, 'kubelet') !== undefined;
    if (isBackingOff && this.#since(this.#startedAt) < START_PATIENCE_MS) return;
    if (this.#since(this.#kubeletTriedAt) < KUBELET_PATIENCE_MS) return;
    const why = isBackingOff ? 'kubelet holds it back, restarting kubelet' : 'starting kubelet';
    this.#context.report(`${this.#reader}: ${why}`);
    // The API server hangs without its etcd, and so does a new kubelet, which then starts nothing.
    if (this.#reader === 'etcd') await endProcesses(this.#context, allProcessesOf(world, 'kube-apiserver'));
    await restartKubelet(this.#context);
    this.#kubeletTriedAt = this.#context.now().getTime();
  }

  /** Restarts a reader that seems older than its files because the clock was set. */
  async #restartAgain(world: World): Promise<void> {
    if (this.#restarts >= MOST_RESTARTS_AGAIN || this.#since(this.#restartedAt) < CLOCK_PATIENCE_MS) return;
    this.#restarts += 1;
    this.#context.report(`${this.#reader}: restarting again, because the clock was set in the meantime`);
    await awaitProvable(this.#context, world, this.#reader);
    await restartReader(this.#context, world, this.#reader);
    this.#restartedAt = this.#context.now().getTime();
  }

  #since(time: number): number {
    return this.#context.now().getTime() - time;
  }
}
