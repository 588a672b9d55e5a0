import { baseName } from '../../core/host-path.ts';
import { type KubeadmHost, podOf, type StaticPod } from '../host/model.ts';
import type { Reader, RunningReader, StartTime } from './restart.ts';

/** A process of a host, as the kernel shows it. */
export interface HostProcess extends StartTime {
  /** 0 for a planned process. */
  readonly pid: number;
  /** When it started, in the kernel's ticks since boot: together with the pid it identifies a process. */
  readonly startTicks: number;
  /** Seconds from its start until it was observed; whole ones if the host's clock has no better resolution. */
  readonly age: number;
}

/**
 * A running process named like a reader of certificates, or one that a plan will have started. Any process may have such a
 * name: `impostorReason` tells whether it really is that reader.
 */
export interface NamedProcess extends HostProcess, RunningReader {
  readonly identity: ProcessIdentity | 'planned';
}

/** Properties of a process according to the kernel and kubelet's own directory, which an ordinary user cannot forge. */
export interface ProcessIdentity {
  /** Effective uid; the real one if only the effective one is root. */
  readonly uid: number;
  /** Its program runs as the owner of its file, whoever starts it, so uid and name prove nothing. */
  readonly isSetuid: boolean;
  /** It runs in the network namespace of the host's first process. */
  readonly inHostNetwork: boolean;
  /** Its command line. */
  readonly words: readonly string[];
  /** From its control group; undefined outside of a container. */
  readonly container: ContainerIdentity | undefined;
}

export interface ContainerIdentity {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Id of kubelet's pod; undefined if something else started it. For a static pod it is a digest of the manifest. */
  readonly pod: string | undefined;
  /** Names of the containers that kubelet keeps for the pod (`/var/lib/kubelet/pods/POD/containers`). */
  readonly names: readonly string[];
}

/** The processes of a host that are named like readers. */
export interface ProcessTable {
  /** All processes of the host and their details are visible: one that is not listed does not run. */
  readonly visible: boolean;
  /**
   * The processes would have started in the future, so none is listed. lxcfs gives a container its own uptime and boot time,
   * while the kernel counts starts from the boot of the machine: by such times no process would ever be older than its files.
   */
  readonly misdated?: true;
  readonly processes: readonly NamedProcess[];
}

/** The processes of a reader, youngest first: during a restart there may be two. */
export function processesOf(host: KubeadmHost, table: ProcessTable, reader: Reader): readonly NamedProcess[] {
  return named(table, reader).filter((process) => impostorReason(host, process) === undefined);
}

/** A process that has a reader's name without being it: its pid and the difference, in words. */
export function impostorOf(host: KubeadmHost, table: ProcessTable, reader: Reader): string | undefined {
  for (const process of named(table, reader)) {
    const reason = impostorReason(host, process);
    if (reason !== undefined) return `pid ${process.pid} has that name, but ${reason}`;
  }
  return undefined;
}

function named({ processes }: ProcessTable, reader: Reader): readonly NamedProcess[] {
  return processes.filter(({ component }) => component === reader).sort((a, b) => b.startedAt - a.startedAt);
}

/** Why a process is not the reader whose name it has; undefined if it is. */
function impostorReason(host: KubeadmHost, { component, identity }: NamedProcess): string | undefined {
  if (identity === 'planned') return undefined;
  if (component === 'kubelet') return whyNotKubelet(identity);
  const pod = podOf(host, component);
  return pod ? whyNotComponent(pod, identity) : 'no manifest of this host starts it';
}

function whyNotKubelet({ uid, isSetuid, inHostNetwork, words, container }: ProcessIdentity): string | undefined {
  if (uid !== 0) return `it runs as uid ${uid}`;
  if (isSetuid) return 'any user can start its program as root (setuid)';
  if (!inHostNetwork) return 'it runs in another network namespace';
  if (container) return 'it runs in a container';
  // kubeadm itself starts `kubelet --version`; the one that serves a node uses the node's kubeconfig.
  return words.some((word) => /^--?kubeconfig(=|$)/.test(word)) ? undefined : 'it was not started with --kubeconfig';
}

function whyNotComponent(
  { container: name, uid: podId, runsAs, command }: StaticPod,
  { uid, inHostNetwork, words, container }: ProcessIdentity,
): string | undefined {
  if (uid !== runsAs) return `it runs as uid ${uid}, and its manifest says ${runsAs}`;
  if (!inHostNetwork) return 'it runs in another network namespace';
  if (!container) return 'it runs in no container';
  if (container.pod === undefined) return 'its container is in no pod of kubelet';
  if (!mayBeOfManifest(container.pod, podId) || !container.names.includes(name))
    return 'its pod is not that of the manifest';
  return isCommandLine(words, command) ? undefined : 'its command line is not that of the manifest';
}

/**
 * Whether a pod with this id may be that of a manifest in which the id is `given`, if it is. Otherwise kubelet makes the id of a static
 * pod itself, an MD5 in hexadecimal; all others have a UUID from the API.
 */
export function mayBeOfManifest(podId: string, given: string | undefined): boolean {
  return given === undefined ? /^[0-9a-f]{32}$/.test(podId) : podId === given;
}

/** kubelet replaces `$(NAME)` by an environment variable, and `$$` by a dollar sign. */
const REFERENCE = /(\$\$|\$\([A-Za-z_.-][A-Za-z0-9_.-]*\))/;

/** Whether a running process has the command line of a manifest. The directory of the program may differ. */
function isCommandLine(words: readonly string[], command: readonly string[]): boolean {
  if (command.length !== words.length) return false;
  return command.every((word, index) => {
    const actual = words[index] ?? '';
    return index === 0 ? baseName(word) === baseName(actual) : isExpansion(word, actual);
  });
}

/** From left to right, each fixed part at its first occurrence: sufficient, since anything may stand in between. */
function isExpansion(word: string, actual: string): boolean {
  const parts = fixedParts(word);
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return first === actual;
  if (actual.length < first.length + last.length || !actual.startsWith(first) || !actual.endsWith(last)) return false;
  const end = actual.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = actual.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** The text before, between and after the variables of a word. */
function fixedParts(word: string): readonly string[] {
  const parts = [''];
  for (const piece of word.split(REFERENCE)) {
    if (piece !== '$$' && REFERENCE.test(piece)) parts.push('');
    else parts.push((parts.pop() ?? '') + (piece === '$$' ? '$' : piece));
  }
  return parts;
}
