import { count } from '../../core/count.ts';
import { nameList } from '../../core/name-list.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { ReadContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { type Leases, leases } from '../../facts/api/leases.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { type Permission, permission } from '../../facts/host/permission.ts';
import { system } from '../../facts/host/system.ts';
import { processes } from '../../facts/processes/processes.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import { type KubeadmHost, podOf } from '../../kubeadm/host/model.ts';
import { KUBELET_PORT, readersOf } from '../../kubeadm/restarts/restart.ts';
import { isHidden, processOf } from '../control-plane/control-plane-facts.ts';

/** The result of observing the cluster: what is proven, and what could not be. */
export interface Proof {
  readonly proven: readonly string[];
  readonly gaps: readonly PlanWarning[];
}

type KnownLeases = Exclude<Leases, { readonly state: 'no answer' }>;

const LEADERS = ['kube-controller-manager', 'kube-scheduler'] as const;

/** The components of the host that elect a leader, with the names of their leases. */
function leadersOf(
  host: KubeadmHost,
): readonly { readonly component: (typeof LEADERS)[number]; readonly lease: string }[] {
  return LEADERS.flatMap((component) => {
    const pod = podOf(host, component);
    if (!pod || pod.flags.get('--leader-elect') === 'false') return [];
    return [{ component, lease: pod.flags.get('--leader-elect-resource-name') ?? component }];
  });
}

/**
 * Waits until the leases of controller-manager and scheduler have been renewed since these started on this host, whoever holds
 * them. Clocks of two hosts may differ, so an observed renewal is sufficient as well.
 */
export async function proveLeases(
  context: Pick<ReadContext, 'observe' | 'waitFor'>,
  world: World,
  timeoutMs: number,
): Promise<Proof> {
  const host = world.get(kubernetesFiles);
  const leaders = leadersOf(host);
  if (leaders.length === 0) return { proven: [], gaps: [] };
  let first: Leases | undefined;
  const observed = await context.waitFor<KnownLeases>('the leases of controllers', timeoutMs, async () => {
    const now = (await context.observe([leases])).get(leases);
    first = first?.state === 'answered' ? first : now;
    if (now.state === 'no answer') return { done: false, state: `the API does not return its leases: ${now.reason}` };
    if (now.state === 'cannot ask') return { done: true, value: now };
    const before = first?.state === 'answered' ? first.leases : now.leases;
    const stale = leaders.find(({ component, lease }) => {
      const held = now.leases.get(lease);
      const startedAt = (processOf(world, component)?.startedAt ?? Number.POSITIVE_INFINITY) * 1000;
      return held !== undefined && held.renewedAt <= startedAt && held.renewedAt <= (before.get(lease)?.renewedAt ?? 0);
    });
    return stale
      ? { done: false, state: `${stale.component}: its lease has not been renewed since it started` }
      : { done: true, value: now };
  });
  if (observed.state === 'cannot ask')
    return { proven: [], gaps: [gap(`that controllers hold their leases: ${observed.reason}`)] };
  return leaders
    .map(({ component, lease }) => leaseProof(component, observed.leases.get(lease)?.holder, world))
    .reduce(combined, NOTHING);
}

/** The holder is a host by the name that its programs are told, which a node need not have. */
function leaseProof(component: string, holder: string | undefined, world: World): Proof {
  if (holder === undefined)
    return { proven: [], gaps: [gap(`that ${component} leads: it has no lease in kube-system`)] };
  const leads: Proof = { proven: [`${component} leads on ${holder}`], gaps: [] };
  const listed = world.find(nodes);
  if (listed?.state !== 'answered') return leads;
  const node = listed.nodes.find(({ name }) => isAlike(name, holder));
  const heldBy = `that ${component} leads: its lease is held by ${holder}`;
  if (node) return node.isMaster ? leads : { proven: [], gaps: [gap(`${heldBy}, which is not a master`)] };
  const own = world.find(system)?.hostname;
  const { nodeName } = world.get(kubernetesFiles);
  // Where nodes are not called as their hosts, the name of a host says nothing about its node.
  const isNamedApart = own !== undefined && nodeName !== undefined && !isAlike(nodeName, own);
  return isNamedApart ? leads : { proven: [], gaps: [gap(`${heldBy}, and no node has the name of that host`)] };
}

