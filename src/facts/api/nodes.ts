import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { isJsonObject, type Json, parseJson } from '../../core/json.ts';
import { lastLine } from '../../core/program-output.ts';
import { type ShellScript, sh } from '../../core/shell.ts';

/** The nodes of the cluster as its API tells an administrator. */
export type Nodes =
  | { readonly state: 'answered'; readonly nodes: readonly Node[] }
  /** The API is down, or does not accept the certificate. */
  | { readonly state: 'no answer'; readonly reason: string }
  | { readonly state: 'cannot ask'; readonly reason: string };

export interface Node {
  readonly name: string;
  /** `Ready`, `NotReady`, `Ready,SchedulingDisabled` */
  readonly status: string;
  readonly ready: boolean;
  /** Why kubelet itself says that it is not Ready. Undefined where kubelet says nothing any more; only of an own node is it known. */
  readonly unreadyBecause?: string;
  /** When kubelet last told whether it is Ready, by its own clock, as the API has it; of an own node only. */
  readonly reportedAt?: string;
  readonly isMaster: boolean;
  /** kubelet's, `v1.33.13`; undefined when it is not told. */
  readonly version: string | undefined;
}

/**
 * `kubectl` of the host with one of its kubeconfigs. A master asks its own API server, at the address that the manifest of that
 * advertises: a balancer would answer for another one, or keep a request that nobody takes. Where there is no manifest to tell,
 * controller-manager.conf does; made by a kubeadm before 1.20 (and 1.19.1) it leads to the balancer (kubernetes#94398). What kubectl
 * learns of an API it keeps in its user's home, unless it has no place for it: a look would write.
 */
export function kubectl(kubeconfig: string, words: ShellScript): ShellScript {
  return sh`kubectl=$(tool kubectl) || { echo 'there is no kubectl on the host' >&2; exit ${NO_KUBECTL}; }
flag() { sed -n "s/^ *- *[\"']*--$1=\([^\"' ]*\).*/\1/p" "$R"/etc/kubernetes/manifests/kube-apiserver.yaml 2>/dev/null | head -n 1; }
address=$(flag advertise-address)
case $address in *:*) address="[$address]" ;; esac
port=$(flag secure-port)
own=\${address:+https://$address:\${port:-6443}}
[ -n "$own" ] || own=$(sed -n 's/^ *server: *//p' "$R"/etc/kubernetes/controller-manager.conf 2>/dev/null | head -n 1)
"$kubectl" --kubeconfig "$R"${kubeconfig} --cache-dir=/dev/null \${own:+--server "$own"} --request-timeout=5s ${words} </dev/null
`;
}

/** Exit status by which `kubectl` says that it is not there. */
export const NO_KUBECTL = 97;

/** Exit status of a script that asks as the administrator on a host that has no such kubeconfig. */
const NO_ADMINISTRATOR = 98;

/** `kubectl` with the administrator's kubeconfig of the host. */
export function administrator(words: ShellScript): ShellScript {
  return sh`[ -f "$R"/etc/kubernetes/admin.conf ] || exit ${NO_ADMINISTRATOR}
${kubectl('/etc/kubernetes/admin.conf', words)}`;
}

/** Why `kubectl` could not be used at all; undefined when it was. */
export function notAsked(exitCode: number): string | undefined {
  if (exitCode === NO_KUBECTL) return 'there is no kubectl on the host';
  return exitCode === NO_ADMINISTRATOR ? 'there is no admin.conf on the host' : undefined;
}

/** That the API knows who asks and lets them do nothing: waiting does not help. */
export function forbidden(stderr: string): string | undefined {
  return /\(Forbidden\)/.test(stderr) ? lastLine(stderr) : undefined;
}

/** What `kubectl` says when it fails. */
export function complaint({ stderr, exitCode }: { readonly stderr: string; readonly exitCode: number }): string {
  return lastLine(stderr) || `kubectl ended with ${exitCode}`;
}

const nodesFact: Fact<{ readonly own: string }, Nodes> = {
  name: 'nodes',
  summary: 'nodes of the cluster and whether they are Ready',
  // An administrator sees all nodes; kubelet may look at its own, and asks for nothing else: kubectl would first ask a
  // balancer before a dead API server what it serves, five times five seconds.
  probe: ({ own }) => ({
    script:
      own === ''
        ? administrator(sh`get nodes --no-headers`)
        : kubectl('/etc/kubernetes/kubelet.conf', sh`get --raw ${`/api/v1/nodes/${own}`}`),
  }),
  parse({ stdout, stderr, exitCode }, { own }) {
    const hindrance = notAsked(exitCode) ?? (own === '' ? forbidden(stderr) : undefined);
    if (hindrance !== undefined) return { state: 'cannot ask', reason: hindrance };
    if (exitCode !== 0) return { state: 'no answer', reason: complaint({ stderr, exitCode }) };
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

/** All nodes, asked with the administrator's kubeconfig of the host. */
export const nodes = factRef(nodesFact, { own: '' });

/** A worker's own node, asked with kubelet's kubeconfig. */
export function ownNode(name: string): FactRef<Nodes> {
  return factRef(nodesFact, { own: name });
}

/** A node as the API describes it, in the words of kubectl's table. */
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
  const because = [at(condition, 'message'), at(condition, 'reason')].find((text) => typeof text === 'string');
  const reportedAt = at(condition, 'lastHeartbeatTime');
  const labels = at(at(object, 'metadata'), 'labels');
  const roles = isJsonObject(labels)
    ? Object.keys(labels).map((label) => label.replace(/^node-role[.]kubernetes[.]io[/]/, ''))
    : [];
  return {
    name,
    status: `${ready ? 'Ready' : 'NotReady'}${at(at(object, 'spec'), 'unschedulable') === true ? ',SchedulingDisabled' : ''}`,
    ready,
    ...(at(condition, 'status') === 'False' && { unreadyBecause: String(because ?? 'no reason') }),
    ...(typeof reportedAt === 'string' && { reportedAt }),
    isMaster: roles.some(isMasterRole),
    version: typeof version === 'string' ? version : undefined,
  };
}

/** Labels `node-role.kubernetes.io/…` as kubectl prints them; the older one is gone from 1.24 on. */
function isMasterRole(role: string): boolean {
  return role === 'control-plane' || role === 'master';
}
