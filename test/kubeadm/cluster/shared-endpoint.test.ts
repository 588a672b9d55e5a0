import { expect, test } from 'vitest';
import { renewed } from '../../../src/kubeadm/certificates/transition.ts';
import { rebuildSettings, UNKNOWN_VERSION } from '../../../src/kubeadm/cluster/cluster-settings.ts';
import { endpointRefusal, kubeconfigServer } from '../../../src/kubeadm/cluster/kubeconfig-server.ts';
import type { EndpointSources } from '../../../src/kubeadm/cluster/shared-endpoint.ts';
import { leafOf } from '../../../src/kubeadm/host/interpret.ts';
import type { Credential } from '../../../src/kubeadm/host/model.ts';
import type { HostDescription } from '../support/host-files.ts';
import { describedHost } from '../support/raw-files.ts';

const LB = 'api.example.org:6443';
const NAMED = { apiserver: { names: ['api.example.org'] } };
/** A master whose admin.conf is gone, and whose kubelet.conf tells nothing. */
const LOST: HostDescription = {
  address: '10.0.0.2',
  endpoint: LB,
  kubelet: { isLocal: true },
  leaves: { 'admin.conf': 'missing', ...NAMED },
};
const DIRECT = 'https://10.0.0.2:6443';
const UNKNOWN = 'unknown';

interface Case {
  readonly host?: HostDescription;
  readonly hosts?: readonly HostDescription[];
  readonly servers?: readonly string[];
}

function serverOf({ host = {}, hosts = [], servers = [] }: Case): string {
  const described = describedHost({ ...LOST, ...host });
  const sources: EndpointSources = { hosts: hosts.map((other) => describedHost(other)), servers };
  const settings = rebuildSettings(described, 'v1.33.13', sources);
  const admin = described.credentials.find(({ name }) => name === 'admin.conf') as Credential;
  if ('missing' in settings) throw new Error(settings.missing);
  return endpointRefusal(admin, settings) ? UNKNOWN : kubeconfigServer(admin, settings);
}

test.each<[what: string, given: Case, expected: string]>([
  ['another master', { hosts: [{ address: '10.0.0.1', endpoint: LB }] }, `https://${LB}`],
  ['a worker', { hosts: [{ role: 'worker', endpoint: LB }] }, `https://${LB}`],
  ['a user’s kubeconfig', { servers: [`https://${LB}`] }, `https://${LB}`],
  ['its own kubelet.conf, up to 1.32', { host: { version: '1.32.4', kubelet: {} } }, `https://${LB}`],
  ['its own kubelet.conf, if that is not local', { host: { kubelet: {} } }, `https://${LB}`],
  ['its own super-admin.conf', { host: { superAdmin: true } }, `https://${LB}`],
  ['nobody, if it is alone', {}, UNKNOWN],
  ['nobody, without kubelet.conf', { host: { version: '1.32.4', kubelet: { conf: 'missing' } } }, UNKNOWN],
  [
    'nobody, if the API server’s certificate is gone, too',
    { host: { leaves: { 'admin.conf': 'missing', apiserver: 'missing' } } },
    UNKNOWN,
  ],
  [
    'nobody, if others have their own load balancer',
    { hosts: [{ role: 'worker', endpoint: '127.0.0.1:8443' }] },
    UNKNOWN,
  ],
  [
    'the API server’s certificate, if that is for no further name',
    { host: { leaves: { 'admin.conf': 'missing' } } },
    DIRECT,
  ],
  ['a local kubelet.conf, up to 1.32', { host: { version: '1.32.4' } }, DIRECT],
  ['a worker that uses this master directly', { hosts: [{ role: 'worker', endpoint: '10.0.0.2:6443' }] }, DIRECT],
  [
    'the first master, whose address all others have been told',
    { hosts: [{ address: '10.0.0.1' }, { address: '10.0.0.3', endpoint: '10.0.0.1:6443' }] },
    'https://10.0.0.1:6443',
  ],
  ['nobody, if the only other master names itself', { hosts: [{ address: '10.0.0.1' }] }, UNKNOWN],
  [
    'another master, if a worker names that as well',
    {
      hosts: [
        { address: '10.0.0.1', endpoint: '10.0.0.1:6443' },
        { role: 'worker', endpoint: '10.0.0.1:6443' },
      ],
    },
    'https://10.0.0.1:6443',
  ],
  [
    'a worker, before a user who comes from outside',
    { hosts: [{ role: 'worker', endpoint: '10.0.0.2:6443' }], servers: ['https://bastion.example.org:16443'] },
    DIRECT,
  ],
  [
    'nobody, if the only other master names itself and a user comes from outside',
    { hosts: [{ address: '10.0.0.1' }], servers: ['https://bastion.example.org:16443'] },
    UNKNOWN,
  ],
  [
    'a user, if workers have their own load balancer',
    { hosts: [{ role: 'worker', endpoint: '127.0.0.1:8443' }], servers: [`https://${LB}`] },
    `https://${LB}`,
  ],
  [
    'a user, if other masters name only themselves',
    { hosts: [{ address: '10.0.0.1' }, { address: '10.0.0.3' }], servers: [`https://${LB}`] },
    `https://${LB}`,
  ],
  [
    'a user, if the only other master names itself',
    { hosts: [{ address: '10.0.0.1' }], servers: [`https://${LB}/`] },
    `https://${LB}`,
  ],
  [
    'masters that somebody has pointed at themselves',
    { hosts: [{ address: '10.0.0.1' }, { address: '10.0.0.3' }] },
    DIRECT,
  ],
])('the server of a new admin.conf is told by %s', (_, given, expected) => {
  expect(serverOf(given)).toBe(expected);
});

