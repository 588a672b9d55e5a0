import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { isJsonObject, type Json, parseJson } from '../../core/json.ts';
import { lastLine } from '../../core/program-output.ts';
import { type ShellScript, sh } from '../../core/shell.ts';
import { FIND_MANIFESTS } from '../static-pod-path.ts';

/** The nodes of the cluster as the API shows them to an administrator. */
export type Nodes =
  | { readonly state: 'answered'; readonly nodes: readonly Node[] }
  /** The API is down, or rejects the certificate. */
  | { readonly state: 'no answer'; readonly reason: string }
  | { readonly state: 'cannot ask'; readonly reason: string };

export interface Node {
  readonly name: string;
  /** `Ready`, `NotReady`, `Ready,SchedulingDisabled` */
  readonly status: string;
  readonly ready: boolean;
  /** Why kubelet itself reports NotReady. Undefined if kubelet reports nothing any more; known only for the host's own node. */
  readonly unreadyBecause?: string;
  /** When kubelet last reported whether it is Ready, by its own clock; only for the host's own node. */
  readonly reportedAt?: string;
  readonly isMaster: boolean;
  /** The version of kubelet, `v1.33.13`; undefined if the API does not tell it. */
  readonly version: string | undefined;
}

/**
 * `kubectl` of the host with one of its kubeconfigs. A master asks its own API server, at the address that its manifest
 * advertises: a load balancer would answer for another one, or hold a request that nobody takes, and a proxy of the
 * session's environment may be dead, or not lead back. Without such a manifest controller-manager.conf is used; from a
 * kubeadm before 1.20 (and 1.19.1) it points to the load balancer (kubernetes#94398).
 * kubectl caches discovery in its user's home unless that is impossible; a probe must not write.
 */
export function kubectl(kubeconfig: string, words: ShellScript): ShellScript {
  return sh`kubectl=$(tool kubectl) || { echo 'there is no kubectl on the host' >&2; exit ${NO_KUBECTL}; }
${FIND_MANIFESTS}
flag() { [ ! -f "$R$m"/kube-apiserver.yaml ] || sed -n "s/^ *- *[\"']*--$1=\([^\"' ]*\).*/\1/p" "$R$m"/kube-apiserver.yaml 2>/dev/null | tail -n 1; }
address=$(flag advertise-address)
case $address in *:*) address="[$address]" ;; esac
port=$(flag secure-port)
own=\${address:+https://$address:\${port:-6443}}
[ -n "$own" ] || [ ! -f "$R"/etc/kubernetes/controller-manager.conf ] || own=$(sed -n 's/^ *server: *//p' "$R"/etc/kubernetes/controller-manager.conf 2>/dev/null | head -n 1)
[ -z "$own" ] || export NO_PROXY='*'
"$kubectl" --kubeconfig "$R"${kubeconfig} --cache-dir=/dev/null \${own:+--server "$own"} --request-timeout=5s ${words} </dev/null
`;
}

/** Exit status if the host has no `kubectl`. */
export const NO_KUBECTL = 97;

/** Exit status of a script that needs the administrator's kubeconfig on a host without one. */
const NO_ADMINISTRATOR = 98;

/** `kubectl` with the administrator's kubeconfig of the host. */
export function administrator(words: ShellScript): ShellScript {
  return sh`[ -f "$R"/etc/kubernetes/admin.conf ] || exit ${NO_ADMINISTRATOR}
${kubectl('/etc/kubernetes/admin.conf', words)}`;
}

/** Why `kubectl` could not be used at all; undefined if it was. */
export function whyUnusable(exitCode: number): string | undefined {
  if (exitCode === NO_KUBECTL) return 'there is no kubectl on the host';
  return exitCode === NO_ADMINISTRATOR ? 'there is no admin.conf on the host' : undefined;
}

/**
 * Whether the API knows the user but forbids the request: waiting does not help. An API server that has just started rejects everything,
 * without saying what (`Forbidden): unknown`).
 */
