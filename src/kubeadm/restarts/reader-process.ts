import { baseName } from '../../core/host-path.ts';
import type { KubeadmHost, StaticPod } from '../host/model.ts';
import type { Reader, RunningReader, StartTime } from './restart.ts';

/** A process of a host, as the kernel tells it. */
export interface HostProcess extends StartTime {
  /** 0 of one that is planned. */
  readonly pid: number;
  /** When it started, in the kernel's ticks since boot: with its pid what no other process has. */
  readonly startTicks: number;
  /** Seconds from its start until it was seen; whole ones where the host's clock tells no more. */
  readonly age: number;
}

/**
 * A running process that has the name of a reader of certificates, or one that a plan will have started. Anything may be called so:
 * `impostorReason` tells whether it is that.
 */
export interface NamedProcess extends HostProcess, RunningReader {
  readonly identity: ProcessIdentity | 'planned';
}

/** What the kernel and kubelet's own directory say of a process, none of which an ordinary user can make up. */
export interface ProcessIdentity {
  /** Effective; the real one, where that is not root and the effective one is. */
  readonly uid: number;
  /** Its program runs as the owner of its file, whoever starts it: of what anybody can start, uid and name say nothing. */
  readonly isSetuid: boolean;
  /** It is in the network namespace of the host's first process. */
  readonly inHostNetwork: boolean;
  /** Its command line. */
  readonly words: readonly string[];
  /** Of its control group; undefined for what does not run in a container. */
  readonly container: ContainerIdentity | undefined;
}

export interface ContainerIdentity {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Id of kubelet's pod; undefined for what somebody else has started. That of a static pod is a digest of its manifest. */
  readonly pod: string | undefined;
  /** Names of the containers that kubelet keeps for that pod (`/var/lib/kubelet/pods/POD/containers`). */
  readonly names: readonly string[];
}

/** The processes of a host that have the name of a reader. */
export interface ProcessTable {
  /** The host's processes can be seen, with all that tells who they are: one that is not among them does not run. */
  readonly visible: boolean;
  /**
   * They would have started in the future, and so none is told. lxcfs gives a container an uptime and a boot time of its own, and
   * the kernel counts starts from the boot of the machine: by such times no process would ever be older than its files.
   */
  readonly misdated?: true;
  readonly processes: readonly NamedProcess[];
}

/** The processes that are a reader's, the youngest first: while it is restarted there may be two. */
export function processesOf(host: KubeadmHost, table: ProcessTable, reader: Reader): readonly NamedProcess[] {
  return named(table, reader).filter((process) => impostorReason(host, process) === undefined);
}

/** A process that has the name of a reader and is none: its pid, and what tells it apart. For people to read. */
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

/** Why a process is not the reader whose name it has; undefined when it is. */
function impostorReason(host: KubeadmHost, { component, identity }: NamedProcess): string | undefined {
  if (identity === 'planned') return undefined;
  if (component === 'kubelet') return noKubelet(identity);
  const pod = host.staticPods.find((candidate) => candidate.component === component);
  return pod ? noContainerOf(pod, identity) : 'no manifest of this host starts it';
}

function noKubelet({ uid, isSetuid, inHostNetwork, words, container }: ProcessIdentity): string | undefined {
  if (uid !== 0) return `it runs as uid ${uid}`;
  if (isSetuid) return 'any user can start its program as root (setuid)';
  if (!inHostNetwork) return 'it runs in another network namespace';
  if (container) return 'it runs in a container';
  // kubeadm itself starts `kubelet --version`; the one that serves a node has the kubeconfig of the node.
  return words.some((word) => /^--?kubeconfig(=|$)/.test(word)) ? undefined : 'it was not started with --kubeconfig';
}

function noContainerOf(
  { container: name, uid: podId, runsAs, command }: StaticPod,
  { uid, inHostNetwork, words, container }: ProcessIdentity,
): string | undefined {
  if (uid !== runsAs) return `it runs as uid ${uid}, and its manifest says ${runsAs}`;
  if (!inHostNetwork) return 'it runs in another network namespace';
  if (!container) return 'it runs in no container';
  if (container.pod === undefined) return 'its container is in no pod of kubelet';
  // kubelet makes the id of a static pod itself, an MD5 in hexadecimal; the API gives all others a UUID.
  const isStatic = podId === undefined ? /^[0-9a-f]{32}$/.test(container.pod) : container.pod === podId;
  if (!isStatic || !container.names.includes(name)) return 'its pod is not that of the manifest';
  return isCommandLine(words, command) ? undefined : 'its command line is not that of the manifest';
}

/** kubelet replaces `$(NAME)` by a variable of the environment, and `$$` by a dollar sign. */
const REFERENCE = /(\$\$|\$\([A-Za-z_.-][A-Za-z0-9_.-]*\))/;

/** The words of a running process are those of a manifest. The directory of the program may differ. */
function isCommandLine(words: readonly string[], command: readonly string[]): boolean {
  if (command.length !== words.length) return false;
  return command.every((word, index) => {
    const actual = words[index] ?? '';
    return index === 0 ? baseName(word) === baseName(actual) : isExpansion(word, actual);
  });
}

/** From left to right, each fixed part at the first place where it is: no more is needed where anything may stand between. */
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

/** What stands before, between and behind the variables of a word. */
function fixedParts(word: string): readonly string[] {
  const parts = [''];
  for (const piece of word.split(REFERENCE)) {
    if (piece !== '$$' && REFERENCE.test(piece)) parts.push('');
    else parts.push((parts.pop() ?? '') + (piece === '$$' ? '$' : piece));
  }
  return parts;
}
