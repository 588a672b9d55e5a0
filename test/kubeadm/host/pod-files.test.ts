import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { type FileAccess, hostFileAt, podFilesIn } from '../../../src/kubeadm/host/pod-files.ts';
import { fc } from '../../support/random-cases.ts';

const ADMIN = '/etc/kubernetes/admin.conf';

interface Spec {
  readonly path?: string;
  /** Of the volume. */
  readonly mount?: JsonObject;
  readonly container?: JsonObject;
  readonly pod?: JsonObject;
}

function accessOf({ path = ADMIN, mount = {}, container = {}, pod = {} }: Spec): FileAccess {
  const mounting = { name: 'b', volumeMounts: [{ name: 'v', mountPath: '/m', ...mount }], ...container };
  const volumes = [
    { name: 'other', emptyDir: {} },
    { name: 'v', hostPath: { path } },
  ];
  return podFilesIn(JSON.stringify({ spec: { containers: [{ name: 'a' }, mounting], volumes, ...pod } })).accessTo(
    ADMIN,
  );
}

describe('a pod', () => {
  test.each<[what: string, spec: Spec]>([
    ['a file that is mounted', {}],
    ['a file that is mounted as the part of a volume', { path: '/etc', mount: { subPath: 'kubernetes/admin.conf' } }],
    ['a file that its arguments name', { path: '/etc/kubernetes/', container: { args: ['--conf=/m/admin.conf'] } }],
    ['a file that its environment names', { path: '/', container: { env: [{ name: 'C', value: `/m${ADMIN}` }] } }],
    [
      'a file that a script names',
      { path: '/etc', mount: { mountPath: '/etc/' }, container: { command: ['sh', '-c', `cat ${ADMIN}; sleep 1`] } },
    ],
    [
      'a file in a part of a volume',
      { path: '/etc', mount: { subPath: 'kubernetes' }, container: { args: ['/m/admin.conf'] } },
    ],
    [
      'a file that is mounted into a sidecar',
      {
        mount: { name: 'other' },
        pod: {
          initContainers: [{ name: 's', restartPolicy: 'Always', volumeMounts: [{ name: 'v', mountPath: '/m' }] }],
        },
      },
    ],
  ])('reads %s', (_what, spec) => {
    expect(accessOf(spec)).toBe('reads');
  });

  test.each<[what: string, spec: Spec]>([
    ['a directory that is mounted', { path: '/etc/kubernetes', container: { args: ['/m/pki/x.crt'] } }],
    ['the whole host', { path: '/' }],
    [
      'a name that begins with the one of the file',
      { path: '/etc/kubernetes', container: { args: ['/m/admin.conf.d'] } },
    ],
    ['the file of a pod that is not started again once it ends well', { pod: { restartPolicy: 'OnFailure' } }],
  ])('may read it, because of %s', (_what, spec) => {
    expect(accessOf(spec)).toBe('may read');
  });

  test.each<[what: string, spec: Spec]>([
    ['of another file', { path: `${ADMIN}.old` }],
    ['of another directory', { path: '/etc/kube' }],
    ['of a volume without a path', { path: '' }],
    ['of a volume that no container mounts', { mount: { name: 'other' } }],
    ['of another part of a volume', { path: '/etc', mount: { subPath: 'kubernetes/pki' } }],
    ['of another directory, though it names the file', { path: '/srv', container: { args: [ADMIN] } }],
    [
      'by a container that has ended before the others start',
      {
        mount: { name: 'other' },
        pod: { initContainers: [{ name: 'i', volumeMounts: [{ name: 'v', mountPath: '/m' }] }] },
      },
    ],
  ])('does not read it by a mount %s', (_what, spec) => {
    expect(accessOf(spec)).toBe('none');
  });

  test('does not read it where anything else stands in one of the places that say so', () => {
    const places: readonly ((json: never) => Spec)[] = [
      (json) => ({ path: json }),
      (json) => ({ mount: { name: json } }),
      (json) => ({ mount: { mountPath: typeof json === 'string' ? null : json } }),
      (json) => ({ container: { volumeMounts: json } }),
      (json) => ({ pod: { volumes: json } }),
      (json) => ({ pod: { containers: json } }),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 3 }), (place, json) => {
        // The name of the volume, and the root however it is written, say that the pod reads it.
        fc.pre(json !== 'v' && !/^[["]*[/.]+["\]]*$/.test(JSON.stringify(json)));
        expect(accessOf(place(json as never))).toBe('none');
      }),
    );
  });

  test('has the names of all of its containers', () => {
    const spec = { initContainers: [{ name: 'i' }], containers: [{ name: 'a' }, { image: 'x' }] };
    expect(podFilesIn(JSON.stringify({ spec })).containers).toEqual(['i', 'a']);
  });
});

test('what a mount by an expression leads to is not known', () => {
  const root = { spec: { volumes: [{ name: 'k', hostPath: { path: '/etc/kubernetes' } }] } };
  const at = (mount: JsonObject) =>
    hostFileAt(root, { volumeMounts: [{ name: 'k', mountPath: '/srv/s.conf', ...mount }] }, '/srv/s.conf');
  expect(at({ subPath: 'scheduler.conf' })).toBe('/etc/kubernetes/scheduler.conf');
  expect(at({ subPathExpr: 'scheduler.conf' })).toBeUndefined();
});
