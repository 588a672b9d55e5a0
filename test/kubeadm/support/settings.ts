import type { ClusterSettings } from '../../../src/kubeadm/cluster/cluster-settings.ts';

/** Settings in which everything is said. */
export const FULL_SETTINGS: ClusterSettings = {
  kubernetesVersion: '1.33.13',
  imageRepository: 'registry.example.org/k8s',
  nodeName: 'master-1',
  advertiseAddress: '10.0.0.1',
  bindPort: 6443,
  controlPlaneEndpoint: 'api.example.org:8443',
  serviceSubnet: '10.96.0.0/12',
  podSubnet: '10.244.0.0/16',
  dnsDomain: 'cluster.local',
  clusterName: 'prod',
  criSocket: 'unix:///run/containerd/containerd.sock',
  externalEtcd: undefined,
  etcdDataDirectory: '/var/lib/etcd',
  apiServerNames: ['old.example.org', '10.0.0.100'],
  etcdServerNames: ['etcd.example.org'],
  etcdPeerNames: ['10.1.0.1'],
};

/** Settings in which nothing is said that need not be. */
export const BARE_SETTINGS: ClusterSettings = {
  ...FULL_SETTINGS,
  imageRepository: undefined,
  controlPlaneEndpoint: undefined,
  podSubnet: undefined,
  clusterName: undefined,
  criSocket: undefined,
  etcdDataDirectory: undefined,
  apiServerNames: [],
  etcdServerNames: [],
  etcdPeerNames: [],
};

export const EXTERNAL_ETCD: NonNullable<ClusterSettings['externalEtcd']> = {
  endpoints: ['https://10.0.9.1:2379', 'https://10.0.9.2:2379'],
  caFile: '/etc/etcd/ca.crt',
  certFile: '/etc/etcd/client.crt',
  keyFile: '/etc/etcd/client.key',
};
