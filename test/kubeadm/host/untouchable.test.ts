import { describe, expect, test } from 'vitest';
import { untouchableAt } from '../../../src/kubeadm/host/untouchable.ts';
import type { HostDescription } from '../support/host-files.ts';
import { describedHost } from '../support/raw-files.ts';

const PKI = '/etc/kubernetes/pki';

function reasonAt(path: string, host: HostDescription = {}): string | undefined {
  return untouchableAt(describedHost(host).untouchable, path)?.because;
}

describe('no step writes', () => {
  test.each([
    'ca.crt',
    'ca.key',
    'etcd/ca.crt',
    'etcd/ca.key',
    'front-proxy-ca.crt',
    'front-proxy-ca.key',
    'sa.key',
    'sa.pub',
  ])('%s, in whatever certificatesDir', (name) => {
    expect(reasonAt(`${PKI}/${name}`)).toBeDefined();
    expect(reasonAt(`/srv/pki/${name}`, { certificatesDirectory: '/srv/pki' })).toBeDefined();
    expect(reasonAt(`${PKI}/${name}`, { certificatesDirectory: '/srv/pki' })).toBeDefined();
  });

  test.each([
    ['kube-apiserver', '--client-ca-file'],
    ['kube-apiserver', '--etcd-cafile'],
    ['kube-apiserver', '--kubelet-certificate-authority'],
    ['kube-apiserver', '--oidc-ca-file'],
    ['kube-apiserver', '--requestheader-client-ca-file'],
    ['kube-apiserver', '--service-account-key-file'],
    ['kube-apiserver', '--service-account-signing-key-file'],
    ['kube-controller-manager', '--cluster-signing-cert-file'],
    ['kube-controller-manager', '--cluster-signing-key-file'],
    ['kube-controller-manager', '--cluster-signing-kubelet-client-key-file'],
    ['kube-controller-manager', '--cluster-signing-legacy-unknown-cert-file'],
    ['kube-controller-manager', '--root-ca-file'],
    ['kube-controller-manager', '--service-account-private-key-file'],
    ['etcd', '--trusted-ca-file'],
    ['etcd', '--peer-trusted-ca-file'],
  ])('what %s %s names', (component, flag) => {
    expect(reasonAt('/srv/file', { flags: { [component]: { [flag]: '/srv/file' } } })).toBe(
      `named by ${component} ${flag}`,
    );
  });

  test('what a flag names that is given twice, or whose value stands apart', () => {
    const manifest = (command: string) =>
      `kind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: x, command: [${command}]}]}`;
    const of = (command: string) => ({ files: { '/etc/kubernetes/manifests/x.yaml': manifest(command) } });
    const twice = of('kube-apiserver, --service-account-key-file=/srv/a, --service-account-key-file=/srv/b');
    expect([reasonAt('/srv/a', twice), reasonAt('/srv/b', twice)]).not.toContain(undefined);
    expect(reasonAt('/srv/a', of('x, --client-ca-file, /srv/a'))).toBe('named by x --client-ca-file');
  });

  test('what the API server verifies tokens with when no flag says it', () => {
    const host = { flags: { 'kube-apiserver': { '--service-account-key-file': null } } };
    expect(reasonAt(`${PKI}/apiserver.key`, host)).toBe('what verifies service account tokens');
    expect(reasonAt(`${PKI}/apiserver.key`)).toBeUndefined();
  });

  test('what kubelet and kubeconfigs name as a CA', () => {
    const kubelet = 'authentication:\n  x509:\n    clientCAFile: "/srv/kubelet-ca.crt"\n';
    expect(reasonAt('/srv/kubelet-ca.crt', { files: { '/var/lib/kubelet/config.yaml': kubelet } })).toBeDefined();
    for (const flags of [
      '"--client-ca-file=/srv/flag-ca.crt --x=y"',
      "'--client-ca-file=/srv/flag-ca.crt'",
      '--client-ca-file=/srv/flag-ca.crt',
    ]) {
      const files = { '/var/lib/kubelet/kubeadm-flags.env': `KUBELET_KUBEADM_ARGS=${flags}\n` };
      expect(reasonAt('/srv/flag-ca.crt', { files })).toBeDefined();
    }
    const conf = 'clusters:\n- cluster:\n    certificate-authority: /srv/conf-ca.crt\n';
    expect(reasonAt('/srv/conf-ca.crt', { files: { '/etc/kubernetes/scheduler.conf': conf } })).toBe(
      'the CA that scheduler.conf names',
    );
  });

  test('what leads to one of these: a path that goes round, a link, a second name', () => {
    expect(reasonAt('/etc/kubernetes/manifests/../pki//./sa.key')).toBeDefined();
    expect(reasonAt(`${PKI}/apiserver.crt`, { links: { [`${PKI}/apiserver.crt`]: 'ca.crt' } })).toBeDefined();
    const { untouchable } = describedHost();
    expect(untouchableAt(untouchable, '/srv/x', `${PKI}/ca.key`)?.path).toBe(`${PKI}/ca.key`);
  });

  test('but leaves and everything else', () => {
    for (const { certificatePath, keyPath } of describedHost().credentials)
      expect([reasonAt(certificatePath), reasonAt(keyPath)]).toEqual([undefined, undefined]);
    expect(reasonAt('/etc/ssl/ca.crt')).toBeUndefined();
  });
});
