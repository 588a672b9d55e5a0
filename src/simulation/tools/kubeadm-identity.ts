import { KUBECONFIGS, organizationsBy, type PairEntry } from '../../kubeadm/table.ts';
import type { Version } from '../../kubeadm/version.ts';
import type { Identity } from '../../pki/identity.ts';
import { splitNames } from '../leaf.ts';
import type { KubeadmConfig } from './kubeadm-config.ts';

/**
 * The first patch releases, by minor, that give the API server's client of kubelet no group (kubernetes/kubernetes#138957): of
 * 1.33 as its kubeadm was seen to do, of the others as was reported.
 */
const WITHOUT_GROUP: Readonly<Record<number, number>> = { 33: 13, 35: 5, 36: 1 };

/** Whom `init phase certs` and `certs generate-csr` make a certificate for. kubeadm sorts names, and keeps addresses as they come. */
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

/** The users of kubeconfigs, each with its groups and with the API server that it asks. */
export function kubeconfigUsers(config: KubeadmConfig, version: Version) {
  const own = `${config.advertiseAddress}:${config.bindPort}`;
  const ofKubeadm = KUBECONFIGS.filter(({ optional }) => !optional || version.minor >= 29).map(
    ({ name, commonName }) => ({
      name: name as string,
      commonName,
      organizations: organizationsBy(name, version.minor)[0] ?? [],
      endpoint: name === 'admin.conf' || name === 'super-admin.conf' ? config.endpoint : own,
    }),
  );
  const kubelet = {
    name: 'kubelet.conf',
    commonName: `system:node:${config.nodeName}`,
    organizations: ['system:nodes'],
    endpoint: config.endpoint,
  };
  return [...ofKubeadm, kubelet];
}

function groupsOf(name: PairEntry['name'], version: Version): readonly string[] {
  const { minor, patch } = version;
  const isLeftOut = name === 'apiserver-kubelet-client' && patch >= (WITHOUT_GROUP[minor] ?? Number.POSITIVE_INFINITY);
  return isLeftOut ? [] : (organizationsBy(name, minor)[0] ?? []);
}
