import { expect, test } from 'vitest';
import { layoutRefusal } from '../../src/steps/gates/layout-gate.ts';
import type { HostDescription } from '../kubeadm/support/host-files.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';

test.each([
  ['of its own', '$1', undefined],
  ['with a comment behind it', '$1 # by hand', 'kubelet-conf-form'],
])('a certificate embedded in kubelet.conf on a line %s', (_line, line, code) => {
  const kubelet = { conf: 'embedded' } as const;
  const text = hostFiles({ kubelet }).files.get(KUBELET_CONF)?.content ?? '';
  const edited = text.replace(/(client-certificate-data: \S+)/, line);
  const host = describedHost({ kubelet, files: { [KUBELET_CONF]: edited } });
  const leaf = host.credentials.filter(({ name }) => name === 'kubelet-client');
  expect(leaf).toMatchObject([{ holding: { state: 'present' } }]);
  expect(layoutRefusal(host, leaf)?.code).toBe(code);
});

const ELSEWHERE = '/etc/kubernetes/conf/scheduler.conf';

test.each<[what: string, host: HostDescription, code: string | undefined]>([
  ['where kubeadm keeps it', {}, undefined],
  [
    'there, written otherwise',
    { flags: { 'kube-scheduler': { '--kubeconfig': '/etc/kubernetes//scheduler.conf' } } },
    undefined,
  ],
  ['nowhere that its manifest says', { flags: { 'kube-scheduler': { '--kubeconfig': null } } }, undefined],
  ['elsewhere', { flags: { 'kube-scheduler': { '--kubeconfig': ELSEWHERE } } }, 'leaf-layout'],
  [
    'where a link leads to, which a new file would replace',
    {
      flags: { 'kube-scheduler': { '--kubeconfig': ELSEWHERE } },
      links: { '/etc/kubernetes/scheduler.conf': ELSEWHERE },
    },
    'leaf-layout',
  ],
])('a scheduler that reads its kubeconfig %s', (_what, description, code) => {
  const host = describedHost(description);
  const of = (name: string) => host.credentials.filter((credential) => credential.name === name);
  expect(layoutRefusal(host, of('scheduler.conf'))?.code).toBe(code);
  expect(layoutRefusal(host, of('admin.conf'))).toBeUndefined();
});

const MOUNTS = [
  ['as that file at another path', '/etc/kubernetes/scheduler.conf', '/srv/kubeconfig', '/srv/kubeconfig', undefined],
  ['in its directory at another path', '/etc/kubernetes/', '/srv', '/srv/scheduler.conf', undefined],
  [
    'as another file at that path',
    ELSEWHERE,
    '/etc/kubernetes/scheduler.conf',
    '/etc/kubernetes/scheduler.conf',
    ELSEWHERE,
  ],
  ['from elsewhere, at another path', '/opt', '/srv', '/srv/scheduler.conf', '/opt/scheduler.conf'],
] as const;

test.each(MOUNTS)('a kubeconfig that the pod of its reader mounts %s', (_what, path, mountPath, read, refused) => {
  const container = {
    name: 'kube-scheduler',
    command: ['kube-scheduler', `--kubeconfig=${read}`],
    volumeMounts: [
      { name: 'root', mountPath: '/' },
      { name: 'kubeconfig', mountPath },
    ],
  };
  const volumes = [
    { name: 'root', hostPath: { path: '/var/empty' } },
    { name: 'kubeconfig', hostPath: { path } },
  ];
  const text = JSON.stringify({ kind: 'Pod', metadata: { name: 's' }, spec: { containers: [container], volumes } });
  const host = describedHost({ files: { '/etc/kubernetes/manifests/kube-scheduler.yaml': text } });
  const leaf = host.credentials.filter(({ name }) => name === 'scheduler.conf');
  const reason = layoutRefusal(host, leaf)?.reason;
  expect(reason).toEqual(refused && expect.stringContaining(`reads another file: ${refused}`));
});
