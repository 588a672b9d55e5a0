import { describe, expect, test } from 'vitest';
import { movedAside, renewed } from '../../../src/kubeadm/certificates/transition.ts';
import { etcdIsCutOff, isHealthy, type Master } from '../../../src/kubeadm/cluster/master-health.ts';
import type { HostDescription } from '../support/host-files.ts';
import { NOW } from '../support/keys.ts';
import { ofOlderEtcdAuthority } from '../support/older-authority.ts';
import { describedHost } from '../support/raw-files.ts';

function master(description: HostDescription, answers: Partial<Master> = {}): Master {
  return {
    name: 'm1',
    host: describedHost(description),
    etcdAnswers: true,
    apiAnswers: true,
    apiIsReady: true,
    ...answers,
  };
}

describe('etcd of a master is cut off from the others', () => {
  test.each<[what: string, host: HostDescription, is: boolean]>([
    ['not while its certificates are good', {}, false],
    ['not while they end soon', { leaves: { '*': '1h' } }, false],
    ['when its peer certificate has expired', { leaves: { 'etcd-peer': '-1s' } }, true],
    ['when its server certificate has expired', { leaves: { 'etcd-server': '-1d' } }, true],
    ['when the API server’s certificate for it has expired', { leaves: { 'apiserver-etcd-client': '-1d' } }, true],
    ['when one of them is missing', { leaves: { 'etcd-peer': 'missing' } }, true],
    ['when one of them cannot be read', { leaves: { 'etcd-peer': 'unreadable' } }, true],
    ['when a key belongs to another certificate', { leaves: { 'etcd-peer': 'other key' } }, true],
    ['when another CA has signed one of them', { leaves: { 'etcd-server': 'foreign signer' } }, true],
    ['when the CA that has signed them has expired behind a new one', ofOlderEtcdAuthority(), true],
    ['not by its health checker’s certificate', { leaves: { 'etcd-healthcheck-client': '-1d' } }, false],
    ['not by the API server’s own', { leaves: { apiserver: '-1d' } }, false],
    ['never when it is elsewhere', { etcd: 'external', leaves: { '*': '-1d' } }, false],
  ])('%s', (_what, host, is) => {
    expect(etcdIsCutOff(master(host), NOW)).toBe(is);
  });

  test('while its certificates are aside or only planned: they are not on the disk yet', () => {
    const names = new Set(['etcd-peer'] as const);
    expect(etcdIsCutOff({ ...master({}), host: movedAside(describedHost(), names) }, NOW)).toBe(true);
    expect(etcdIsCutOff({ ...master({}), host: renewed(describedHost(), new Map([['etcd-peer', 0]])) }, NOW)).toBe(
      true,
    );
  });
});

test.each<[etcd: boolean | undefined, api: boolean, well: boolean]>([
  [true, true, true],
  [undefined, true, true],
  [false, true, false],
  [true, false, false],
  [undefined, false, false],
])('a master whose etcd answers %s and whose API is ready: %s, is well: %s', (etcdAnswers, apiIsReady, well) => {
  expect(isHealthy(master({}, { etcdAnswers, apiIsReady }))).toBe(well);
});
