import { describe, expect, test } from 'vitest';
import { renewed } from '../../../src/kubeadm/certificates/transition.ts';
import type { KubeadmHost } from '../../../src/kubeadm/host/model.ts';
import {
  apiEndpoint,
  apiHealthPath,
  credentialsReadBy,
  etcdMetricsEndpoint,
  filesReadBy,
  fingerprintOf,
  guessedPorts,
  type Reader,
  readersOf,
  secondsUntilProvable,
  serverOf,
  servingPorts,
  unloadedFile,
} from '../../../src/kubeadm/restarts/restart.ts';
import { PAIRS } from '../../../src/kubeadm/table.ts';
import type { HostDescription } from '../support/host-files.ts';
import { NOW } from '../support/keys.ts';
import { describedHost } from '../support/raw-files.ts';

const SECONDS = NOW.getTime() / 1000;

describe('what reads which certificate', () => {
  test.each<[reader: Reader, names: readonly string[]]>([
    ['etcd', ['etcd-server', 'etcd-peer']],
    ['kube-apiserver', ['apiserver', 'apiserver-kubelet-client', 'front-proxy-client', 'apiserver-etcd-client']],
    ['kube-controller-manager', ['controller-manager.conf']],
    ['kube-scheduler', ['scheduler.conf']],
    ['kubelet', ['kubelet-client']],
  ])('%s', (reader, names) => {
    expect(credentialsReadBy(describedHost(), reader)).toEqual(names);
  });

  test('does not depend on how a path is written', () => {
    const host = describedHost({ flags: { 'kube-scheduler': { '--kubeconfig': '/etc/kubernetes//scheduler.conf' } } });
    expect(credentialsReadBy(host, 'kube-scheduler')).toEqual(['scheduler.conf']);
  });

  test('follows the flags of the manifests', () => {
    const host = describedHost({ flags: { etcd: { '--peer-cert-file': '/etc/kubernetes/pki/etcd/server.crt' } } });
    expect(credentialsReadBy(host, 'etcd')).toEqual(['etcd-server', 'etcd-peer']);
    expect(
      credentialsReadBy(
        describedHost({ flags: { 'kube-scheduler': { '--kubeconfig': '/other.conf' } } }),
        'kube-scheduler',
      ),
    ).toEqual([]);
  });

  test('is nothing where the reader has no manifest', () => {
    expect(credentialsReadBy(describedHost({ etcd: 'external' }), 'etcd')).toEqual([]);
    expect(credentialsReadBy(describedHost({ kubelet: { conf: 'missing' } }), 'kubelet')).toEqual([]);
  });

  test('admin.conf and etcd’s health checker are read by nothing that has to be restarted', () => {
    const read = (['kubelet', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const).flatMap(
      (reader) => credentialsReadBy(describedHost({ superAdmin: true }), reader),
    );
    const unread = describedHost({ superAdmin: true })
      .credentials.map(({ name }) => name)
      .filter((name) => !read.includes(name));
    expect(unread).toEqual(['etcd-healthcheck-client', 'admin.conf', 'super-admin.conf', 'kubelet-server']);
  });
});

/** The host with its files written so many seconds later. */
function laterBy(seconds: number, host: KubeadmHost): KubeadmHost {
  const credentials = host.credentials.map((credential) => ({
    ...credential,
    files: credential.files.map((file) => ({ ...file, modifiedAt: file.modifiedAt + seconds })),
  }));
  return { ...host, credentials };
}

describe('a process is stale', () => {
  /** Minutes ago that the files were written and that the process was started. */
  test.each<[what: string, reader: Reader, host: HostDescription, started: number, because: string | undefined]>([
    [
      'when its certificate is newer',
      'etcd',
      { written: { 'etcd-peer': '10m' } },
      60,
      '/etc/kubernetes/pki/etcd/peer.crt',
    ],
    ['not when its certificate is older', 'etcd', { written: { 'etcd-peer': '60m' } }, 10, undefined],
    ['not when another’s certificate is newer', 'etcd', { written: { apiserver: '10m' } }, 60, undefined],
    [
      'when its kubeconfig is newer',
      'kube-scheduler',
      { written: { 'scheduler.conf': '10m' } },
      60,
      '/etc/kubernetes/scheduler.conf',
    ],
    ['not for admin.conf', 'kube-apiserver', { written: { 'admin.conf': '10m' } }, 60, undefined],
    [
      'not, if it is kubelet, for a certificate that kubelet has renewed by itself',
      'kubelet',
      { written: { 'kubelet-client': '10m' } },
      60,
      undefined,
    ],
  ])('%s', (_what, component, host, started, because) => {
    expect(unloadedFile(describedHost(host), { component, startedAt: SECONDS - started * 60, within: 1 })?.path).toBe(
      because,
    );
  });

  test('unless it is younger by more than clocks of whole seconds can tell', () => {
    const host = describedHost({ written: { 'etcd-peer': '10m' } });
    const at = (seconds: number) =>
      unloadedFile(host, { component: 'etcd', startedAt: SECONDS - 600 + seconds, within: 1 }) !== undefined;
    expect([at(-3), at(0), at(2), at(2.1), at(3)]).toEqual([true, true, true, false, false]);
  });

  test('or than clocks can tell that know fractions', () => {
    const host = laterBy(0.5, describedHost({ written: { 'etcd-peer': '10m' } }));
    const at = (seconds: number) =>
      unloadedFile(host, { component: 'etcd', startedAt: SECONDS - 599.5 + seconds, within: 0.05 }) !== undefined;
    expect([at(-1), at(0), at(0.04), at(0.06)]).toEqual([true, true, true, false]);
  });

  describe('no more when it was started as late as is asked for', () => {
    test.each<[clocks: string, fraction: number, within: number, longest: number, since: readonly number[]]>([
      ['of whole seconds', 0, 1, 4, [0, 1, 2, 4, 60]],
      ['of fractions', 0.5, 0.05, 0.3, [0.125, 0.25, 0.375, 60.1]],
    ])('by clocks %s', (_clocks, fraction, within, longest, seconds) => {
      const host = laterBy(fraction, describedHost({ written: { 'etcd-peer': '10m' } }));
      const at = SECONDS - 600 + fraction;
      for (const since of seconds) {
        const wait = secondsUntilProvable(filesReadBy(host, 'etcd'), at + since);
        expect(wait).toBeLessThanOrEqual(longest);
        expect(unloadedFile(host, { component: 'etcd', startedAt: at + since + wait, within })).toBeUndefined();
      }
      expect(secondsUntilProvable(filesReadBy(host, 'etcd'), at - 3600)).toBe(0);
    });
  });

  test('when a planned task will make its certificate', () => {
    const host = renewed(
      describedHost(),
      new Map([
        ['etcd-peer', 0],
        ['kubelet-client', 0],
      ]),
    );
    expect(unloadedFile(host, { component: 'etcd', startedAt: SECONDS, within: 1 })?.path).toBe(
      '/etc/kubernetes/pki/etcd/peer.crt',
    );
    expect(unloadedFile(host, { component: 'kubelet', startedAt: SECONDS, within: 1 })?.path).toBe(
      '/var/lib/kubelet/pki/kubelet-client-current.pem',
    );
    expect(unloadedFile(host, { component: 'kube-apiserver', startedAt: SECONDS, within: 1 })).toBeUndefined();
  });

  test('if it is kubelet: for a link that was laid anew to an older certificate, as a rollback does, not for one of its own', () => {
    const laid = (secondsAfter: number, started: number) => {
      const host = describedHost({ written: { 'kubelet-client': '10m' } });
      const credentials = host.credentials.map((credential) => ({
        ...credential,
        files: credential.files.map((file) =>
          credential.name === 'kubelet-client' ? { ...file, linkedAt: file.modifiedAt + secondsAfter } : file,
        ),
      }));
      const running = { component: 'kubelet', startedAt: SECONDS - started, within: 1 } as const;
      return unloadedFile({ ...host, credentials }, running)?.path;
    };
    const current = '/var/lib/kubelet/pki/kubelet-client-current.pem';
    expect([laid(300, 3600), laid(300, 400), laid(300, 200), laid(1, 3600)]).toEqual([
      current,
      current,
      undefined,
      undefined,
    ]);
  });

  test('a link to an older file that was laid after its start makes it stale', () => {
    const host = describedHost({ written: { 'scheduler.conf': '60m' } });
    const credentials = host.credentials.map((credential) => ({
      ...credential,
      files: credential.files.map((file) => ({ ...file, link: '/old', linkedAt: SECONDS - 60 })),
    }));
    const at = (started: number) =>
      unloadedFile({ ...host, credentials }, { component: 'kube-scheduler', startedAt: SECONDS - started, within: 1 });
    expect([at(600)?.path, at(30)?.path]).toEqual(['/etc/kubernetes/scheduler.conf', undefined]);
  });

  test('if it is kubelet: for kubelet.conf, and for a certificate that kplay has put there', () => {
    const paths = (link: string) => {
      const host = describedHost();
      const credentials = host.credentials.map((credential) =>
        credential.name === 'kubelet-client'
          ? { ...credential, files: credential.files.map((file) => ({ ...file, link })) }
          : credential,
      );
      return filesReadBy({ ...host, credentials }, 'kubelet').map(({ path }) => path);
    };
    expect(paths('/var/lib/kubelet/pki/kubelet-client-2026-11-24-12-00-00.pem')).toEqual([
      '/etc/kubernetes/kubelet.conf',
    ]);
    expect(paths('/var/lib/kubelet/pki/kubelet-client-2026-11-24-12-00-00-kplay.pem')).toEqual([
      '/var/lib/kubelet/pki/kubelet-client-current.pem',
      '/etc/kubernetes/kubelet.conf',
    ]);
  });
});

describe('where certificates are served', () => {
  function ports(description: HostDescription): readonly string[] {
    return servingPorts(describedHost(description)).map(
      ({ credential, address, port }) => `${credential} ${address} ${port}`,
    );
  }

  test.each<[what: string, host: HostDescription, served: readonly string[]]>([
    ['as kubeadm has it', {}, ['etcd-server 127.0.0.1 2379', 'etcd-peer 10.0.0.1 2380', 'apiserver 127.0.0.1 6443']],
    [
      'with IPv6',
      { address: 'fd00::1' },
      ['etcd-server 127.0.0.1 2379', 'etcd-peer fd00::1 2380', 'apiserver 127.0.0.1 6443'],
    ],
    [
      'on other ports',
      {
        flags: {
          'kube-apiserver': { '--secure-port': '7443' },
          etcd: { '--listen-client-urls': 'https://10.0.0.1:3379', '--listen-peer-urls': 'https://[fd00::1]:3380' },
        },
      },
      ['etcd-server 10.0.0.1 3379', 'etcd-peer fd00::1 3380', 'apiserver 127.0.0.1 7443'],
    ],
    [
      'on one address',
      { flags: { 'kube-apiserver': { '--bind-address': '10.0.0.1' } } },
      ['etcd-server 127.0.0.1 2379', 'etcd-peer 10.0.0.1 2380', 'apiserver 10.0.0.1 6443'],
    ],
    [
      'on all addresses',
      {
        flags: {
          'kube-apiserver': { '--bind-address': '::' },
          etcd: { '--listen-client-urls': 'https://0.0.0.0:2379', '--listen-peer-urls': 'https://[::]:2380' },
        },
      },
      ['etcd-server 127.0.0.1 2379', 'etcd-peer 127.0.0.1 2380', 'apiserver 127.0.0.1 6443'],
    ],
    [
      'without flags',
      {
        flags: {
          etcd: { '--listen-client-urls': null, '--listen-peer-urls': null },
          'kube-apiserver': { '--secure-port': null },
        },
      },
      ['etcd-server 127.0.0.1 2379', 'etcd-peer 127.0.0.1 2380', 'apiserver 127.0.0.1 6443'],
    ],
    ['with an etcd elsewhere', { etcd: 'external' }, ['apiserver 127.0.0.1 6443']],
    ['on a worker', { role: 'worker' }, []],
    [
      'without manifests',
      { without: ['etcd', 'kube-apiserver'].map((name) => `/etc/kubernetes/manifests/${name}.yaml`) },
      [],
    ],
  ])('%s', (_what, host, served) => {
    expect([...ports(host)].sort()).toEqual([...served].sort());
  });

  test('before anything is known, in kubeadm’s places', () => {
    expect(guessedPorts(undefined)).toEqual([
      { address: '127.0.0.1', port: 6443 },
      { address: '127.0.0.1', port: 2379 },
    ]);
    expect(guessedPorts('10.0.0.1').at(-1)).toEqual({ address: '10.0.0.1', port: 2380 });
  });

  test.each<[url: string | null, endpoint: object | undefined]>([
    ['http://127.0.0.1:2381', { address: '127.0.0.1', port: 2381 }],
    ['http://[::1]:2381,http://10.0.0.1:2381', { address: '::1', port: 2381 }],
    ['https://10.0.0.1:2381,http://127.0.0.1:2381', { address: '127.0.0.1', port: 2381 }],
    ['https://127.0.0.1:2381', undefined],
    [null, undefined],
  ])('etcd tells its health at %s', (url, endpoint) => {
    const host = describedHost({ flags: { etcd: { '--listen-metrics-urls': url } } });
    const pod = host.staticPods.find(({ component }) => component === 'etcd');
    expect(pod && etcdMetricsEndpoint(pod)).toEqual(endpoint);
  });

  test('an etcd that takes clients in the clear tells it to them', () => {
    const flags = { '--listen-metrics-urls': null, '--listen-client-urls': 'http://127.0.0.1:2379' };
    const pod = describedHost({ flags: { etcd: flags } }).staticPods.find(({ component }) => component === 'etcd');
    expect(pod && etcdMetricsEndpoint(pod)).toEqual({ address: '127.0.0.1', port: 2379 });
  });

  test.each([
    ['1.33.13', '/readyz'],
    ['1.16.0', '/readyz'],
    ['1.15.12', '/healthz'],
    ['1.8.0', '/healthz'],
  ])('the API server of %s tells its health at %s', (version, path) => {
    const { staticPods } = describedHost({ version });
    expect(apiHealthPath(staticPods.find(({ component }) => component === 'kube-apiserver'))).toBe(path);
    expect(apiHealthPath(undefined)).toBe('/healthz');
  });

  test('the API server tells its health where it serves', () => {
    const pod = describedHost({
      flags: { 'kube-apiserver': { '--bind-address': '10.0.0.1', '--secure-port': '7443' } },
    }).staticPods.find(({ component }) => component === 'kube-apiserver');
    expect(pod && apiEndpoint(pod)).toEqual({ address: '10.0.0.1', port: 7443 });
  });

  test('by what, the table knows', () => {
    expect(PAIRS.map(({ name }) => [name, serverOf(name)]).filter(([, server]) => server)).toEqual([
      ['apiserver', 'kube-apiserver'],
      ['etcd-server', 'etcd'],
      ['etcd-peer', 'etcd'],
    ]);
    expect(serverOf('admin.conf')).toBeUndefined();
  });

  test('which certificate that is, the file knows', () => {
    expect(fingerprintOf(describedHost(), 'apiserver')).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprintOf(describedHost({ leaves: { apiserver: 'missing' } }), 'apiserver')).toBeUndefined();
  });
});

test.each<[what: string, host: HostDescription, readers: readonly Reader[]]>([
  ['a master', {}, ['kubelet', 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']],
  [
    'a master with an etcd elsewhere',
    { etcd: 'external' },
    ['kubelet', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
  ],
  [
    'a master without kubelet.conf',
    { kubelet: { conf: 'missing' } },
    ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
  ],
  ['a worker', { role: 'worker' }, ['kubelet']],
  ['another machine', { role: 'none' }, []],
])('the readers of %s, in the order in which they are restarted', (_what, host, readers) => {
  expect(readersOf(describedHost(host))).toEqual(readers);
});
