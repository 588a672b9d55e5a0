import { type FSWatcher, watch } from 'node:fs';
import type { FileState } from '../kubeadm/host/model.ts';
import { readStaticPod } from '../kubeadm/host/static-pod.ts';
import { type Component, KUBELET_CONFIG, KUBERNETES_DIRECTORY } from '../kubeadm/table.ts';
import type { ComponentContext } from './components/component.ts';
import { KUBELET_KUBECONFIG } from './credential-files.ts';
import { bootstrapKubelet } from './kubelet-bootstrap.ts';
import { type KubeletClient, KubeletServer, loadKubeletClient } from './kubelet-credentials.ts';
import { Pod } from './pod.ts';
import type { HostProcess, ProcessTable } from './process-table.ts';

const MANIFESTS = `${KUBERNETES_DIRECTORY}/manifests`;
/** Watching may miss changes, on some file systems all of them; so it also polls. */
const POLL_MS = 500;
/** kubelet waits ten seconds after a first crash and five minutes at most, which is too long for a demonstration. */
const FIRST_BACK_OFF_MS = 250;
const LAST_BACK_OFF_MS = 8_000;

/** In the form of kubeadm's unit (10-kubeadm.conf). */
const PROGRAM = {
  words: [
    '/usr/bin/kubelet',
    `--bootstrap-kubeconfig=${KUBERNETES_DIRECTORY}/bootstrap-kubelet.conf`,
    `--kubeconfig=${KUBELET_KUBECONFIG}`,
    `--config=${KUBELET_CONFIG}`,
  ],
  pod: undefined,
} as const;

export interface KubeletOptions {
  /** How long starting a container takes. */
  readonly containerStartMs: number;
}

/**
 * A kubelet, as far as static pods are concerned. It does not run without a valid client certificate; running pods go on
 * without it. It handles requests one after another.
 */
export class Kubelet {
  readonly #context: ComponentContext;
  readonly #processes: ProcessTable;
  readonly #options: KubeletOptions;
  readonly #pods = new Map<string, Pod>();
  readonly #blocked = new Set<Component>();
  #isLimited = false;
  #queue: Promise<void> = Promise.resolve();
  #active: KubeletRun | undefined;

  constructor(context: ComponentContext, processes: ProcessTable, options: KubeletOptions) {
    this.#context = context;
    this.#processes = processes;
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#active !== undefined;
  }

  /** Its node is Ready as far as kubelet is concerned: it runs, and the API accepts it. */
  get isReady(): boolean {
    return this.#active?.client.isAccepted(this.#context.clock()) === true;
  }

  /** The pods with running processes, by component. */
  get running(): readonly Component[] {
    return [...this.#pods.values()].filter(({ isRunning }) => isRunning).map(({ manifest }) => manifest.component);
  }

  /** Starts the pods of the manifests as if they had been running for a long time, with or without a kubelet. */
  startOldPods(): Promise<void> {
    return this.#do(async () => {
      for (const [name, text] of this.#manifests()) await this.#launch(name, text, this.#processes.bootedAt);
    });
  }