/** Whether a node and a host have one name: kubelet writes it in lower case, and either may have its domain. */
function isAlike(node: string, host: string): boolean {
  const [one, other] = [node, host.toLowerCase()];
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

/** Proves that the API server may access kubelets, as for `kubectl logs` and `kubectl exec`. */
export async function provePermissions(context: ReadContext, host: KubeadmHost): Promise<Proof> {
  const leaf = leafOf(host.credentials.find(({ name }) => name === 'apiserver-kubelet-client')?.holding);
  const user = leaf?.subject.commonName;
  if (!leaf || user === undefined) return NOTHING;
  const groups = leaf.subject.organizations;
  // This group bypasses authorization, so there is nothing to ask.
  if (groups.includes('system:masters')) return { proven: ['kubectl logs and exec permitted'], gaps: [] };
  const questions = ['get', 'create'].map((verb) =>
    permission({ user, groups, verb, resource: 'nodes', subresource: 'proxy' }),
  );
  const world = await context.observe(questions);
  return permissionProof(
    questions.map((question) => world.get(question)),
    user,
    groups,
  );
}

function permissionProof(answers: readonly Permission[], user: string, groups: readonly string[]): Proof {
  const unasked = answers.find((answer) => answer.state === 'cannot ask');
  if (unasked?.state === 'cannot ask')
    return { proven: [], gaps: [gap(`that kubectl logs and exec are permitted: ${unasked.reason}`)] };
  if (answers.every(({ state }) => state === 'permitted'))
    return { proven: ['kubectl logs and exec permitted'], gaps: [] };
  return {
    proven: [],
    gaps: [
      {
        message: `kubectl logs and exec are forbidden: no binding lets ${[user, ...groups].join(', ')} speak to kubelets`,
        remedy: `create the binding that kubeadm init and kubeadm upgrade create: ${bindingFor(user, groups)}`,
      },
    ],
  };
}

/** kubernetes/kubernetes#121837 (1.29) and #138957 (1.37 and patch releases before it). */
function bindingFor(user: string, groups: readonly string[]): string {
  if (groups.includes('kubeadm:cluster-admins')) return clusterAdminsBinding('admin.conf');
  return `kubectl --kubeconfig /etc/kubernetes/admin.conf create clusterrolebinding kubeadm:apiserver-kubelet-client --clusterrole=system:kubelet-api-admin --user=${user}`;
}

/** Without this binding an admin.conf of 1.29 or later may do nothing at all; older ones do not need it. */
function clusterAdminsBinding(kubeconfig: 'admin.conf' | 'super-admin.conf'): string {
  return `kubectl --kubeconfig /etc/kubernetes/${kubeconfig} create clusterrolebinding kubeadm:cluster-admins --clusterrole=cluster-admin --group=kubeadm:cluster-admins`;
}

/** Reports what kubelet serves, no more: nobody verifies it. */
export async function observeKubelet(context: ReadContext, host: KubeadmHost): Promise<Proof> {
  const leaf = leafOf(host.credentials.find(({ name }) => name === 'kubelet-server')?.holding);
  if (!leaf) return NOTHING;
  const ref = served('127.0.0.1', KUBELET_PORT);
  const observed = (await context.observe([ref])).get(ref);
  const place = `kubelet (${KUBELET_PORT})`;
  if (observed.state !== 'serving') {
    const reason = observed.state === 'planned' ? 'it was not queried' : observed.reason;
    return { proven: [], gaps: [gap(`what ${place} serves: ${reason}`)] };
  }
  if (observed.certificate.fingerprint === leaf.fingerprint)
    return { proven: [`${place} serves what is on disk`], gaps: [] };
  return {
    proven: [],
    gaps: [
      { message: `${place} serves a certificate other than the one on disk`, remedy: 'systemctl restart kubelet' },
    ],
  };
}

/**
 * Other nodes are reported and not waited for, since a worker's turn may still come. They are observed again, because a node
 * may have become Ready while the leases were being proven.
 */
export async function proveNodes(context: Pick<ReadContext, 'observe'>, own: string | undefined): Promise<Proof> {
  const listed = (await context.observe([nodes])).get(nodes);
  if (listed.state !== 'answered') return NOTHING;
  const notReady = listed.nodes.filter(({ name, ready }) => name !== own && !ready);
  const all = listed.nodes.length;
  if (notReady.length === 0) return { proven: [`${count(all, 'node')} Ready`], gaps: [] };
  return {
    proven: [`${all - notReady.length} of ${all} nodes Ready`],
    gaps: [...new Set(notReady.map(({ status }) => status))].flatMap((status) =>
      nodeWarnings(
        status,
        notReady.filter((node) => node.status === status).map(({ name }) => name),
      ),
    ),
  };
}

/** More nodes than these are told of together: with the control plane, hundreds of kubelets may have been without the API. */
const MOST_ALONE = 3;

function nodeWarnings(status: string, names: readonly string[]): readonly PlanWarning[] {
  return names.length > MOST_ALONE
    ? [{ message: `nodes ${nameList(names)} are ${status}` }]
    : names.map((name) => ({ message: `node ${name} is ${status}` }));
}

/**
 * controller-manager and scheduler serve self-signed certificates, new with each start, so there is no file to compare with. A
 * certificate from a file is not one of kubeadm's.
 */
export function selfServingProof({ staticPods }: KubeadmHost): Proof {
  return staticPods
    .filter(({ component }) => LEADERS.some((name) => name === component))
    .map(({ component, flags }): Proof => {
      const file = flags.get('--tls-cert-file');
      return file === undefined
        ? NOTHING
        : { proven: [], gaps: [gap(`that ${component} serves ${file}: it is not one of kubeadm's`)] };
    })
    .reduce(combined, NOTHING);
}

/** For a reader that serves no certificate, only its process can prove that it has read the new one. */
export function hiddenProof(world: World): Proof {
  const hidden = readersOf(world.get(kubernetesFiles)).filter((reader) => isHidden(world, reader));
  const why = world.get(processes).misdated
    ? 'the host reports a wrong start time of its process, as containers with lxcfs do'
    : 'the host does not show its process';
  const gaps = hidden.map((reader) => gap(`that ${reader} runs with what is on disk: ${why}`));
  return { proven: [], gaps };
}

/** Reports an administrator without permissions: certificates are not at fault, and new ones would not help. */
export function administratorProof(world: World): Proof {
  return { proven: [], gaps: administratorWarnings(world) };
}

/** The same, before anything is changed. */
export function administratorWarnings(world: World): readonly PlanWarning[] {
  const listed = world.find(nodes);
  if (listed?.state !== 'cannot ask' || !listed.reason.includes('(Forbidden)')) return [];
  return [
    {
      message: `admin.conf is not allowed to list nodes, so what depends on that is not proven: ${listed.reason}`,
      remedy: `create the binding that kubeadm init and kubeadm upgrade create${superAdminLocation(world)}: ${clusterAdminsBinding('super-admin.conf')}`,
    },
  ];
}

/** Only the master that `kubeadm init` was run on has super-admin.conf. */
function superAdminLocation(world: World): string {
  const isHere = world.get(kubernetesFiles).credentials.some(({ name }) => name === 'super-admin.conf');
  return isHere ? '' : ', on the master that has super-admin.conf';
}

export const NOTHING: Proof = { proven: [], gaps: [] };

/** Combines two proofs. */
export function combined(a: Proof, b: Proof): Proof {
  return { proven: [...a.proven, ...b.proven], gaps: [...a.gaps, ...b.gaps] };
}

/** The warning that something, given as a clause, could not be proven. */
export function gap(what: string, remedy?: string): PlanWarning {
  return { message: `not proven: ${what}`, ...(remedy !== undefined && { remedy }) };
}
