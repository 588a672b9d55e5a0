import { sh } from '../../core/shell.ts';
import type { PlannedChanges, WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import type { EtcdMember } from '../../facts/processes/etcd-member.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { servingPorts } from '../../kubeadm/restarts/restart.ts';
import { processOf } from './control-plane-facts.ts';
import { etcdMemberOf } from './etcd-gate.ts';
import { restartReader } from './prove-restart.ts';
import { bringBack, keepAside } from './stop-reader.ts';

/** The API server of the host is to be restarted with its etcd, and not because everything is down. */
export function goesAlong({ order }: Pick<WriteContext, 'order'>, { plan, world }: PlannedChanges): boolean {
  const targets: readonly string[] = plan.changes.map(({ target }) => target);
  const isParked = world.get(kubernetesFiles).staticPods.some(({ parked }) => parked);
  return order !== 'recovery' && !isParked && targets.includes('etcd') && targets.includes('kube-apiserver');
}

/**
 * Ends an etcd member without its clients' noticing. kubeadm's API servers know only the etcd of their own host: one whose etcd is
 * gone hangs with all that it was asked, and so does kubelet, which asks it before it starts a pod. So it goes first, and stays
 * away until its etcd is back (`letApiServerBack`).
 */
export async function endMember(context: WriteContext, world: World): Promise<void> {
  const host = world.get(kubernetesFiles);
  await orElseBack(context, host, async () => {
    const apiServer = processOf(world, 'kube-apiserver');
    if (apiServer) {
      context.report('kube-apiserver: kept stopped while its etcd restarts');
      await keepAside(context, host, { component: 'kube-apiserver', running: apiServer });
    }
    const member = etcdMemberOf(world);
    if (member) await handOnLeadership(context, host, (await context.observe([member])).get(member));
    context.report('etcd: restarting');
    await restartReader(context, world, 'etcd');
  });
}

/** Lets the API server come back when its etcd has, or when that does not come. */
export async function letApiServerBack(
  context: WriteContext,
  { world }: PlannedChanges,
  proveEtcd: () => Promise<void>,
): Promise<void> {
  const host = world.get(kubernetesFiles);
  await orElseBack(context, host, proveEtcd);
  await bringBack(context, host, 'kube-apiserver');
}

async function orElseBack(context: WriteContext, host: KubeadmHost, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // A host that cannot be reached any more brings it back by itself.
    await bringBack(context, host, 'kube-apiserver').catch(() => undefined);
    throw error;
  }
}

/** The time that a leader has to answer, and that requests to it which are under way need to find the new one. */
const HAND_ON_SECONDS = 5;

/**
 * Has a member that leads hand that on to one that it is connected to. An etcd that is asked to end does so by itself, but right
 * before it ends: what others were just asking of it is lost then. Asked through etcd's own HTTP gateway, with the member's own
 * certificate, on the host.
 */
async function handOnLeadership(context: WriteContext, host: KubeadmHost, member: EtcdMember): Promise<void> {
  const [successor] = member.state === 'answered' && member.isLeader ? member.connected : [];
  const pod = host.staticPods.find(({ component }) => component === 'etcd');
  const port = servingPorts(host).find(({ credential }) => credential === 'etcd-server');
  if (successor === undefined || !/^[0-9a-f]{1,16}$/.test(successor) || !pod || !port) return;
  const [certificate, key] = [pod.flags.get('--cert-file'), pod.flags.get('--key-file')];
  if (certificate === undefined || key === undefined) return;
  const body = JSON.stringify({ targetID: BigInt(`0x${successor}`).toString() });
  const at = port.address.includes(':') ? `[${port.address}]:${port.port}` : `${port.address}:${port.port}`;
  context.report('etcd: handing over its leadership');
  // It is a courtesy: whatever comes of it, the member ends as gracefully as it can.
  await context.run(
    sh`[ -z "$R" ] && s=$(tool openssl) || exit 0
printf 'POST /v3/maintenance/transfer-leadership HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' ${body.length} ${body} |
  "$s" s_client -quiet -connect ${at} -cert ${certificate} -key ${key} >/dev/null 2>&1
sleep 0.5 2>/dev/null || sleep 1
`,
    { mayFail: true, timeoutMs: HAND_ON_SECONDS * 1_000 },
  );
}

/** The API server uses the host's own etcd, which others have members of: they serve on while this one is away. */
export function sharesItsEtcd(world: World): boolean {
  const ref = world.get(kubernetesFiles).etcd === 'stacked' ? etcdMemberOf(world) : undefined;
  const member = ref && world.has(ref) ? world.get(ref) : undefined;
  return member?.state === 'answered' && (member.others ?? member.met).length > 0;
}
