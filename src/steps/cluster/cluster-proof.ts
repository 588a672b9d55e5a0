import { count } from '../../core/count.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { ReadContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { type Leases, leases } from '../../facts/api/leases.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { type Permission, permission } from '../../facts/host/permission.ts';
import { processes } from '../../facts/processes/processes.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { KUBELET_PORT, readersOf } from '../../kubeadm/restarts/restart.ts';
import { isHidden, processOf } from '../control-plane/control-plane-facts.ts';

/** What a look at the cluster has come to: what is proven, and what could not be. */
export interface Proof {
  readonly proven: readonly string[];
  readonly gaps: readonly PlanWarning[];
}

type KnownLeases = Exclude<Leases, { readonly state: 'no answer' }>;

const LEADERS = ['kube-controller-manager', 'kube-scheduler'] as const;

/** The components of the host that elect a leader, with the names of their leases. */
function leadersOf({
  staticPods,
}: KubeadmHost): readonly { readonly component: (typeof LEADERS)[number]; readonly lease: string }[] {
  return LEADERS.flatMap((component) => {
    const pod = staticPods.find((candidate) => candidate.component === component);
    if (!pod || pod.flags.get('--leader-elect') === 'false') return [];
    return [{ component, lease: pod.flags.get('--leader-elect-resource-name') ?? component }];
  });
}

/**
 * Waits until the leases of controller-manager and scheduler have been renewed since these started on this host, whoever
 * holds them: clocks of two hosts may differ, so one that is seen to be renewed will do as well.
 */
