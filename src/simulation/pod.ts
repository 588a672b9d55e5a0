import { createHash } from 'node:crypto';
import type { StaticPod } from '../kubeadm/host/model.ts';
import type { Component } from '../kubeadm/table.ts';
import { startApiServer } from './components/api-server.ts';
import {
  type ComponentContext,
  CrashError,
  type RunningComponent,
  type StartComponent,
} from './components/component.ts';
import { startController } from './components/controller.ts';
import { startEtcd } from './components/etcd.ts';
import type { HostProcess, ProcessTable } from './process-table.ts';

const STARTERS: Readonly<Record<Component, StartComponent>> = {
  etcd: startEtcd,
  'kube-apiserver': startApiServer,
  'kube-controller-manager': startController,
  'kube-scheduler': startController,
};

/** Where kubelet keeps the data of its pods. */
export const PODS_DIRECTORY = '/var/lib/kubelet/pods';

/** The single container of a static pod, with its process while it runs. */
export class Pod {
  /** The manifest that it was made from. */
  readonly text: string;
  readonly manifest: StaticPod;
  /** The number of crashes since kubelet started. */
  crashes = 0;
  readonly #id: string;
  readonly #context: ComponentContext;
  readonly #processes: ProcessTable;
  #running: { readonly component: RunningComponent; readonly process: HostProcess } | undefined;

  constructor(text: string, manifest: StaticPod, context: ComponentContext, processes: ProcessTable) {
    this.text = text;
    this.manifest = manifest;
    // kubelet's id is also a digest of the manifest's contents.
    this.#id = createHash('md5').update(text).digest('hex');
    this.#context = context;
    this.#processes = processes;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Starts its component; after a crash nothing is left running. `since` is the start time, if it was long ago. */
  async start(since?: Date): Promise<void> {
    const start = STARTERS[this.manifest.component];
    try {
      const component = await start(this.#context, this.manifest, { isOld: since !== undefined });
      const at = since ?? this.#context.clock();
      const { command, container } = this.manifest;
      this.#context.files.makeDirectory(`${PODS_DIRECTORY}/${this.#id}/containers/${container}`);
      this.#running = { component, process: this.#processes.start({ words: command, pod: this.#id }, at) };
      this.crashes = 0;
    } catch (error) {
      if (!(error instanceof CrashError)) throw error;
      this.crashes += 1;
    }
  }

  /** Its manifest was removed: kubelet forgets it. */
  async remove(): Promise<void> {
    await this.stop();
    this.#context.files.remove(`${PODS_DIRECTORY}/${this.#id}`);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.component.stop();
    running?.process.end();
  }
}
