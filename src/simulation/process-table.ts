import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { baseName } from '../core/host-path.ts';
import type { HostFiles } from './host-files.ts';
import { UPTIME_MS } from './profile.ts';

/** A process of an embedded host. */
export interface HostProcess {
  readonly pid: number;
  /** Ends it. */
  end(): void;
}

/** What a process runs. */
export interface Program {
  /** Command line, the program first. */
  readonly words: readonly string[];
  /** Id of the kubelet pod in which it gets a container; undefined for a service. */
  readonly pod: string | undefined;
}

/** Above every real pid (2^22 on Linux, 99 999 on macOS), so that a signal by mistake reaches no process. */
const FIRST_PID = 5_000_000;
/** The kernel keeps fifteen characters of a program's name. */
const MAX_NAME = 15;
const TICKS_PER_SECOND = 100;

/** The /proc of an embedded host, as far as kplay reads it. */
export class ProcessTable {
  readonly #files: HostFiles;
  readonly #bootSeconds: number;
  #nextPid: number;

  constructor(files: HostFiles, now: Date) {
    this.#files = files;
    this.#bootSeconds = Math.floor((now.getTime() - UPTIME_MS) / 1_000);
    this.#nextPid = FIRST_PID;
    files.write('/proc/stat', `cpu  0 0 0 0 0 0 0 0 0 0\nbtime ${this.#bootSeconds}\n`);
    this.#write(1, ['/sbin/init'], '0::/init.scope\n', this.bootedAt);
  }

  /** The start time of its first processes. */
  get bootedAt(): Date {
    return new Date(this.#bootSeconds * 1_000);
  }

  /** In a pod each process gets a container of its own. */
  start({ words, pod }: Program, at: Date): HostProcess {
    this.#nextPid += 1;
    const pid = this.#nextPid;
    this.#write(pid, words, pod === undefined ? serviceGroup(nameOf(words)) : containerGroup(pod), at);
    return { pid, end: () => this.#end(pid) };
  }

  /** Written atomically, so that readers see all of a process or nothing. */
  #write(pid: number, words: readonly string[], group: string, at: Date): void {
    const ticks = Math.round((at.getTime() / 1_000 - this.#bootSeconds) * TICKS_PER_SECOND);
    const name = nameOf(words);
    const hidden = `/proc/.${pid}`;
    this.#files.write(`${hidden}/comm`, `${name}\n`);
    this.#files.write(`${hidden}/stat`, statLine(pid, name, ticks));
    this.#files.write(`${hidden}/status`, `Name:\t${name}\nUid:\t0\t0\t0\t0\n`);
    this.#files.write(`${hidden}/cmdline`, words.map((word) => `${word}\0`).join(''));
    this.#files.write(`${hidden}/cgroup`, group);
    // All share the host's network, like kubeadm's components.
    if (pid === 1) this.#files.write(`${hidden}/ns/net`, '');
    else this.#files.link(`${hidden}/ns/net`, '/proc/1/ns/net');
    this.#files.move(hidden, `/proc/${pid}`);
  }

  #end(pid: number): void {
    if (!this.#files.exists(`/proc/${pid}`)) return;
    renameSync(this.#files.at(`/proc/${pid}`), this.#files.at(`/proc/.${pid}`));
    this.#files.remove(`/proc/.${pid}`);
  }
}

function nameOf([program = '']: readonly string[]): string {
  return baseName(program).slice(0, MAX_NAME);
}

/** Fields as in proc(5): the third is the state, the twenty-second the start in ticks since boot. */
function statLine(pid: number, name: string, ticks: number): string {
  const beforeStart = [1, pid, pid, 0, -1, 4_194_560, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 12, 0];
  return `${pid} (${name}) S ${beforeStart.join(' ')} ${ticks} 0 0\n`;
}

function containerGroup(pod: string): string {
  const container = randomBytes(32).toString('hex');
  return `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${pod.replaceAll('-', '_')}.slice/cri-containerd-${container}.scope\n`;
}

function serviceGroup(name: string): string {
  return `0::/system.slice/${name}.service\n`;
}