export function forbidden(stderr: string): string | undefined {
  return /\(Forbidden\)(?!: unknown\s*$)/.test(stderr) ? lastLine(stderr) : undefined;
}

/** The message of a failed `kubectl`. */
export function kubectlMessage({ stderr, exitCode }: { readonly stderr: string; readonly exitCode: number }): string {
  return lastLine(stderr) || `kubectl ended with ${exitCode}`;
}

const nodesFact: Fact<{ readonly own: string }, Nodes> = {
  name: 'nodes',
  summary: 'nodes of the cluster and whether they are Ready',
  ifTooLong: 'see what `kubectl get nodes` says on the host',
  // An administrator sees all nodes. kubelet may read only its own, and skips discovery: through a load balancer with a dead API
  // server that would take five times five seconds.
  probe: ({ own }) => ({
    script:
      own === ''
        ? administrator(sh`get nodes --no-headers`)
        : kubectl('/etc/kubernetes/kubelet.conf', sh`get --raw ${`/api/v1/nodes/${own}`}`),
  }),
  parse({ stdout, stderr, exitCode }, { own }) {
    const problem = whyUnusable(exitCode) ?? (own === '' ? forbidden(stderr) : undefined);
    if (problem !== undefined) return { state: 'cannot ask', reason: problem };
    if (exitCode !== 0) return { state: 'no answer', reason: kubectlMessage({ stderr, exitCode }) };
    if (own !== '') {
      const node = nodeIn(stdout);
      return node ? { state: 'answered', nodes: [node] } : { state: 'no answer', reason: 'its answer is not a node' };
    }
    const nodes = stdout.split('\n').flatMap((line): readonly Node[] => {
      const [name, status, roles = '', , version] = line.trim().split(/\s+/);
      if (!name || !status) return [];
      return [
        {
          name,
          status,
          ready: status.split(',')[0] === 'Ready',
          isMaster: roles.split(',').some(isMasterRole),
          version,
        },
      ];
    });
    return { state: 'answered', nodes };
  },
};

/** All nodes, read with the administrator's kubeconfig of the host. */
export const nodes = factRef(nodesFact, { own: '' });

/** A worker's own node, read with kubelet's kubeconfig. */
export function ownNode(name: string): FactRef<Nodes> {
  return factRef(nodesFact, { own: name });
}

/** A node as the API describes it, in the terms of kubectl's table. */
function nodeIn(text: string): Node | undefined {
  const at = (value: Json | undefined, key: string): Json | undefined => (isJsonObject(value) ? value[key] : undefined);
  const object = parseJson(text);
  const [name, version] = [
    at(at(object, 'metadata'), 'name'),
    at(at(at(object, 'status'), 'nodeInfo'), 'kubeletVersion'),
  ];
  if (typeof name !== 'string') return undefined;
  const conditions = at(at(object, 'status'), 'conditions');
  const condition = Array.isArray(conditions) ? conditions.find((one) => at(one, 'type') === 'Ready') : undefined;
  const ready = at(condition, 'status') === 'True';
  const reason = [at(condition, 'message'), at(condition, 'reason')].find((text) => typeof text === 'string');
  const reportedAt = at(condition, 'lastHeartbeatTime');
  const labels = at(at(object, 'metadata'), 'labels');
  const roles = isJsonObject(labels)
    ? Object.keys(labels).map((label) => label.replace(/^node-role[.]kubernetes[.]io[/]/, ''))
    : [];
  return {
    name,
    status: `${ready ? 'Ready' : 'NotReady'}${at(at(object, 'spec'), 'unschedulable') === true ? ',SchedulingDisabled' : ''}`,
    ready,
    ...(at(condition, 'status') === 'False' && { unreadyBecause: String(reason ?? 'no reason') }),
    ...(typeof reportedAt === 'string' && { reportedAt }),
    isMaster: roles.some(isMasterRole),
    version: typeof version === 'string' ? version : undefined,
  };
}

/** Labels `node-role.kubernetes.io/…` as kubectl prints them; the older one is gone since 1.24. */
function isMasterRole(role: string): boolean {
  return role === 'control-plane' || role === 'master';
}
