import { KUBECONFIGS, type PairEntry } from '../../kubeadm/table.ts';
import type { Version } from '../../kubeadm/version.ts';
import type { Identity } from '../../pki/identity.ts';
import { groupsOf } from '../groups.ts';
import { splitNames } from '../leaf.ts';
import type { KubeadmConfig } from './kubeadm-config.ts';

/** The identity of a certificate of `init phase certs` and `certs generate-csr`. kubeadm sorts names, but not addresses. */
export function pairIdentity(pair: PairEntry, config: KubeadmConfig, version: Version): Identity {
  const { dnsNames, ipAddresses } = splitNames(config.namesFor(pair.names, pair.name === 'etcd-peer'));
  return {
    subject: {
      commonName: pair.commonName === 'node' ? config.nodeName : pair.commonName,
      organizations: groupsOf(pair.name, version),
    },
    dnsNames: [...dnsNames].sort(),
    ipAddresses,
    extendedKeyUsages: pair.usages,
  };
}

/** The users of kubeconfigs, each with its groups and its API server. */
export function kubeconfigUsers(config: KubeadmConfig, version: Version) {
  const own = `${config.advertiseAddress}:${config.bindPort}`;
  const entries = KUBECONFIGS.filter(({ optional }) => !optional || version.minor >= 29).map(
    ({ name, commonName }) => ({
      name: name as string,
      commonName,
      organizations: groupsOf(name, version),
      endpoint: name === 'admin.conf' || name === 'super-admin.conf' ? config.endpoint : own,
    }),
  );
  const kubelet = {
    name: 'kubelet.conf',
    commonName: `system:node:${config.nodeName}`,
    organizations: ['system:nodes'],
    endpoint: config.endpoint,
  };
  return [...entries, kubelet];
}
