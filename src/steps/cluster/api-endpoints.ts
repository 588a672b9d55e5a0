import { endpointText } from '../../core/endpoint.ts';
import type { ReadContext } from '../../core/step.ts';
import { type Answer, answer } from '../../facts/answer.ts';
import { type Served, served } from '../../facts/certificates/served.ts';
import { advertisedEndpoint } from '../../kubeadm/cluster/endpoints.ts';
import { sharedEndpoint } from '../../kubeadm/cluster/shared-endpoint.ts';
import { clusterAuthority, type KubeadmHost, podOf } from '../../kubeadm/host/model.ts';
import { apiHealthPath, fingerprintOf } from '../../kubeadm/restarts/restart.ts';
import { isSignedBy, validityAt } from '../../pki/verify.ts';
import { isHealthy } from '../control-plane/control-plane-facts.ts';
import { combined, gap, NOTHING, type Proof } from './cluster-proof.ts';

/** A load balancer only notices with its next probe that an API server is back. */
const BALANCER_MS = 30_000;

/** Proves that the API server is reachable at its own address and through the load balancer. */
export async function proveEndpoints(context: ReadContext, host: KubeadmHost, timeoutMs: number): Promise<Proof> {
  return combined(await proveOwnEndpoint(context, host, timeoutMs), await proveBalancer(context, host));
}

async function proveOwnEndpoint(context: ReadContext, host: KubeadmHost, timeoutMs: number): Promise<Proof> {
  const own = advertisedEndpoint(host);
  if (!own) return NOTHING;
  const ref = served(own.address, own.port);
  const place = endpointText(own);
  const observed = await context.waitFor(place, timeoutMs, async () => {
    const now = (await context.observe([ref])).get(ref);
    if (now.state === 'not up') return { done: false, state: `${place} does not serve yet (${now.reason})` };
    if (now.state === 'serving' && now.certificate.fingerprint !== fingerprintOf(host, 'apiserver'))
      return { done: false, state: `${place} serves a certificate other than apiserver` };
    return { done: true, value: now };
  });
  return observed.state === 'cannot ask'
    ? { proven: [], gaps: [gap(`what ${place} serves: ${observed.reason}`)] }
    : { proven: [`${place} serves what is on disk`], gaps: [] };
}

/**
 * Proves that some master answers through the balancer, ready and with a valid certificate of this cluster. A timeout is
 * reported but not a failure: that master may still have to be renewed, or this host may not reach the balancer.
 */
async function proveBalancer(context: ReadContext, host: KubeadmHost): Promise<Proof> {
  const shared = sharedEndpoint(host);
  if (!shared) return NOTHING;
  const { address, port } = shared;
  const place = `controlPlaneEndpoint ${endpointText(shared)}`;
  const chain = served(address, port);
  const pod = podOf(host, 'kube-apiserver');
  const health = answer({ kind: 'https', address, port, path: apiHealthPath(pod) });
  const waitUntil = context.now().getTime() + BALANCER_MS;
  return context.waitFor<Proof>(place, 2 * BALANCER_MS, async () => {
    const world = await context.observe([chain, health]);
    const observed = world.get(chain);
    const fault = faultOf(observed, host, context.now()) ?? unreadiness(world.get(health));
    if (fault === undefined) return { done: true, value: { proven: [`${place} answers`], gaps: [] } };
    if (observed.state !== 'cannot ask' && context.now().getTime() < waitUntil)
      return { done: false, state: `${place}: ${fault}` };
    const remedy = `see from the host what answers there: getent ahosts ${address}, curl -k https://${endpointText(shared)}${apiHealthPath(pod)}; if it leads to one master alone, that one has to be up and renewed, or the name has to lead to another; kubectl with admin.conf and joining nodes use it`;
    return { done: true, value: { proven: [], gaps: [gap(`that ${place} works: ${fault}`, remedy)] } };
  });
}

function unreadiness(response: Answer): string | undefined {
  const { status, text } = response;
  if (isHealthy('kube-apiserver', response)) return undefined;
  return `${status ?? 'no answer'}, ${text.trim().split('\n').at(-1) ?? ''}`;
}

/** What is wrong with the served certificate. A balancer that terminates TLS serves its own. */
function faultOf(response: Served, host: KubeadmHost, now: Date): string | undefined {
  if (response.state !== 'serving') return response.state === 'planned' ? 'it was not queried' : response.reason;
  const { certificate } = response;
  if (validityAt(certificate, now.getTime()) !== 'valid') return 'its certificate is not valid now';
  if (host.credentials.some(({ name, isOthers }) => name === 'apiserver' && isOthers)) return undefined;
  const authority = clusterAuthority(host);
  const isOfCluster = authority?.bundle.some((candidate) => isSignedBy(certificate, candidate)) ?? true;
  return isOfCluster ? undefined : 'its certificate is from another CA';
}
