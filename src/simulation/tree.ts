import {
  AUTHORITIES,
  COMPONENTS,
  type CredentialName,
  KUBECONFIGS,
  KUBELET_CONFIG,
  KUBELET_FLAGS,
  KUBERNETES_DIRECTORY,
  PAIRS,
} from '../kubeadm/table.ts';
import type { ClusterAuthorities } from './authorities.ts';
import { entryFor, KUBELET_KUBECONFIG, PKI_DIRECTORY } from './credential-files.ts';
import type { Credentials } from './credentials.ts';
import { etcdDatabase, type StoredMember } from './etcd-database.ts';
import { homeKubeconfig } from './home-files.ts';
import { kubeconfigText } from './kubeconfig-text.ts';
import type { Leaf } from './leaf.ts';
import { manifestsOf } from './manifests.ts';
import { DNS_DOMAIN, type HostProfile, PORTS } from './profile.ts';
import { conditionOf, leafState, type TreeState } from './tree-state.ts';

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nops:x:1000:1000:Operator:/home/ops:/bin/sh\n';

const KUBELET_LEAVES: readonly CredentialName[] = ['kubelet-client', 'kubelet-server'];

/** The leaves that a host in this state has ever had. */
export function credentialNames(state: TreeState, { role, index }: HostProfile): readonly CredentialName[] {
  if (role === 'worker') return KUBELET_LEAVES;
  const kubeconfigs = KUBECONFIGS.filter(({ optional }) => !optional || (state.superAdmin ?? index === 0));
  return [...[...PAIRS, ...kubeconfigs].map(({ name }) => name), ...KUBELET_LEAVES];
}

/**
 * Writes everything that kubeadm and kubelet leave on a host. Leaves follow the state as far as it can be signed: dates,
 * names, keys, signers; damage to files comes later.
 */
export async function writeTree(
  credentials: Credentials,
  state: TreeState,
  serviceAccount: ClusterAuthorities['serviceAccount'],
): Promise<void> {
  writeSystemFiles(credentials);
  if (credentials.host.role === 'master') writeMasterFiles(credentials, state, serviceAccount);
  else credentials.files.write(`${PKI_DIRECTORY}/ca.crt`, credentials.authorities.ca.certificatePem);
  writeKubeletFiles(credentials, state);
  const names = credentialNames(state, credentials.host);
  const leaves = new Map(
    await Promise.all(
      names.map(async (name): Promise<[CredentialName, Leaf]> => [name, await firstLeaf(credentials, state, name)]),
    ),
  );
  for (const [name, leaf] of leaves) credentials.write(name, leaf);
  if (credentials.host.role === 'master') await writeHomes(credentials, state, leaves.get('admin.conf'));
}

/** The leaf loaded by running processes: for a leaf that is renewed later, the previous one. */
function firstLeaf(credentials: Credentials, state: TreeState, name: CredentialName): Promise<Leaf> {
  const isRenewedLater = conditionOf(state, name) === 'not-loaded';
  return credentials.issue(name, { ...leafState(state, name), ...(isRenewedLater && { condition: 'due' }) });
}

function writeSystemFiles({ files, host }: Credentials): void {
  for (const directory of ['/etc/kubernetes/manifests', '/run', '/proc', '/usr/bin', '/var/backups']) {
    files.makeDirectory(directory);
  }
  files.makeDirectory('/tmp', 0o1777);
  files.makeDirectory('/root', 0o700);
  files.makeDirectory('/home/ops', 0o750);
  files.write('/etc/hostname', `${host.name}\n`);
  files.write('/etc/passwd', PASSWD);
}

function writeMasterFiles(
  credentials: Credentials,
  state: TreeState,
  serviceAccount: ClusterAuthorities['serviceAccount'],
): void {
  const { files, host } = credentials;
  files.write('/var/lib/etcd/member/snap/db', etcdDatabase(membersOf(host)), 0o600);
  const manifests = manifestsOf(host);
  for (const component of COMPONENTS) {
    const name = `${component}.yaml`;
    files.write(`${KUBERNETES_DIRECTORY}/manifests/${name}`, manifests.get(name) ?? '', 0o600);
  }
  writeAuthorities(credentials, state, serviceAccount);
}

/** All members that have joined, whatever the manifest of the host lists. */
function membersOf({
  name,
  address,
  cluster: { masters = [{ name, address }] },
}: HostProfile): readonly StoredMember[] {
  return masters.map((member) => ({
    name: member.name,
    peerUrl: `https://${member.address}:${PORTS.etcdPeer}`,
    clientUrl: `https://${member.address}:${PORTS.etcdClient}`,
  }));
}

function writeAuthorities(
  { files, authorities }: Credentials,
  { withoutKeyOf = [] }: TreeState,
  serviceAccount: ClusterAuthorities['serviceAccount'],
): void {
  for (const { name, base } of AUTHORITIES) {
    const path = `${PKI_DIRECTORY}/${base}`;
    files.write(`${path}.crt`, authorities[name].certificatePem);
    if (!withoutKeyOf.includes(name)) files.write(`${path}.key`, authorities[name].keyPem, 0o600);
  }
  files.write(`${PKI_DIRECTORY}/sa.key`, serviceAccount.key, 0o600);
  files.write(`${PKI_DIRECTORY}/sa.pub`, serviceAccount.publicKey, 0o600);
}

function writeKubeletFiles(credentials: Credentials, { kubeletConf = 'files' }: TreeState): void {
  const { files, host, authorities } = credentials;
  const config = [
    'apiVersion: kubelet.config.k8s.io/v1beta1',
    'authentication:',
    '  anonymous:',
    '    enabled: false',
    '  x509:',
    `    clientCAFile: ${PKI_DIRECTORY}/ca.crt`,
    'clusterDNS:',
    '- 10.96.0.10',
    `clusterDomain: ${DNS_DOMAIN}`,
    'containerRuntimeEndpoint: ""',
    'kind: KubeletConfiguration',
    'rotateCertificates: true',
    `staticPodPath: ${KUBERNETES_DIRECTORY}/manifests`,
  ];
  files.write(KUBELET_CONFIG, `${config.join('\n')}\n`);
  files.write(
    KUBELET_FLAGS,
    'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.10"\n',
  );
  const place = credentials.placeOf('kubelet-client');
  if (kubeletConf === 'embedded' || place.kind !== 'store') return;
  const entry = entryFor('kubelet-client', host, authorities.ca.certificatePem, { file: place.current });
  files.write(KUBELET_KUBECONFIG, kubeconfigText(entry), 0o600);
}

async function writeHomes(credentials: Credentials, state: TreeState, admin: Leaf | undefined): Promise<void> {
  if (!admin) throw new Error('a master without admin.conf');
  const entry = entryFor('admin.conf', credentials.host, credentials.authorities.ca.certificatePem, admin);
  for (const [home, variant] of [
    ['/root', state.rootHome ?? 'copy'],
    ['/home/ops', state.opsHome ?? 'none'],
  ] as const) {
    const path = `${home}/.kube/config`;
    if (variant === 'link') credentials.files.link(path, '/etc/kubernetes/admin.conf');
    else {
      const text = await homeKubeconfig(variant, entry, credentials);
      if (text !== undefined) credentials.files.write(path, text, 0o600);
    }
  }
}