test('without the endpoint a new certificate of the API server is refused, and nothing else that needs no endpoint', () => {
  const host = describedHost({
    ...LOST,
    leaves: { 'admin.conf': 'missing', apiserver: 'missing', 'scheduler.conf': 'missing' },
  });
  const settings = rebuildSettings(host, 'v1.33.13');
  if ('missing' in settings) throw new Error(settings.missing);
  const refused = host.credentials.filter((credential) => endpointRefusal(credential, settings));
  expect(refused.map(({ name }) => name)).toEqual(['apiserver', 'admin.conf']);
});

test('of a certificate of the API server that a plan renews, the names tell that it will have', () => {
  const host = describedHost({ ...LOST, leaves: { 'admin.conf': 'missing' } });
  const old = host.credentials.flatMap(({ name, holding }) => (name === 'apiserver' ? (leafOf(holding) ?? []) : []))[0];
  if (!old) throw new Error('no certificate of the API server');
  const unknown = (added: readonly string[]) => {
    const leaf = { dnsNames: [...old.dnsNames, ...added], ipAddresses: old.ipAddresses, chain: [] };
    const after = renewed(host, new Map([['apiserver', Date.now()]]), new Map([['apiserver', leaf]]));
    const settings = rebuildSettings(after, 'v1.33.13');
    return 'missing' in settings ? settings : settings.endpointUnknown;
  };
  expect([unknown([]), unknown(['api.example.org'])]).toEqual([undefined, 'names added']);
});

test.each([
  ['kubeadm’s version, if no image has a tag', [] as string[], 'v1.28.3', DIRECT],
  ['the tag of another component, before kubeadm’s version', ['kube-scheduler'], 'v1.33.13', DIRECT],
  ['nothing, which counts as the newest', [] as string[], UNKNOWN_VERSION, UNKNOWN],
])('whether a local kubelet.conf tells that there is no load balancer goes by %s', (_, tagged, kubeadm, expected) => {
  const described = describedHost({ ...LOST, version: '1.28.3' });
  const staticPods = described.staticPods.map((pod) =>
    tagged.includes(pod.component) ? pod : { ...pod, version: undefined },
  );
  const settings = rebuildSettings({ ...described, staticPods }, kubeadm);
  const admin = described.credentials.find(({ name }) => name === 'admin.conf') as Credential;
  if ('missing' in settings) throw new Error(settings.missing);
  expect(endpointRefusal(admin, settings) ? UNKNOWN : kubeconfigServer(admin, settings)).toBe(expected);
});
