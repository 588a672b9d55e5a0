import { isJsonObject } from '../core/json.ts';
import { DEFAULT_KUBELET_PKI, KUBERNETES_DIRECTORY } from '../kubeadm/table.ts';
import { readCertificates } from '../pki/certificate.ts';
import { generateKey, readPrivateKey } from '../pki/private-key.ts';
import { createCsr } from '../pki/request.ts';
import { validityAt } from '../pki/verify.ts';
import { type ApiClient, readApiClient } from './components/api-client.ts';
import { SIGNING_REQUESTS_PATH } from './components/bootstrap-requests.ts';
import { type ComponentContext, dial } from './components/component.ts';
import { CURRENT_KUBELET_CLIENT, KUBELET_KUBECONFIG } from './credential-files.ts';
import { httpsSend } from './https-client.ts';
import { kubeconfigText } from './kubeconfig-text.ts';

const BOOTSTRAP_KUBECONFIG = `${KUBERNETES_DIRECTORY}/bootstrap-kubelet.conf`;

/**
 * What a kubelet without a usable kubelet.conf does: it writes its own one, and requests a certificate with bootstrap-kubelet.conf,
 * unless its store contains a valid one (pkg/kubelet/certificate/bootstrap). The real one keeps trying; this
 * one gives up until it is started again.
 * @returns whether there is now a kubelet.conf to run with
 */
export async function bootstrapKubelet(context: ComponentContext): Promise<boolean> {
  const { files } = context;
  try {
    const client = readApiClient(files.read(BOOTSTRAP_KUBECONFIG), (path) => files.read(path));
    const { address, port, identity } = client;
    const entry = {
      cluster: 'default-cluster',
      server: `https://${address}:${port}`,
      authority: identity.authority,
      user: 'default-auth',
      credential: { file: CURRENT_KUBELET_CLIENT },
    };
    files.write(KUBELET_KUBECONFIG, kubeconfigText(entry), 0o600);
    if (!holdsValid(context)) await askForCertificate(context, client);
    return true;
  } catch {
    return false;
  }
}

/** @throws {Error} if there is one that cannot be read: kubelet exits */
function holdsValid({ files, clock }: ComponentContext): boolean {
  if (!files.exists(CURRENT_KUBELET_CLIENT)) return false;
  const [certificate] = readCertificates(files.read(CURRENT_KUBELET_CLIENT));
  return certificate !== undefined && validityAt(certificate, clock().getTime()) === 'valid';
}

/** @throws {Error} if it gets none */
async function askForCertificate(context: ComponentContext, { address, port, identity }: ApiClient): Promise<void> {
  const { files, host, clock } = context;
  const { privatePem } = await generateKey('ECDSA-P256');
  const request = createCsr({
    subject: { commonName: `system:node:${host.name}`, organizations: ['system:nodes'] },
    privateKey: readPrivateKey(privatePem),
  });
  const body = { spec: { request: Buffer.from(request).toString('base64') } };
  const asking = { method: 'POST', path: SIGNING_REQUESTS_PATH, body } as const;
  const answer = await httpsSend(dial(context, address, port), address, asking, identity);
  const { status }: { readonly status?: unknown } = JSON.parse(answer.body);
  const certificate = isJsonObject(status) ? status['certificate'] : undefined;
  if (typeof certificate !== 'string') throw new Error('no certificate was signed');
  const time = clock().toISOString().slice(0, 19).replace(/[T:]/g, '-');
  const path = `${DEFAULT_KUBELET_PKI}/kubelet-client-${time}.pem`;
  files.write(path, Buffer.from(certificate, 'base64').toString('utf8') + privatePem.reveal(), 0o600);
  files.link(CURRENT_KUBELET_CLIENT, path);
}
