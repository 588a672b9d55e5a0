import { describe, expect, test } from 'vitest';
import { type BackupManifest, formatManifest, parseManifest } from '../../src/kubeadm/backup-manifest.ts';
import { fc } from '../support/random-cases.ts';

const MANIFEST: BackupManifest = {
  id: '20261124T120000Z-3f9c',
  host: 'master-1',
  createdAt: '2026-11-24T12:00:00.000Z',
  files: [
    { path: '/etc/kubernetes/pki/apiserver.crt', sha256: 'a'.repeat(64), mode: '0644', uid: 0, gid: 0 },
    {
      path: '/etc/kubernetes/pki/apiserver.key',
      sha256: 'b'.repeat(64),
      mode: '0600',
      uid: 998,
      gid: 996,
      label: 'system_u:object_r:cert_t:s0',
    },
    {
      path: '/var/lib/kubelet/pki/kubelet-client-current.pem',
      sha256: 'c'.repeat(64),
      mode: '0600',
      uid: 0,
      gid: 0,
      link: '/var/lib/kubelet/pki/kubelet-client-2026-10-25-12-00-00.pem',
    },
  ],
};

const TEXT = `kplay-backup 1
id 20261124T120000Z-3f9c
host master-1
created 2026-11-24T12:00:00.000Z
file\t${'a'.repeat(64)}\t0644\t0\t0\t-\t-\t/etc/kubernetes/pki/apiserver.crt
file\t${'b'.repeat(64)}\t0600\t998\t996\tsystem_u:object_r:cert_t:s0\t-\t/etc/kubernetes/pki/apiserver.key
file\t${'c'.repeat(64)}\t0600\t0\t0\t-\t/var/lib/kubelet/pki/kubelet-client-2026-10-25-12-00-00.pem\t/var/lib/kubelet/pki/kubelet-client-current.pem
end 7
`;

const word = fc.stringMatching(/^[A-Za-z0-9_:.][A-Za-z0-9_:. -]{0,20}$/);
const path = fc
  .array(fc.stringMatching(/^[A-Za-z0-9_.@ \t-]{1,10}$/), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.join('/')}`);
const file = fc.record(
  {
    path,
    sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    mode: fc.stringMatching(/^[0-7]{4}$/),
    uid: fc.nat(70_000),
    gid: fc.nat(70_000),
    label: word,
    link: word.map((text) => `/${text}`),
  },
  { requiredKeys: ['path', 'sha256', 'mode', 'uid', 'gid'] },
);
const manifests = fc.record(
  {
    id: word,
    host: word,
    createdAt: word,
    replacedBy: word,
    files: fc.array(file, { maxLength: 6 }),
    absent: fc.array(path, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['id', 'host', 'createdAt', 'files'] },
);

describe('the manifest of a backup', () => {
  test('is a text that people can read', () => {
    expect(formatManifest(MANIFEST)).toBe(TEXT);
  });

  test('is read as it was written', () => {
    expect(parseManifest(TEXT)).toEqual(MANIFEST);
    fc.assert(
      fc.property(manifests, (manifest) => {
        expect(parseManifest(formatManifest(manifest))).toEqual(manifest);
      }),
    );
  });

  test('is none when any of its end is missing', () => {
    for (let length = 0; length < TEXT.length - 1; length += 1)
      expect(parseManifest(TEXT.slice(0, length))).toBeUndefined();
    // The last line break tells nothing that the number before it does not.
    expect(parseManifest(TEXT.slice(0, -1))).toEqual(MANIFEST);
  });

  test('is none when lines of it are missing, or were added', () => {
    const lines = TEXT.split('\n');
    fc.assert(
      fc.property(fc.nat(lines.length - 3), fc.integer({ min: 1, max: 3 }), (from, count) => {
        expect(parseManifest([...lines.slice(0, from), ...lines.slice(from + count)].join('\n'))).toBeUndefined();
        expect(parseManifest([...lines.slice(0, from), 'more', ...lines.slice(from)].join('\n'))).toBeUndefined();
      }),
    );
  });

  test.each(['', '\n', 'end 0\n', 'kplay-backup 2\nend 1\n', 'kplay-backup 1\n', `${TEXT}more\n`, `${TEXT}\n`])(
    'is not in %j',
    (text) => {
      expect(parseManifest(text)).toBeUndefined();
    },
  );

  test('is looked for in any text without a crash', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseManifest(text)));
  });
});
