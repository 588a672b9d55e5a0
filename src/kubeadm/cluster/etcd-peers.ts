import { type KubeadmHost, podOf } from '../host/model.ts';
import { ETCD_CLIENT_PORT, ETCD_PEER_PORT } from '../restarts/restart.ts';
import { type Endpoint, urlEndpoint } from './endpoints.ts';

/** A member of etcd as named in manifests. */
export interface EtcdPeer {
  /** The name of its node, set by kubeadm: `m1`. */
  readonly name: string;
  /** Its address for other members: `https://10.0.0.11:2380`. */
  readonly url: string;
}

/**
 * The members in the host's etcd manifest, including itself (`--initial-cluster`, kubeadm's etcd/local.go). The first master
 * lists only itself, later ones those that existed when they joined. Members that have left since are still listed.
 */
export function etcdPeersOf(host: KubeadmHost): readonly EtcdPeer[] {
  const flag = etcdFlag(host, '--initial-cluster') ?? '';
  const listed = flag.split(',').flatMap((entry): readonly EtcdPeer[] => {
    const [name = '', url = ''] = entry.trim().split('=');
    return name === '' || url === '' ? [] : [{ name, url: url.replace(/\/$/, '') }];
  });
  const own = ownEtcdPeer(host);
  return own && !listed.some(({ url }) => url === own.url) ? [own, ...listed] : listed;
}

/** The host's own member; undefined if it runs none, or its manifest does not tell. */
export function ownEtcdPeer(host: KubeadmHost): EtcdPeer | undefined {
  const url = etcdFlag(host, '--initial-advertise-peer-urls')?.split(',')[0]?.replace(/\/$/, '');
  const name = etcdFlag(host, '--name') ?? host.nodeName;
  return url === undefined || url === '' || name === undefined ? undefined : { name, url };
}

/** Where the host's API server reaches etcd; none if it does so without TLS anywhere, or its manifest does not tell. */
export function etcdServersOf(host: KubeadmHost): readonly Endpoint[] {
  const flag = podOf(host, 'kube-apiserver')?.flags.get('--etcd-servers') ?? '';
  const urls = flag.split(',').map((url) => url.trim());
  const endpoints = urls.flatMap((url) => (url.startsWith('https://') && urlEndpoint(url, ETCD_CLIENT_PORT)) || []);
  return endpoints.length === urls.length ? endpoints : [];
}

/** The database of the host's etcd: `member/snap/db` below its --data-dir; undefined if it runs none. */
export function databasePathOf(host: KubeadmHost): string | undefined {
  if (!podOf(host, 'etcd')) return undefined;
  return `${(etcdFlag(host, '--data-dir') ?? '/var/lib/etcd').replace(/\/$/, '')}/member/snap/db`;
}

function etcdFlag(host: KubeadmHost, flag: string): string | undefined {
  return podOf(host, 'etcd')?.flags.get(flag);
}

/** Address and port of a member's URL; undefined if invalid. */
export function endpointOfPeer({ url }: EtcdPeer): Endpoint | undefined {
  return urlEndpoint(url, ETCD_PEER_PORT);
}
