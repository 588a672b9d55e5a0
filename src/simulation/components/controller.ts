import type { RequestListener } from 'node:http';
import { DAY_MS } from '../../core/duration.ts';
import type { StaticPod } from '../../kubeadm/host/model.ts';
import { httpsGet } from '../https-client.ts';
import { PORTS } from '../profile.ts';
import { makeSelfSigned } from '../self-signed.ts';
import { type ApiClient, readApiClient } from './api-client.ts';
import { type ComponentContext, CrashError, dial, listenAll, loadFile, type RunningComponent } from './component.ts';

const HEALTH_PORTS = new Map([
  ['kube-controller-manager', { tls: PORTS.controllerManager, clear: 10_252 }],
  ['kube-scheduler', { tls: PORTS.scheduler, clear: 10_251 }],
]);

/**
 * A controller-manager or scheduler: it serves a certificate that it made itself, and is healthy while the API server of its
 * kubeconfig is ready and accepts the client certificate that it has loaded.
 */
export async function startController(context: ComponentContext, pod: StaticPod): Promise<RunningComponent> {
  const client = loadClient(context, pod);
  const now = context.clock().getTime();
  const { certificate, key } = await makeSelfSigned('localhost', ['127.0.0.1'], {
    notBefore: now,
    notAfter: now + 365 * DAY_MS,
  });
  const answer: RequestListener = (_request, response) => {
    void health(context, client).then((problem) => {
      response.statusCode = problem === undefined ? 200 : 500;
      response.end(problem === undefined ? 'ok' : `[-]leaderElection failed: ${problem}\nhealthz check failed\n`);
    });
  };
  const { tls, clear } = HEALTH_PORTS.get(pod.component) ?? { tls: 0, clear: 0 };
  const endpoint = (port: number) => [{ address: '127.0.0.1', port }];
  const listeners = await listenAll(context, (opening) =>
    context.host.cluster.version.minor < 13
      ? opening.http(endpoint(clear), answer)
      : opening.https(endpoint(tls), { cert: certificate, key }, answer),
  );
  return { stop: () => listeners.close() };
}

function loadClient(context: ComponentContext, pod: StaticPod): ApiClient {
  const text = loadFile(context, pod, '--kubeconfig');
  try {
    return readApiClient(text, (path) => context.files.read(path));
  } catch (error) {
    throw new CrashError(error instanceof Error ? error.message : String(error));
  }
}

/** What prevents it from working; undefined if nothing does. */
async function health(context: ComponentContext, { address, port, identity }: ApiClient): Promise<string | undefined> {
  try {
    const { status, body } = await httpsGet(dial(context, address, port), address, '/healthz', identity);
    return status === 200 ? undefined : `${status} ${body.trim().split('\n').at(-1) ?? ''}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
