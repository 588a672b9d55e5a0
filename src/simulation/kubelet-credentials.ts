import { DAY_MS } from '../core/duration.ts';
import { type Certificate, readCertificates } from '../pki/certificate.ts';
import { isSignedBy, validityAt } from '../pki/verify.ts';
import { readApiClient } from './components/api-client.ts';
import type { ComponentContext } from './components/component.ts';
import { KUBELET_KUBECONFIG, PKI_DIRECTORY } from './credential-files.ts';
import type { HostFiles } from './host-files.ts';
import { Listeners } from './listeners.ts';
import { PORTS } from './profile.ts';
import { makeSelfSigned } from './self-signed.ts';

/** The client certificate loaded by a kubelet. */
export interface KubeletClient {
  readonly certificate: Certificate;
  /** Whether the API accepts it at this time. */
  isAccepted(now: Date): boolean;
}

/**
 * Loads what kubelet.conf and the files named in it give a starting kubelet; undefined if that is unusable: kubelet then looks
 * for bootstrap-kubelet.conf, which usually no longer exists, and exits (kubeadm#2054).
 */
export function loadKubeletClient({ files, clock }: ComponentContext): KubeletClient | undefined {
  try {
    const { identity } = readApiClient(files.read(KUBELET_KUBECONFIG), (path) => files.read(path));
    const [certificate] = readCertificates(identity.certificate ?? '');
    const [authority] = readCertificates(files.read(`${PKI_DIRECTORY}/ca.crt`));
    if (!certificate || !authority || validityAt(certificate, clock().getTime()) === 'expired') return undefined;
    return {
      certificate,
      isAccepted: (now) => isSignedBy(certificate, authority) && validityAt(certificate, now.getTime()) === 'valid',
    };
  } catch {
    return undefined;
  }
}

const SERVING_CERTIFICATE = '/var/lib/kubelet/pki/kubelet.crt';
const SERVING_KEY = '/var/lib/kubelet/pki/kubelet.key';

/** A kubelet without a pair makes a self-signed one for a year. */
async function makeServingPair(files: HostFiles, name: string, now: number): Promise<void> {
  const { certificate, key } = await makeSelfSigned(name, [], { notBefore: now, notAfter: now + 365 * DAY_MS });
  files.write(SERVING_KEY, key, 0o600);
  files.write(SERVING_CERTIFICATE, certificate, 0o644);
}

/** The port on which a kubelet serves logs and metrics, with the pair that it made itself. */
export class KubeletServer {
  readonly #listeners: Listeners;

  private constructor(listeners: Listeners) {
    this.#listeners = listeners;
  }

  /** The port stays closed if the pair does not load: nothing here depends on it. */
  static async start({ files, network, host, clock }: ComponentContext): Promise<KubeletServer> {
    const listeners = new Listeners(network);
    if (!files.exists(SERVING_CERTIFICATE)) await makeServingPair(files, host.name, clock().getTime());
    const endpoints = ['127.0.0.1', host.address].map((address) => ({ address, port: PORTS.kubelet }));
    try {
      const pair = {
        cert: files.read(SERVING_CERTIFICATE),
        key: files.read(SERVING_KEY),
      };
      await listeners.https(endpoints, pair, (_request, response) => {
        response.statusCode = 401;
        response.end('Unauthorized');
      });
    } catch {
      await listeners.close();
    }
    return new KubeletServer(listeners);
  }

  stop(): Promise<void> {
    return this.#listeners.close();
  }
}
