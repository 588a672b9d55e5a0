import { stringify } from 'yaml';
import type { ClusterSettings } from '../../kubeadm/cluster/cluster-settings.ts';
import { kubeconfigServer } from '../../kubeadm/cluster/kubeconfig-server.ts';
import { type Credential, clusterAuthority, type KubeadmHost } from '../../kubeadm/host/model.ts';
import { certificatePem } from '../../pki/certificate.ts';

/**
 * A kubeconfig as kubeadm would write it, with `x` as certificate and key, for a credential without a readable one.
 * @throws when the settings of its cluster are not known
 */
export function kubeconfigSkeleton(
  credential: Credential,
  commonName: string,
  host: KubeadmHost,
  settings?: ClusterSettings,
): string {
  if (!settings) throw new Error(`${credential.name} cannot be written without the settings of its cluster`);
  const authority = clusterAuthority(host);
  const bundle = (authority?.bundle ?? []).map(certificatePem).join('');
  const cluster = settings.clusterName ?? 'kubernetes';
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          cluster: {
            'certificate-authority-data': Buffer.from(bundle).toString('base64'),
            server: kubeconfigServer(credential, settings),
          },
          name: cluster,
        },
      ],
      contexts: [{ context: { cluster, user: commonName }, name: `${commonName}@${cluster}` }],
      'current-context': `${commonName}@${cluster}`,
      preferences: {},
      users: [{ name: commonName, user: { 'client-certificate-data': 'x', 'client-key-data': 'x' } }],
    },
    { lineWidth: 0 },
  );
}
