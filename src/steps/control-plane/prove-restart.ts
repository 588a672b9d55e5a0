import type { WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { system } from '../../facts/host/system.ts';
import { processes } from '../../facts/processes/processes.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { isStale, KUBELET_PORT, type Reader } from '../../kubeadm/restarts/restart.ts';
import { awaitProvable } from './await-provable.ts';
import { allProcessesOf, controlPlaneFacts, isHidden, processOf, readerFacts } from './control-plane-facts.ts';
import { hopeless, isRunning, UNPROVEN_REMEDY, unproven } from './restart-state.ts';
import { endProcesses, forgetEnded, restartKubelet, stopReader } from './stop-reader.ts';

/**
 * kubelet holds back a pod that crashed, for up to five minutes; a kubelet that starts afresh has forgotten that. One that
 * has run for less than this may still be finding its way: it is left alone.
 */
const KUBELET_SETTLED_SECONDS = 90;

/**
 * kubelet sees within a second that a container has ended, and starts the next. One that starts anew instead has to ask the API
 * for the pods that it knows there before it starts any, and waits for long when that hangs.
 */
const START_PATIENCE_MS = 6_000;

/** A kubelet that ends each time it starts is tried again by its own service manager; kubeadm's unit does after ten seconds. */
const KUBELET_PATIENCE_MS = 20_000;

/** Long enough for two points in time to differ on clocks with whole seconds. */
const CLOCK_PATIENCE_MS = 4_000;
/** How often a reader is restarted once more because the host's clock was set between its files and its start. */
const MOST_RESTARTS_AGAIN = 3;

export interface KnownFiles {
  readonly world: World;
  readonly readAt: Date;
}

/** Files that the run has put into their places stay as they are, but clocks are set, and other people may edit the files too. */
const FILES_FRESH_MS = 15_000;

/** The facts of a host whose manifests say where to look. Files that are known are not read again. */
export async function look(context: WriteContext, known?: World): Promise<World> {
  const files = known ?? (await context.observe([kubernetesFiles]));
  const rest = controlPlaneFacts(files, undefined).filter((ref) => ref.key !== kubernetesFiles.key);
  return files.merge(await context.observe([...rest, system]));
}

/** The same of one reader, when the files are known: a host that starts much at once has little time for questions. */
async function lookAtReader(context: WriteContext, files: World, reader: Reader): Promise<World> {
  return files.merge(await context.observe([processes, ...readerFacts(files.get(kubernetesFiles), reader)]));
}

/** Whether a reader that was restarted seems older than its files: the host's clock was set in between. */
function looksOlder(world: World, reader: Reader): boolean {
  const running = processOf(world, reader);
  return running !== undefined && isStale(world.get(kubernetesFiles), running) !== undefined;
}

export async function restartReader(context: WriteContext, world: World, reader: Reader): Promise<void> {
  if (reader === 'kubelet') return restartKubelet(context);
  const host = world.get(kubernetesFiles);
  if (isRunning(world, reader))
    return stopReader(context, host, { component: reader, running: processOf(world, reader) });
  // Of a dead cluster nothing runs yet that a kubelet could lose sight of.
  if (context.order === 'recovery' && mayHoldBack(world)) return restartKubelet(context);
  await letGo(context, host, reader);
}

/** Makes kubelet start at once a pod that it holds back. */
async function letGo(context: WriteContext, { staticPods }: KubeadmHost, reader: Reader): Promise<void> {
  const pod = staticPods.find(({ component }) => component === reader);
  if (pod) await forgetEnded(context, pod);
}

/** kubelet has run for so long that it may be holding a crashed pod back. */
function mayHoldBack(world: World): boolean {
  const kubelet = processOf(world, 'kubelet');
  return kubelet === undefined || kubelet.age > KUBELET_SETTLED_SECONDS;
}

/** Waits until a reader that was restarted is proven, and helps it where waiting alone does not do. */
export async function proveRestart(
  context: WriteContext,
  reader: Reader,
  { timeoutMs, files: known }: { readonly timeoutMs: number; readonly files: KnownFiles | undefined },
): Promise<void> {
  const helper = new Helper(context, reader);
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
      const isDoubtful = seen === undefined || looksOlder(seen, reader) || (!isFresh && isOver(seen));
      const world = isDoubtful ? await look(context) : seen;
      if (isOver(world)) return { done: true, value: undefined };
      files = { world, readAt: files && world === seen ? files.readAt : readAt };
      await helper.help(world);
      const state = unproven(world, reader, context.now()) ?? '';
      const withoutKubelet = !isRunning(world, reader) && !processOf(world, 'kubelet');
      return { done: false, state: withoutKubelet ? `${state}, and kubelet does not run either` : state };
    },
    UNPROVEN_REMEDY,
  );
}

/** By then a kubelet that cannot run has ended: it finds that out within a second, on a loaded machine within some. */
const KUBELET_STAYS_SECONDS = 10;

/**
 * Waits until a kubelet that has started is seen to stay: it serves its port, which it does after it has found its container
 * runtime, or has run for some time. One that ends at once, and is started again by its service manager, was a new process as well.
 */
export async function proveKubeletStays(context: WriteContext, timeoutMs: number): Promise<void> {
  const port = served('127.0.0.1', KUBELET_PORT);
  await context.waitFor(
    'kubelet',
    // One that serves elsewhere is proven by its age alone.
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

/** Helps a reader that does not come up, or came up too early. */
class Helper {
  readonly #context: WriteContext;
  readonly #reader: Reader;
  readonly #startedAt: number;
  #kubeletTriedAt = Number.NEGATIVE_INFINITY;
  #restartedAt: number;
  #restarts = 0;

  constructor(context: WriteContext, reader: Reader) {
    this.#context = context;
    this.#reader = reader;
    this.#startedAt = context.now().getTime();
    this.#restartedAt = this.#startedAt;
  }

  /** May be called at every look; it acts only now and then. */
  async help(world: World): Promise<void> {
    if (!isRunning(world, this.#reader) && mayHoldBack(world)) await this.#restartKubelet(world);
    else if (looksOlder(world, this.#reader)) await this.#restartAgain(world);
  }

  async #restartKubelet(world: World): Promise<void> {
    const holdsBack = processOf(world, 'kubelet') !== undefined;
    if (holdsBack && this.#since(this.#startedAt) < START_PATIENCE_MS) return;
    if (this.#since(this.#kubeletTriedAt) < KUBELET_PATIENCE_MS) return;
    const why = holdsBack ? 'kubelet holds it back, restarting kubelet' : 'starting kubelet';
    this.#context.report(`${this.#reader}: ${why}`);
    // It hangs without its etcd, and with it a kubelet that has just started, which then starts nothing.
    if (this.#reader === 'etcd') await endProcesses(this.#context, allProcessesOf(world, 'kube-apiserver'));
    await restartKubelet(this.#context);
    this.#kubeletTriedAt = this.#context.now().getTime();
  }

  /** One that seems to be older than its files, because the clock was set. */
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
