import { expect, test } from 'vitest';
import { authorityRefusal } from '../../src/kubeadm/certificates/authority-refusal.ts';
import { conditionByTime, parseRenewBefore } from '../../src/kubeadm/certificates/due.ts';
import { certificateNodes, publicKeyOf } from '../../src/pki/certificate.ts';
import { signCertificate } from '../../src/pki/certificate-encoding.ts';
import { basicConstraintsExtension, keyUsageExtension } from '../../src/pki/extension-encoding.ts';
import { validityAt } from '../../src/pki/verify.ts';
import { authorityWarnings } from '../../src/steps/certs/authority-ends.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { ofOlderAuthority } from '../kubeadm/support/older-authority.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const RULE = { renewBefore: parseRenewBefore('30d'), now: NOW, extraNames: [], renewed: new Set<never>() };

test.each([
  ['-1d', 'expired 2026-11-23'],
  ['10d', 'expires 2026-12-04'],
])(
  'an older CA that ends in %s is told of with what it has signed, though the first one of its file is good',
  (end, state) => {
    const warnings = authorityWarnings(describedHost(ofOlderAuthority(end)), RULE);
    expect(warnings.map(({ message }) => message)).toEqual([
      `an older CA in /etc/kubernetes/pki/ca.crt (CN=kubernetes) ${state}: nobody accepts then what it has signed (apiserver, apiserver-kubelet-client, admin.conf, controller-manager.conf, scheduler.conf, kubelet-client)`,
    ]);
  },
);

test('a CA that is not valid yet is told of, and is good from its beginning on', () => {
  const host = describedHost();
  const [ca] = host.authorities;
  const begin = ca?.certificate?.notBefore ?? 0;
  const messagesAt = (now: number) =>
    authorityWarnings({ ...host, authorities: host.authorities.slice(0, 1) }, { ...RULE, now: new Date(now) }).map(
      ({ message }) => message,
    );
  expect(messagesAt(begin - 1)).toEqual([`ca itself is valid only from ${new Date(begin).toISOString()}`]);
  expect(messagesAt(begin)).toEqual([]);
  expect(ca && authorityRefusal(ca, { now: new Date(begin - 1) })?.code).toBe('ca-not-yet-valid');
  expect(ca?.certificate && conditionByTime(ca.certificate, { ...RULE, now: new Date(begin - 1) })).toBe(
    'not yet valid',
  );
});

test.each([
  ['30 days before its end', -30, 'good'],
  ['less than that before', -29.9, 'expiring'],
  ['at its end', 0, 'expiring'],
])('a CA is judged by the same moments as a leaf: %s', (_when, days, condition) => {
  const certificate = describedHost().authorities[0]?.certificate;
  const now = new Date((certificate?.notAfter ?? 0) + days * 86_400_000);
  expect(certificate && conditionByTime(certificate, { ...RULE, now })).toBe(condition);
  expect(certificate && validityAt(certificate, now.getTime())).toBe('valid');
});

test.each([
  ['nobody accepts what it has signed', { authorities: { ca: '-1d' } }],
  ['no certificate that it signs can be valid for longer', ofOlderAuthority('-1d', 'ca')],
])('of a CA that has expired it is said that %s: where it was prolonged, the later one counts', (what, host) => {
  expect(authorityWarnings(describedHost(host), RULE).map(({ message }) => message)).toEqual([
    expect.stringContaining(`ca itself expired 2026-11-23: ${what}`),
  ]);
});

test.each([
  ['CA:TRUE', []],
  ['keyCertSign', [basicConstraintsExtension({ isAuthority: true }), keyUsageExtension(['digitalSignature'])]],
])('a CA that was made again without %s is told of, and signs nothing more', (lack, extensions) => {
  const { ca } = hostFiles().authorities;
  const { subject } = certificateNodes(ca.certificate);
  const { notBefore, notAfter } = ca.certificate;
  const publicKey = publicKeyOf(ca.certificate);
  const terms = { notBefore, notAfter, serial: Buffer.of(9), publicKey, issuer: subject, subject, extensions };
  const again = signCertificate(terms, ca.signer.privateKey);
  const host = describedHost({ files: { '/etc/kubernetes/pki/ca.crt': again } });
  const unfit = `/etc/kubernetes/pki/ca.crt lacks ${lack}, without which it is no certificate of a CA`;
  expect(authorityWarnings(host, RULE).map(({ message }) => message)).toEqual([
    `${unfit}: nothing can be renewed with it`,
  ]);
  const [authority] = host.authorities;
  expect(authority && authorityRefusal(authority, RULE)).toMatchObject({ code: 'ca-unfit', reason: unfit });
});

test('an older CA that has signed nothing any more is no matter, nor one that is good', () => {
  const host = describedHost(ofOlderAuthority('-1d'));
  expect(authorityWarnings({ ...host, credentials: [] }, RULE)).toEqual([]);
  expect(authorityWarnings(describedHost(ofOlderAuthority('100d')), RULE)).toEqual([]);
});
