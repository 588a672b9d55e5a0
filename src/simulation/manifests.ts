import { stringify } from 'yaml';
import type { JsonObject } from '../core/json.ts';
import { COMPONENTS, type Component, KUBERNETES_DIRECTORY } from '../kubeadm/table.ts';
import { formatVersion } from '../kubeadm/version.ts';
import { DNS_DOMAIN, type HostProfile, POD_SUBNET, PORTS, SERVICE_SUBNET } from './profile.ts';

const PKI = `${KUBERNETES_DIRECTORY}/pki`;
const ETCD_IMAGE = 'registry.k8s.io/etcd:3.5.24-0';

/** The static pod manifests of a master, by file name, with kubeadm 1.33's flags. */
export function manifestsOf(host: HostProfile): ReadonlyMap<string, string> {
  return new Map(COMPONENTS.map((component) => [`${component}.yaml`, manifestOf(component, host)]));
}

function manifestOf(component: Component, host: HostProfile): string {
  const pod: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      annotations: annotationsOf(component, host),
      labels: { component, tier: 'control-plane' },
      name: component,
      namespace: 'kube-system',
    },
    spec: {
      containers: [
        {
          // kubeadm sorts flags.
          command: [component, ...[...flagsOf(component, host)].sort()],
          image: imageOf(component, host),
          imagePullPolicy: 'IfNotPresent',
          name: component,
          volumeMounts: [{ mountPath: PKI, name: 'k8s-certs', readOnly: true }],
        },
      ],
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      volumes: [{ hostPath: { path: PKI, type: 'DirectoryOrCreate' }, name: 'k8s-certs' }],
    },
    status: {},
  };
  return stringify(pod, { lineWidth: 0, indentSeq: false });
}

function imageOf(component: Component, { cluster }: HostProfile): string {
  return component === 'etcd' ? ETCD_IMAGE : `registry.k8s.io/${component}:${formatVersion(cluster.version)}`;
}

function annotationsOf(component: Component, { address }: HostProfile): JsonObject {
  switch (component) {
    case 'etcd':
      return { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${address}:${PORTS.etcdClient}` };
    case 'kube-apiserver':
      return { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${address}:${PORTS.api}` };
    default:
      return {};
  }
}

function flagsOf(component: Component, host: HostProfile): readonly string[] {
  switch (component) {
    case 'etcd':
      return etcdFlags(host);
    case 'kube-apiserver':
      return apiServerFlags(host);
    case 'kube-controller-manager':
      return controllerManagerFlags();
    case 'kube-scheduler':
      return clientFlags('scheduler.conf');
  }
}

/** A master lists itself and those that existed before it joined (etcd/local.go). */
function initialCluster({ name, address, cluster: { masters = [] }, index }: HostProfile): string {
  const before = masters.slice(0, index);
  return [...before, { name, address }]
    .map((member) => `${member.name}=https://${member.address}:${PORTS.etcdPeer}`)
    .join(',');
}

function etcdFlags(host: HostProfile): readonly string[] {
  const { name, address } = host;
  const client = `https://${address}:${PORTS.etcdClient}`;
  const peer = `https://${address}:${PORTS.etcdPeer}`;
  return [
    `--advertise-client-urls=${client}`,
    `--cert-file=${PKI}/etcd/server.crt`,
    '--client-cert-auth=true',
    '--data-dir=/var/lib/etcd',
    '--experimental-initial-corrupt-check=true',
    '--experimental-watch-progress-notify-interval=5s',
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=${initialCluster(host)}`,
    `--key-file=${PKI}/etcd/server.key`,
    `--listen-client-urls=https://127.0.0.1:${PORTS.etcdClient},${client}`,
    `--listen-metrics-urls=http://127.0.0.1:${PORTS.etcdMetrics}`,
    `--listen-peer-urls=${peer}`,
    `--name=${name}`,
    `--peer-cert-file=${PKI}/etcd/peer.crt`,
    '--peer-client-cert-auth=true',
    `--peer-key-file=${PKI}/etcd/peer.key`,
    `--peer-trusted-ca-file=${PKI}/etcd/ca.crt`,
    '--snapshot-count=10000',
    `--trusted-ca-file=${PKI}/etcd/ca.crt`,
  ];
}

function apiServerFlags({ address }: HostProfile): readonly string[] {
  return [
    `--advertise-address=${address}`,
    '--allow-privileged=true',
    '--authorization-mode=Node,RBAC',
    `--client-ca-file=${PKI}/ca.crt`,
    '--enable-admission-plugins=NodeRestriction',
    '--enable-bootstrap-token-auth=true',
    `--etcd-cafile=${PKI}/etcd/ca.crt`,
    `--etcd-certfile=${PKI}/apiserver-etcd-client.crt`,
    `--etcd-keyfile=${PKI}/apiserver-etcd-client.key`,
    `--etcd-servers=https://127.0.0.1:${PORTS.etcdClient}`,
    `--kubelet-client-certificate=${PKI}/apiserver-kubelet-client.crt`,
    `--kubelet-client-key=${PKI}/apiserver-kubelet-client.key`,
    '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
    `--proxy-client-cert-file=${PKI}/front-proxy-client.crt`,
    `--proxy-client-key-file=${PKI}/front-proxy-client.key`,
    '--requestheader-allowed-names=front-proxy-client',
    `--requestheader-client-ca-file=${PKI}/front-proxy-ca.crt`,
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--secure-port=${PORTS.api}`,
    `--service-account-issuer=https://kubernetes.default.svc.${DNS_DOMAIN}`,
    `--service-account-key-file=${PKI}/sa.pub`,
    `--service-account-signing-key-file=${PKI}/sa.key`,
    `--service-cluster-ip-range=${SERVICE_SUBNET}`,
    `--tls-cert-file=${PKI}/apiserver.crt`,
    `--tls-private-key-file=${PKI}/apiserver.key`,
  ];
}

function controllerManagerFlags(): readonly string[] {
  return [
    '--allocate-node-cidrs=true',
    ...clientFlags('controller-manager.conf'),
    `--client-ca-file=${PKI}/ca.crt`,
    `--cluster-cidr=${POD_SUBNET}`,
    '--cluster-name=kubernetes',
    `--cluster-signing-cert-file=${PKI}/ca.crt`,
    `--cluster-signing-key-file=${PKI}/ca.key`,
    '--controllers=*,bootstrapsigner,tokencleaner',
    `--requestheader-client-ca-file=${PKI}/front-proxy-ca.crt`,
    `--root-ca-file=${PKI}/ca.crt`,
    `--service-account-private-key-file=${PKI}/sa.key`,
    `--service-cluster-ip-range=${SERVICE_SUBNET}`,
    '--use-service-account-credentials=true',
  ];
}

function clientFlags(kubeconfig: string): readonly string[] {
  const path = `${KUBERNETES_DIRECTORY}/${kubeconfig}`;
  return [
    `--authentication-kubeconfig=${path}`,
    `--authorization-kubeconfig=${path}`,
    '--bind-address=127.0.0.1',
    `--kubeconfig=${path}`,
    '--leader-elect=true',
  ];
}
