import { stringify } from 'yaml';
import { endpointText } from '../../core/endpoint.ts';
import type { ClusterSettings } from '../../kubeadm/cluster/cluster-settings.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { KUBECONFIGS } from '../../kubeadm/table.ts';
import { parseVersion } from '../../kubeadm/version.ts';
import { certificatePem } from '../../pki/certificate.ts';

/** From 1.20 on these two use the API server of their own host (kubernetes/kubernetes#94398). */
const LOCAL_ENDPOINT_MINOR = 20;

/**
 * A kubeconfig as kubeadm would write it, with `x` as certificate and key, for a credential without a readable one.
 * @throws when the settings of its cluster are not known
 */
export function kubeconfigSkeleton(
  { name }: Credential,
  commonName: string,
  host: KubeadmHost,
  settings?: ClusterSettings,
): string {
  if (!settings) throw new Error(`${name} cannot be written without the settings of its cluster`);
  const authority = host.authorities.find((candidate) => candidate.name === 'ca');
  const bundle = (authority?.bundle ?? []).map(certificatePem).join('');
  const readBy = KUBECONFIGS.find((row) => row.name === name)?.readBy;
  const minor = parseVersion(settings.kubernetesVersion)?.minor ?? LOCAL_ENDPOINT_MINOR;
  const local = endpointText({ address: settings.advertiseAddress, port: settings.bindPort });
  const endpoint = readBy && minor >= LOCAL_ENDPOINT_MINOR ? local : (settings.controlPlaneEndpoint ?? local);
  const cluster = settings.clusterName ?? 'kubernetes';
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          cluster: {
            'certificate-authority-data': Buffer.from(bundle).toString('base64'),
            server: `https://${endpoint}`,
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