export async function proveLeases(context: ReadContext, world: World, timeoutMs: number): Promise<Proof> {
  const host = world.get(kubernetesFiles);
  const leaders = leadersOf(host);
  if (leaders.length === 0) return { proven: [], gaps: [] };
  let first: Leases | undefined;
  const seen = await context.waitFor<KnownLeases>('the leases of controllers', timeoutMs, async () => {
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
  if (seen.state === 'cannot ask')
    return { proven: [], gaps: [gap(`that controllers hold their leases: ${seen.reason}`)] };
  return leaders
    .map(({ component, lease }) => leaseProof(component, seen.leases.get(lease)?.holder, world))
    .reduce(joined, NOTHING);
}

function leaseProof(component: string, holder: string | undefined, world: World): Proof {
  if (holder === undefined)
    return { proven: [], gaps: [gap(`that ${component} leads: it has no lease in kube-system`)] };
  const listed = world.has(nodes) ? world.get(nodes) : undefined;
  const isStranger =
    listed?.state === 'answered' && !listed.nodes.some(({ name, isMaster }) => isMaster && name === holder);
  return isStranger
    ? { proven: [], gaps: [gap(`that ${component} leads: its lease is held by ${holder}, which is not a master`)] }
    : { proven: [`${component} leads on ${holder}`], gaps: [] };
}

/** May the API server speak to kubelets as it does for `kubectl logs` and `kubectl exec`? */
export async function provePermissions(context: ReadContext, host: KubeadmHost): Promise<Proof> {
  const leaf = leafOf(host.credentials.find(({ name }) => name === 'apiserver-kubelet-client')?.holding);
  const user = leaf?.subject.commonName;
  if (!leaf || user === undefined) return NOTHING;
  const groups = leaf.subject.organizations;
  // Nobody asks what this group may: it is past all rules.
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

/** Without it an admin.conf of 1.29 or later may do nothing at all; one that may do this is of an older kubeadm. */
function clusterAdminsBinding(kubeconfig: 'admin.conf' | 'super-admin.conf'): string {
  return `kubectl --kubeconfig /etc/kubernetes/${kubeconfig} create clusterrolebinding kubeadm:cluster-admins --clusterrole=cluster-admin --group=kubeadm:cluster-admins`;
}

/** What kubelet serves is reported and no more: nobody verifies it. */
export async function lookAtKubelet(context: ReadContext, host: KubeadmHost): Promise<Proof> {
  const leaf = leafOf(host.credentials.find(({ name }) => name === 'kubelet-server')?.holding);
  if (!leaf) return NOTHING;
  const ref = served('127.0.0.1', KUBELET_PORT);
  const seen = (await context.observe([ref])).get(ref);
  const place = `kubelet (${KUBELET_PORT})`;
  if (seen.state !== 'serving') {
    const reason = seen.state === 'planned' ? 'it was not queried' : seen.reason;
    return { proven: [], gaps: [gap(`what ${place} serves: ${reason}`)] };
  }
  if (seen.certificate.serial === leaf.serial) return { proven: [`${place} serves what is on disk`], gaps: [] };
  return {
    proven: [],
    gaps: [
      { message: `${place} serves a certificate other than the one on disk`, remedy: 'systemctl restart kubelet' },
    ],
  };
}

/**
 * Nodes besides the host's own: a worker's turn may still come, so they are told and not waited for. They are looked at once
 * more: leases can take so long to be proven that a node has become Ready meanwhile.
 */
export async function proveNodes(context: Pick<ReadContext, 'observe'>, own: string | undefined): Promise<Proof> {
  const listed = (await context.observe([nodes])).get(nodes);
  if (listed.state !== 'answered') return NOTHING;
  const sick = listed.nodes.filter(({ name, ready }) => name !== own && !ready);
  const all = listed.nodes.length;
  if (sick.length === 0) return { proven: [`${count(all, 'node')} Ready`], gaps: [] };
  return {
    proven: [`${all - sick.length} of ${all} nodes Ready`],
    gaps: sick.map(({ name, status }) => ({ message: `node ${name} is ${status}` })),
  };
}

/**
 * controller-manager and scheduler serve certificates of their own making, new with each start: there is no file to compare
 * with. One that was given a file of its own is none of kubeadm's.
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
    .reduce(joined, NOTHING);
}

/** A reader that serves no certificate of its own is known to have read the new one by its process alone. */
export function hiddenProof(world: World): Proof {
  const hidden = readersOf(world.get(kubernetesFiles)).filter((reader) => isHidden(world, reader));
  const why = world.get(processes).misdated
    ? 'the host reports a wrong start time of its process, as containers with lxcfs do'
    : 'the host does not show its process';
  const gaps = hidden.map((reader) => gap(`that ${reader} runs with what is on disk: ${why}`));
  return { proven: [], gaps };
}

/** An administrator whom the cluster lets do nothing: certificates are not at fault, and no other would help. */
export function administratorProof(world: World): Proof {
  return { proven: [], gaps: administratorWarnings(world) };
}

/** The same, before anything is changed. */
export function administratorWarnings(world: World): readonly PlanWarning[] {
  const listed = world.has(nodes) ? world.get(nodes) : undefined;
  if (listed?.state !== 'cannot ask' || !listed.reason.includes('(Forbidden)')) return [];
  return [
    {
      message: `admin.conf is not allowed to list nodes, so what depends on that is not proven: ${listed.reason}`,
      remedy: `create the binding that kubeadm init and kubeadm upgrade create${whereFrom(world)}: ${clusterAdminsBinding('super-admin.conf')}`,
    },
  ];
}

/** Only the master that `kubeadm init` was run on has super-admin.conf. */
function whereFrom(world: World): string {
  const isHere = world.get(kubernetesFiles).credentials.some(({ name }) => name === 'super-admin.conf');
  return isHere ? '' : ', on the master that has super-admin.conf';
}

export const NOTHING: Proof = { proven: [], gaps: [] };

/** Both proofs as one. */
export function joined(a: Proof, b: Proof): Proof {
  return { proven: [...a.proven, ...b.proven], gaps: [...a.gaps, ...b.gaps] };
}

/** The warning that something, given as a clause, could not be proven. */
export function gap(what: string): PlanWarning {
  return { message: `not proven: ${what}` };
}
