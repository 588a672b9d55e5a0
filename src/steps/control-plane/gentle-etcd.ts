import { endpointText } from '../../core/endpoint.ts';
import { sh } from '../../core/shell.ts';
import type { PlannedChanges, WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import type { EtcdMember } from '../../facts/processes/etcd-member.ts';
import { type KubeadmHost, podOf } from '../../kubeadm/host/model.ts';
import { servingPorts } from '../../kubeadm/restarts/restart.ts';
import { processOf } from './control-plane-facts.ts';
import { etcdMemberOf } from './etcd-gate.ts';
import { restartReader } from './prove-restart.ts';
import { stopAndPark, unparkManifest } from './stop-reader.ts';

/** Whether the API server of the host is restarted together with its etcd, outside of a recovery. */
export function restartsWithEtcd({ order }: Pick<WriteContext, 'order'>, { plan, world }: PlannedChanges): boolean {
  const targets: readonly string[] = plan.changes.map(({ target }) => target);
  const isParked = world.get(kubernetesFiles).staticPods.some(({ parked }) => parked);
  return order !== 'recovery' && !isParked && targets.includes('etcd') && targets.includes('kube-apiserver');
}

/**
 * Ends an etcd member without disturbing its clients. kubeadm's API servers only know the etcd of their own host: without it
 * all their requests hang, and so does kubelet, which asks the API server before it starts a pod. So the API server is stopped
 * first, and stays stopped until its etcd is back (`resumeApiServer`).
 */
export async function endMember(context: WriteContext, world: World): Promise<void> {
  const host = world.get(kubernetesFiles);
  await resumeOnFailure(context, host, async () => {
    const apiServer = processOf(world, 'kube-apiserver');
    if (apiServer) {
      context.report('kube-apiserver: kept stopped while its etcd restarts');
      await stopAndPark(context, host, { component: 'kube-apiserver', running: apiServer });
    }
    const member = etcdMemberOf(world);
    if (member) await handOverLeadership(context, host, (await context.observe([member])).get(member));
    context.report('etcd: restarting');
    await restartReader(context, world, 'etcd');
  });
}

/** Lets the API server start again when its etcd is back, or has failed to come back. */
export async function resumeApiServer(
  context: WriteContext,
  { world }: PlannedChanges,
  proveEtcd: () => Promise<void>,
): Promise<void> {
  const host = world.get(kubernetesFiles);
  await resumeOnFailure(context, host, proveEtcd);
  await unparkManifest(context, host, 'kube-apiserver');
}

async function resumeOnFailure(context: WriteContext, host: KubeadmHost, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // An unreachable host brings it back by itself.
    await unparkManifest(context, host, 'kube-apiserver').catch(() => undefined);
    throw error;
  }
}

/** Time for the leader to answer, and for pending requests to find the new leader. */
const HANDOVER_SECONDS = 5;

/**
 * Makes a leading member hand leadership over to a connected member. An etcd that is asked to end does so by itself, but only
 * just before it ends: requests in flight from other members are lost then. The request goes through etcd's own HTTP gateway,
 * with the member's own certificate, on the host.
 */
async function handOverLeadership(context: WriteContext, host: KubeadmHost, member: EtcdMember): Promise<void> {
  const [successor] = member.state === 'answered' && member.isLeader ? member.connected : [];
  const pod = podOf(host, 'etcd');
  const port = servingPorts(host).find(({ credential }) => credential === 'etcd-server');
  if (successor === undefined || !/^[0-9a-f]{1,16}$/.test(successor) || !pod || !port) return;
  const [certificate, key] = [pod.flags.get('--cert-file'), pod.flags.get('--key-file')];
  if (certificate === undefined || key === undefined) return;
  const body = JSON.stringify({ targetID: BigInt(`0x${successor}`).toString() });
  const at = endpointText(port);
  context.report('etcd: handing over its leadership');
  // Optional: whatever the result, the member ends as gracefully as it can.
  await context.run(
    sh`[ -z "$R" ] && s=$(tool openssl) || exit 0
printf 'POST /v3/maintenance/transfer-leadership HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' ${body.length} ${body} |
  "$s" s_client -quiet -connect ${at} -cert ${certificate} -key ${key} >/dev/null 2>&1
sleep 0.5 2>/dev/null || sleep 1
`,
    { mayFail: true, timeoutMs: HANDOVER_SECONDS * 1_000 },
  );
}

/** Whether other hosts have members of the same etcd: they keep serving while this one is down. */
export function sharesItsEtcd(world: World): boolean {
  const ref = world.get(kubernetesFiles).etcd === 'stacked' ? etcdMemberOf(world) : undefined;
  const member = world.find(ref);
  return member?.state === 'answered' && (member.others ?? member.met).length > 0;
}
