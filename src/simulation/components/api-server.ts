import type { StaticPod } from '../../kubeadm/host/model.ts';
import { type ClientIdentity, httpsGet } from '../https-client.ts';
import { PORTS } from '../profile.ts';
import { ApiRequests } from './api-requests.ts';
import { type ComponentContext, dial, listenAll, loadFile, loadPair, type RunningComponent } from './component.ts';

/**
 * An API server: it is ready while etcd accepts its client certificate, presents one that it accepts, and has a quorum. Like
 * the real one it does not start if a pair named by its flags is missing.
 */
export async function startApiServer(context: ComponentContext, pod: StaticPod): Promise<RunningComponent> {
  const serving = loadPair(context, pod, '--tls-cert-file', '--tls-private-key-file');
  const etcdClient = loadPair(context, pod, '--etcd-certfile', '--etcd-keyfile');
  loadPair(context, pod, '--kubelet-client-certificate', '--kubelet-client-key');
  loadPair(context, pod, '--proxy-client-cert-file', '--proxy-client-key-file');
  const ca = loadFile(context, pod, '--client-ca-file');
  const identity = {
    authority: loadFile(context, pod, '--etcd-cafile'),
    certificate: etcdClient.cert,
    key: etcdClient.key,
  };
  const requests = new ApiRequests(context, () => etcdProblem(context, identity));
  const endpoints = ['127.0.0.1', context.host.address].map((address) => ({ address, port: PORTS.api }));
  const options = { ...serving, ca, requestCert: true, rejectUnauthorized: false };
  const listeners = await listenAll(context, (opening) =>
    opening.https(endpoints, options, (request, response) => void requests.answer(request, response)),
  );
  return { stop: () => listeners.close() };
}

/** The problem of its host's etcd, as seen by a client with this identity. */
async function etcdProblem(context: ComponentContext, identity: ClientIdentity): Promise<string | undefined> {
  try {
    const stream = dial(context, '127.0.0.1', PORTS.etcdClient);
    const { status, body } = await httpsGet(stream, '127.0.0.1', '/health', identity);
    return status === 200 ? undefined : body;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
