import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { consumers } from '../../../src/facts/certificates/consumers.ts';
import { DAY, type LeafKey, NOW, newAuthority, newKey, newLeaf } from '../../kubeadm/support/keys.ts';
import { kubeconfigText } from '../../kubeadm/support/kubeconfig-text.ts';
import { leakedPieces, privatePieces } from '../support/private-material.ts';
import { ask, describeInShells, ORDINARY, probe } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

let key: LeafKey;
let certificate: string;
let config: string;
beforeAll(async () => {
  key = await newKey();
  const ca = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
  certificate = newLeaf(ca, {
    subject: { commonName: 'kubernetes-admin' },
    notAfter: NOW.getTime() + DAY,
    publicKey: key.publicKey,
  });
  config = kubeconfigText({
    server: 'https://10.0.0.1:6443',
    authority: ca.pem,
    users: [{ name: 'kubernetes-admin', certificate, key: key.text }],
  });
});

describeInShells('in $name', (shell) => {
  test('copies of admin.conf are found where people keep them', () => {
    const tree = Tree.forTest();
    for (const path of [
      '/root/.kube/config',
      '/root/admin.conf',
      '/home/dev/.kube/config',
      '/home/o p/admin.conf',
      '/var/lib/jenkins/.kube/config',
      '/opt/app/conf/cluster.yaml',
      '/home/dev/.kube/prod',
      '/srv/kubeconfig',
    ])
      tree.write(path, config, '0600');
    tree
      .write('/home/other/.kube/config', 'nonsense')
      .write('/home/token/.kube/config', 'users:\n- name: x\n  user:\n    token: hunter2\n')
      .write('/etc/kubernetes/copy.conf', config)
      .write('/opt/a/b/c/d/too-deep.conf', config)
      .write('/opt/notes.txt', config);
    const before = tree.state();
    const { stdout, stderr } = probe(consumers, tree.root, shell);
    expect(
      ask(consumers, tree.root, shell)
        .copies.map(({ path, user, holding }) => [path, user, holding.state])
        .sort(),
    ).toEqual([
      ['/home/dev/.kube/config', 'kubernetes-admin', 'present'],
      ['/home/dev/.kube/prod', 'kubernetes-admin', 'present'],
      ['/home/o p/admin.conf', 'kubernetes-admin', 'present'],
      ['/opt/app/conf/cluster.yaml', 'kubernetes-admin', 'present'],
      ['/root/.kube/config', 'kubernetes-admin', 'present'],
      ['/root/admin.conf', 'kubernetes-admin', 'present'],
      ['/srv/kubeconfig', 'kubernetes-admin', 'present'],
      ['/var/lib/jenkins/.kube/config', 'kubernetes-admin', 'present'],
    ]);
    expect(leakedPieces(stdout + stderr, privatePieces(key.text))).toEqual([]);
    expect(stdout).not.toMatch(/hunter2|nonsense/);
    expect(tree.state()).toEqual(before);
  });

  test('no user makes the answer too long to be read, or keeps small copies out of it', () => {
    const tree = Tree.forTest().write('/root/admin.conf', config).write('/opt/tls/api.crt', certificate);
    for (let index = 0; index < 40; index += 1)
      tree
        .write(`/home/dev/${index}.conf`, `client-certificate-data: x\n${'a:\n'.repeat(20_000)}`)
        .write(`/home/dev/${index}.pem`, certificate.repeat(60));
    const { stdout } = probe(consumers, tree.root, shell);
    expect(stdout.length).toBeLessThan(300_000);
    const { copies } = ask(consumers, tree.root, shell);
    expect(copies.map(({ path }) => path)).toEqual(expect.arrayContaining(['/root/admin.conf', '/opt/tls/api.crt']));
  });

  test('copies of certificates are found, and nothing of a key beside or behind them', () => {
    const tree = Tree.forTest();
    tree
      .write('/opt/etcd-backup/client.crt', certificate)
      .write('/opt/etcd-backup/client.key', key.text, '0600')
      .write('/etc/haproxy/api.pem', `${certificate}${key.text}`, '0600')
      .write('/etc/kubernetes/pki/apiserver.crt', certificate)
      .write('/home/dev/empty.pem', '');
    const { stdout, stderr } = probe(consumers, tree.root, shell);
    expect(ask(consumers, tree.root, shell).copies).toMatchObject([
      { path: '/opt/etcd-backup/client.crt', holding: { state: 'present' } },
      { path: '/etc/haproxy/api.pem', holding: { state: 'present' } },
    ]);
    expect(leakedPieces(stdout + stderr, privatePieces(key.text))).toEqual([]);
  });

  test.each([
    ['/etc/kubernetes/pki', '/srv/k8s/pki', '/srv/k8s/pki/apiserver.crt'],
    ['/etc/kubernetes/pki/etcd', '/srv/k8s/etcd', '/srv/k8s/etcd/server.crt'],
    ['/etc/kubernetes', '/srv/kubernetes', '/srv/kubernetes/pki/apiserver.crt'],
  ])('where %s leads as a link, there are no copies', (link, target, path) => {
    const tree = Tree.forTest()
      .write(path, certificate)
      .write(join(dirname(path), 'ca.crt'), certificate);
    tree.link(link, target).write('/srv/other/apiserver.crt', certificate);
    expect(ask(consumers, tree.root, shell).copies).toMatchObject([{ path: '/srv/other/apiserver.crt' }]);
  });

  test('other links beside certificates hide no copies', () => {
    const tree = Tree.forTest().write('/opt/tls/apiserver.crt', certificate).link('/etc/kubernetes/tls', '/opt/tls');
    expect(ask(consumers, tree.root, shell).copies).toMatchObject([{ path: '/opt/tls/apiserver.crt' }]);
  });

  test('what names credentials of kubeadm is found among units, cron jobs and static pods', () => {
    const tree = Tree.forTest();
    tree.write('/etc/kubernetes/manifests/kube-vip.yaml', 'hostPath: {path: /etc/kubernetes/admin.conf}');
    tree.write(
      '/etc/kubernetes/manifests/kube-apiserver.yaml',
      '--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt',
    );
    tree.write('/etc/kubernetes/manifests/other.yaml', 'path: /etc/kubernetes/pki/ca.crt');
    tree.write(
      '/etc/systemd/system/etcd-backup.service',
      'ExecStart=etcdctl --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt',
    );
    tree.write('/etc/cron.hourly/own', 'etcdctl --cert /etc/kubernetes/own-pki/apiserver-etcd-client.crt');
    tree.write('/etc/systemd/system/x.service.d/10.conf', 'Environment=KUBECONFIG=/etc/kubernetes/super-admin.conf');
    tree.write('/etc/systemd/system/kubelet.service', 'ExecStart=kubelet --kubeconfig=/etc/kubernetes/kubelet.conf');
    tree.write('/etc/crontab', '0 0 * * * root kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes');
    tree.write('/etc/cron.d/a job', 'kubectl --kubeconfig=/etc/kubernetes/admin.conf');
    tree.write('/etc/cron.daily/b', 'echo nothing');
    tree.write(
      '/usr/local/bin/etcd-snapshot',
      'etcdctl --cert /etc/kubernetes/pki/etcd/peer.crt; etcdctl --cert=/etc/kubernetes/pki/etcd/server.crt',
    );
    tree.write(
      '/home/dev/nodes: all.sh',
      'kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes; kubectl --kubeconfig /etc/kubernetes/admin.conf get pods',
    );
    tree.write('/etc/default/exporter', 'KUBECONFIG=/etc/kubernetes/admin.conf');
    tree.write('/var/spool/cron/crontabs/root', 'cat /etc/kubernetes/scheduler.conf');
    const { users } = ask(consumers, tree.root, shell);
    expect(users.map(({ path, kind, uses }) => `${kind} ${path}: ${uses?.join()}`).sort()).toEqual([
      'cron job /etc/cron.d/a job: admin.conf',
      'cron job /etc/cron.hourly/own: apiserver-etcd-client',
      'cron job /etc/crontab: admin.conf',
      'cron job /var/spool/cron/crontabs/root: scheduler.conf',
      'environment file /etc/default/exporter: admin.conf',
      'script /home/dev/nodes: all.sh: admin.conf',
      'script /usr/local/bin/etcd-snapshot: etcd-server,etcd-peer',
      'static pod /etc/kubernetes/manifests/kube-vip.yaml: admin.conf',
      'unit /etc/systemd/system/etcd-backup.service: etcd-healthcheck-client',
      'unit /etc/systemd/system/x.service.d/10.conf: super-admin.conf',
    ]);
  });

  test('a binary file that names credentials is found, if not which', () => {
    const tree = Tree.forTest().write('/usr/local/bin/tool', 'ELF\0\0/etc/kubernetes/admin.conf\0\n');
    expect(ask(consumers, tree.root, shell).users).toMatchObject([{ kind: 'script', path: '/usr/local/bin/tool' }]);
  });

  test('static pods are those of the directory that kubelet looks into', () => {
    const tree = Tree.forTest()
      .write('/var/lib/kubelet/config.yaml', 'kind: KubeletConfiguration\nstaticPodPath: /etc/kubelet.d/ # ours\n')
      .write('/etc/kubelet.d/kube-vip.yaml', 'hostPath: {path: /etc/kubernetes/admin.conf}')
      .write('/etc/kubernetes/manifests/old.yaml', 'hostPath: {path: /etc/kubernetes/admin.conf}');
    expect(ask(consumers, tree.root, shell).users).toEqual([
      { kind: 'static pod', path: '/etc/kubelet.d/kube-vip.yaml', uses: ['admin.conf'] },
    ]);
  });

  test('a host without any of it has none', () => {
    expect(ask(consumers, Tree.forTest().root, shell)).toEqual({ copies: [], users: [] });
  });
});

test('few programs are started, however many files name credentials', () => {
  const wrappers = Tree.forTest();
  const log = join(wrappers.root, 'log');
  for (const name of ['awk', 'grep', 'sed', 'sort'])
    wrappers.write(`/${name}`, `#!/bin/sh\necho ${name} >>'${log}'\nPATH=${ORDINARY.path} exec ${name} "$@"\n`, '0755');
  const tree = Tree.forTest();
  for (let index = 0; index < 30; index += 1)
    tree.write(`/home/dev/${index}.sh`, 'kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes');
  const shell = { ...ORDINARY, path: `${wrappers.root}:${ORDINARY.path}` };
  expect(ask(consumers, tree.root, shell).users).toHaveLength(30);
  expect(readFileSync(log, 'utf8').trim().split('\n').length).toBeLessThan(30);
});
