import type { ReadContext } from '../../core/step.ts';
import { type Answer, answer } from '../../facts/answer.ts';
import { type Served, served } from '../../facts/certificates/served.ts';
import { advertisedEndpoint, sharedEndpoint } from '../../kubeadm/cluster/cluster-settings.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { apiHealthPath, serialOf } from '../../kubeadm/restarts/restart.ts';
import { isSignedBy, validityAt } from '../../pki/verify.ts';
import { isHealthy } from '../control-plane/control-plane-facts.ts';
import { gap, joined, NOTHING, type Proof } from './cluster-proof.ts';

/** A balancer notices only with its next probe that an API server is back. */
const BALANCER_MS = 30_000;

/** The API server is reached where others look for it: at its own address, and through the balancer before all of them. */
export async function proveDoors(context: ReadContext, host: KubeadmHost, timeoutMs: number): Promise<Proof> {
  return joined(await proveOwnDoor(context, host, timeoutMs), await proveBalancer(context, host));
}

async function proveOwnDoor(context: ReadContext, host: KubeadmHost, timeoutMs: number): Promise<Proof> {
  const own = advertisedEndpoint(host);
  if (!own) return NOTHING;
  const ref = served(own.address, own.port);
  const place = `${own.address}:${own.port}`;
  const seen = await context.waitFor(place, timeoutMs, async () => {
    const now = (await context.observe([ref])).get(ref);
    if (now.state === 'not up') return { done: false, state: `${place} does not serve yet (${now.reason})` };
    if (now.state === 'serving' && now.certificate.serial !== serialOf(host, 'apiserver'))
      return { done: false, state: `${place} serves a certificate other than apiserver` };
    return { done: true, value: now };
  });
  return seen.state === 'cannot ask'
    ? { proven: [], gaps: [gap(`what ${place} serves: ${seen.reason}`)] }
    : { proven: [`${place} serves what is on disk`], gaps: [] };
}

/**
 * Some master answers there, ready and with a certificate of this cluster that is valid. When that does not come it is told and
 * no failure: it may be a master that is yet to be renewed, or a balancer that this host cannot reach.
 */
async function proveBalancer(context: ReadContext, host: KubeadmHost): Promise<Proof> {
  const shared = sharedEndpoint(host);
  if (!shared) return NOTHING;
  const { address, port } = shared;
  const place = `controlPlaneEndpoint ${address}:${port}`;
  const chain = served(address, port);
  const pod = host.staticPods.find(({ component }) => component === 'kube-apiserver');
  const health = answer({ kind: 'https', address, port, path: apiHealthPath(pod) });
  const waitUntil = context.now().getTime() + BALANCER_MS;
  return context.waitFor<Proof>(place, 2 * BALANCER_MS, async () => {
    const world = await context.observe([chain, health]);
    const seen = world.get(chain);
    const fault = faultOf(seen, host, context.now()) ?? unreadiness(world.get(health));
    if (fault === undefined) return { done: true, value: { proven: [`${place} answers`], gaps: [] } };
    if (seen.state !== 'cannot ask' && context.now().getTime() < waitUntil)
      return { done: false, state: `${place}: ${fault}` };
    return { done: true, value: { proven: [], gaps: [gap(`that ${place} works: ${fault}`)] } };
  });
}

function unreadiness(seen: Answer): string | undefined {
  const { status, text } = seen;
  if (isHealthy('kube-apiserver', seen)) return undefined;
  return `${status ?? 'no answer'}, ${text.trim().split('\n').at(-1) ?? ''}`;
}

/** What is wrong with the certificate that is shown there. A balancer that ends TLS itself shows one of its own. */
function faultOf(seen: Served, host: KubeadmHost, now: Date): string | undefined {
  if (seen.state !== 'serving') return seen.state === 'planned' ? 'it was not queried' : seen.reason;
  const { certificate } = seen;
  if (validityAt(certificate, now.getTime()) !== 'valid') return 'its certificate is not valid now';
  if (host.credentials.some(({ name, isOthers }) => name === 'apiserver' && isOthers)) return undefined;
  const authority = host.authorities.find(({ name }) => name === 'ca');
  const isOfCluster = authority?.bundle.some((candidate) => isSignedBy(certificate, candidate)) ?? true;
  return isOfCluster ? undefined : 'its certificate is from another CA';
}