  /** @returns whether it runs afterwards. `since` is the start time, if it was long ago. */
  start(since?: Date): Promise<boolean> {
    return this.#do(async () => {
      if (!this.#active) await this.#startRun(since);
      return this.isRunning;
    });
  }

  /** Its pods keep running. */
  stop(): Promise<void> {
    return this.#do(() => this.#end());
  }

  /** As systemd does it: whether it comes back depends on its client certificate. */
  restart(): Promise<boolean> {
    return this.#do(async () => {
      await this.#end();
      await this.#startRun();
      return this.isRunning;
    });
  }

  /**
   * It has ended, and was started too often: systemd refuses to start it until that is reset (systemd.unit(5),
   * StartLimitBurst).
   */
  async limitStarts(): Promise<void> {
    await this.stop();
    this.#isLimited = true;
  }

  get isLimited(): boolean {
    return this.#isLimited;
  }

  /** `systemctl reset-failed` */
  forgetStarts(): void {
    this.#isLimited = false;
  }

  /** Prevents the component from starting again, as if its image were gone. */
  block(component: Component): void {
    this.#blocked.add(component);
  }

  /** Allows it to start again. */
  unblock(component: Component): void {
    this.#blocked.delete(component);
  }

  /** Ends kubelet and all pods. */
  shutDown(): Promise<void> {
    return this.#do(async () => {
      await this.#end();
      await Promise.all([...this.#pods.values()].map((pod) => pod.stop()));
      this.#pods.clear();
    });
  }

  #do<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async #startRun(since?: Date): Promise<void> {
    const client = loadKubeletClient(this.#context) ?? (await this.#bootstrap());
    if (!client) return;
    const server = await KubeletServer.start(this.#context);
    const process = this.#processes.start(PROGRAM, since ?? this.#context.clock());
    this.#active = new KubeletRun(client, server, process, this.#context.files.at(MANIFESTS), () =>
      this.#do(() => this.#sync()),
    );
    for (const pod of this.#pods.values()) pod.crashes = 0;
    await this.#sync(since);
  }

  async #bootstrap(): Promise<KubeletClient | undefined> {
    return (await bootstrapKubelet(this.#context)) ? loadKubeletClient(this.#context) : undefined;
  }

  async #end(): Promise<void> {
    const life = this.#active;
    this.#active = undefined;
    await life?.end();
  }

  /** Starts and stops pods according to the manifests. `since` is the time of that, if it was long ago. */
  async #sync(since?: Date): Promise<void> {
    const life = this.#active;
    if (!life) return;
    const manifests = this.#manifests();
    for (const [name, pod] of this.#pods) {
      if (manifests.get(name) === pod.text) continue;
      this.#pods.delete(name);
      life.forgetWait(name);
      await pod.remove();
    }
    for (const [name, text] of manifests) {
      const pod = this.#pods.get(name);
      if (pod?.isRunning || life.isWaiting(name)) continue;
      if (!since) await new Promise((resolve) => setTimeout(resolve, this.#options.containerStartMs));
      const started = pod ?? this.#podOf(name, text);
      if (started) await this.#attempt(life, name, started, since);
    }
  }

  async #attempt(life: KubeletRun, name: string, pod: Pod, since?: Date): Promise<void> {
    this.#pods.set(name, pod);
    if (!this.#blocked.has(pod.manifest.component)) await pod.start(since);
    if (pod.isRunning) return;
    life.wait(name, Math.min(LAST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** pod.crashes));
  }

  async #launch(name: string, text: string, since: Date): Promise<void> {
    const pod = this.#podOf(name, text);
    if (!pod) return;
    await pod.start(since);
    if (pod.isRunning) this.#pods.set(name, pod);
  }

  #podOf(name: string, text: string): Pod | undefined {
    const manifest = readStaticPod(fileState(`${MANIFESTS}/${name}`, text), text);
    return manifest && new Pod(text, manifest, this.#context, this.#processes);
  }

  /** The texts of the manifests, by name. */
  #manifests(): ReadonlyMap<string, string> {
    const { files } = this.#context;
    const texts = new Map<string, string>();
    for (const name of files.list(MANIFESTS)) {
      const text = name.startsWith('.') ? undefined : files.readIfThere(`${MANIFESTS}/${name}`);
      if (text !== undefined) texts.set(name, text);
    }
    return texts;
  }
}

/** The resources of a running kubelet. */
class KubeletRun {
  readonly client: KubeletClient;
  readonly #server: KubeletServer;
  readonly #process: HostProcess;
  readonly #look: () => Promise<void>;
  readonly #waits = new Map<string, NodeJS.Timeout>();
  readonly #poll: NodeJS.Timeout;
  readonly #watcher: FSWatcher | undefined;

  constructor(
    client: KubeletClient,
    server: KubeletServer,
    process: HostProcess,
    directory: string,
    look: () => Promise<void>,
  ) {
    this.client = client;
    this.#server = server;
    this.#process = process;
    this.#look = look;
    this.#poll = setInterval(() => void look(), POLL_MS);
    this.#watcher = watchQuietly(directory, () => void look());
  }

  /** Whether a crashed pod is in its back-off. */
  isWaiting(name: string): boolean {
    return this.#waits.has(name);
  }

  wait(name: string, milliseconds: number): void {
    const timer = setTimeout(() => {
      this.#waits.delete(name);
      void this.#look();
    }, milliseconds);
    this.#waits.set(name, timer);
  }

  forgetWait(name: string): void {
    clearTimeout(this.#waits.get(name));
    this.#waits.delete(name);
  }

  async end(): Promise<void> {
    clearInterval(this.#poll);
    for (const timer of this.#waits.values()) clearTimeout(timer);
    this.#watcher?.close();
    await this.#server.stop();
    this.#process.end();
  }
}

/** Undefined if directories cannot be watched: kubelet then only polls. */
function watchQuietly(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function fileState(path: string, text: string): FileState {
  return { path, mode: '0600', uid: 0, gid: 0, size: text.length, modifiedAt: 0, sha256: '' };
}
