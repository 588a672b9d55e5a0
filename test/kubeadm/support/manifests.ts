import { stringify } from 'yaml';

export interface ManifestSettings {
  readonly node: string;
  readonly address: string;
  readonly version: string;
  readonly etcd: 'stacked' | 'external';
  readonly certificatesDirectory: string;
  /** Flags by component that differ from kubeadm's; null takes one away. */
  readonly flags: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
}

type Flags = Readonly<Record<string, string | null>>;

/** Static pod manifests as kubeadm writes them, by the component. The flags that have nothing to do with certificates are left out. */
export function manifestsOf(settings: ManifestSettings): ReadonlyMap<string, string> {
  const { node, address, certificatesDirectory: pki, etcd } = settings;
  const host = address.includes(':') ? `[${address}]` : address;
  const local = etcd === 'stacked';
  const flags: Readonly<Record<string, Flags>> = {
    etcd: {
      '--cert-file': `${pki}/etcd/server.crt`,
      '--data-dir': '/var/lib/etcd',
      '--key-file': `${pki}/etcd/server.key`,
      '--listen-client-urls': `https://127.0.0.1:2379,https://${host}:2379`,
      '--listen-metrics-urls': 'http://127.0.0.1:2381',
      '--listen-peer-urls': `https://${host}:2380`,
      '--name': node,
      '--peer-cert-file': `${pki}/etcd/peer.crt`,
      '--peer-key-file': `${pki}/etcd/peer.key`,
      '--peer-trusted-ca-file': `${pki}/etcd/ca.crt`,
      '--trusted-ca-file': `${pki}/etcd/ca.crt`,
    },
    'kube-apiserver': {
      '--advertise-address': address,
      '--client-ca-file': `${pki}/ca.crt`,
      '--etcd-cafile': local ? `${pki}/etcd/ca.crt` : '/etc/etcd/ca.crt',
      '--etcd-certfile': local ? `${pki}/apiserver-etcd-client.crt` : '/etc/etcd/client.crt',
      '--etcd-keyfile': local ? `${pki}/apiserver-etcd-client.key` : '/etc/etcd/client.key',
      '--etcd-servers': local ? 'https://127.0.0.1:2379' : 'https://10.0.9.1:2379,https://10.0.9.2:2379',
      '--kubelet-client-certificate': `${pki}/apiserver-kubelet-client.crt`,
      '--kubelet-client-key': `${pki}/apiserver-kubelet-client.key`,
      '--proxy-client-cert-file': `${pki}/front-proxy-client.crt`,
      '--proxy-client-key-file': `${pki}/front-proxy-client.key`,
      '--requestheader-client-ca-file': `${pki}/front-proxy-ca.crt`,
      '--secure-port': '6443',
      '--service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      '--service-account-key-file': `${pki}/sa.pub`,
      '--enable-bootstrap-token-auth': 'true',
      '--service-account-signing-key-file': `${pki}/sa.key`,
      '--service-cluster-ip-range': '10.96.0.0/12',
      '--tls-cert-file': `${pki}/apiserver.crt`,
      '--tls-private-key-file': `${pki}/apiserver.key`,
    },
    'kube-controller-manager': {
      '--client-ca-file': `${pki}/ca.crt`,
      '--cluster-cidr': '10.244.0.0/16',
      '--cluster-name': 'kubernetes',
      '--cluster-signing-cert-file': `${pki}/ca.crt`,
      '--cluster-signing-key-file': `${pki}/ca.key`,
      '--kubeconfig': '/etc/kubernetes/controller-manager.conf',
      '--root-ca-file': `${pki}/ca.crt`,
      '--service-account-private-key-file': `${pki}/sa.key`,
      '--service-cluster-ip-range': '10.96.0.0/12',
    },
    'kube-scheduler': { '--bind-address': '127.0.0.1', '--kubeconfig': '/etc/kubernetes/scheduler.conf' },
  };
  return new Map(
    Object.entries(flags)
      .filter(([component]) => local || component !== 'etcd')
      .map(([component, own]) => [
        component,
        manifest(component, { ...own, ...settings.flags[component] }, imageOf(component, settings.version)),
      ]),
  );
}

function imageOf(component: string, version: string): string {
  return component === 'etcd' ? 'registry.k8s.io/etcd:3.5.24-0' : `registry.k8s.io/${component}:v${version}`;
}

function manifest(component: string, flags: Flags, image: string): string {
  const words = Object.entries(flags).flatMap(([flag, value]) => (value === null ? [] : [`${flag}=${value}`]));
  return stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: component, namespace: 'kube-system', labels: { component, tier: 'control-plane' } },
    spec: { containers: [{ command: [component, ...words], image, name: component }], hostNetwork: true },
  });
}
