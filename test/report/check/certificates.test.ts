import { describe, expect, test } from 'vitest';
import type { CertificateRow } from '../../../src/report/check/certificate-row.ts';
import { type CertificateOptions, formatCertificates } from '../../../src/report/check/certificates.ts';
import { displayWidth } from '../../../src/report/text/width.ts';
import { START } from '../support/cluster.ts';
import { COLORED, PLAIN, withTags } from '../support/options.ts';

function row(host: string, name: string, more: Partial<CertificateRow> = {}): CertificateRow {
  return {
    host,
    name,
    kind: 'leaf',
    ends: '2026-11-23T15:12:00Z',
    daysLeft: -1,
    condition: 'expired',
    urgency: 'broken',
    served: 'expired',
    issuer: 'ca',
    ...more,
  };
}

const GOOD: Partial<CertificateRow> = {
  ends: '2027-11-24T15:12:00Z',
  daysLeft: 364,
  condition: 'good',
  urgency: 'good',
  served: 'good',
};

function authority(host: string, name: string, more: Partial<CertificateRow> = {}): CertificateRow {
  return row(host, name, {
    ...GOOD,
    kind: 'authority',
    ends: '2036-11-21T00:00:00Z',
    daysLeft: 3_649,
    served: null,
    ...more,
  });
}

const ROWS: readonly CertificateRow[] = [
  row('prod-m2', 'apiserver', { ...GOOD, served: 'old one', note: 'restart needed' }),
  row('prod-m1', 'etcd-peer', {
    issuer: 'etcd-ca',
    subject: 'CN=prod-m1',
    names: ['prod-m1', 'localhost', '10.0.0.11', '127.0.0.1', '::1'],
    key: 'RSA 2048',
    serial: '51a077',
    path: '/etc/kubernetes/pki/etcd/peer.crt',
  }),
  row('prod-m1', 'apiserver', { served: 'not up' }),
  row('prod-m1', 'apiserver-kubelet-client', {
    ends: '2026-12-13T15:12:00Z',
    daysLeft: 19,
    condition: 'expiring',
    urgency: 'due',
    served: null,
  }),
  row('prod-m1', 'front-proxy-client', {
    ends: null,
    daysLeft: null,
    condition: 'missing',
    served: null,
    issuer: 'front-proxy-ca',
  }),
  ...['prod-m1', 'prod-m2'].flatMap((host) => ['ca', 'etcd-ca', 'front-proxy-ca'].map((name) => authority(host, name))),
];

const options = (more: Partial<CertificateOptions> = {}): CertificateOptions => ({
  ...PLAIN,
  width: 80,
  title: 'prod · 2 masters',
  renewBefore: '30d',
  now: START,
  wide: false,
  ...more,
});

describe('the table of certificates', () => {
  test.each([80, 200])('is laid out in %i columns', async (width) => {
    const text = formatCertificates(ROWS, options({ width }));
    await expect(text).toMatchFileSnapshot(`../golden/certificates-${width}.txt`);
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  test('gives up days and no more where a terminal is narrow, and indents what goes on', () => {
    const text = formatCertificates(
      ROWS,
      options({
        width: 60,
        apiNotAsked: new Map([
          ['tls: failed to verify certificate: x509: certificate has expired', ['prod-m1', 'prod-m2']],
        ]),
      }),
    );
    expect(text).toMatch(/^HOST +CERTIFICATE +LEFT +ON DISK +SERVED$/m);
    expect(text).toContain(
      'API not read on prod-m1, prod-m2: tls: failed to verify\n    certificate: x509: certificate has expired',
    );
    expect(text).toContain('etcd-ca 2036-11-21 (9y) ·\n     front-proxy-ca 2036-11-21 (9y)');
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(60);
  });

  test('is coloured', async () => {
    const text = formatCertificates(ROWS, options({ ...COLORED, width: 200 }));
    await expect(withTags(text)).toMatchFileSnapshot('../golden/certificates-200-colored.txt');
  });

  test('tells everything when it is to be wide', async () => {
    const text = formatCertificates(ROWS, options({ width: 120, wide: true }));
    await expect(text).toMatchFileSnapshot('../golden/certificates-120-wide.txt');
  });

  test('has the most urgent first, and otherwise the given order', () => {
    const hosts = [
      row('good-late', 'x', { ...GOOD, ends: '2028-01-01T00:00:00Z' }),
      row('good-soon', 'x', GOOD),
      row('good-too', 'x', GOOD),
      row('due', 'x', { ...GOOD, urgency: 'due', condition: 'expiring' }),
      row('broken', 'x', { ...GOOD, urgency: 'broken', condition: 'key mismatch' }),
    ];
    const lines = formatCertificates(hosts, options({ width: 120 }))
      .split('\n')
      .slice(3);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['broken', 'due', 'good-soon', 'good-too', 'good-late']);
  });

  test('keeps together what was made within a minute', () => {
    const made = (host: string, name: string, second: number) =>
      row(host, name, { ...GOOD, ends: `2027-11-24T15:12:0${second}Z` });
    const rows = [made('m1', 'apiserver', 5), made('m1', 'etcd-peer', 9), made('m2', 'apiserver', 2)];
    const lines = formatCertificates(rows, options({ width: 120 }))
      .split('\n')
      .slice(3);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['m1', 'm1', 'm2']);
  });

  test('cuts long names of hosts before it gets too wide', () => {
    const long = row('control-plane-1.eu-central-1.prod.example.com', 'apiserver-kubelet-client');
    const text = formatCertificates([long], options());
    expect(text).toContain('\ncontrol-plan');
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80);
  });

  test('shows times in the zone that is asked for', () => {
    const text = formatCertificates(ROWS, options({ width: 120, timeZone: 'Europe/Berlin' }));
    expect(text).toContain('2026-11-24 16:12 Europe/Berlin');
    expect(text).toContain('2026-11-23 16:12');
  });

  test('is a record for each certificate where not even its fewest columns fit', () => {
    const records = (more: Partial<CertificateOptions>) =>
      formatCertificates(ROWS.slice(0, 1), options({ width: 20, ...more }));
    expect(records({})).toContain(`
HOST  prod-m2
CERTIFICATE
  apiserver
EXPIRES  2027-11-24
LEFT  364d
ON DISK  good
SERVED  old one
SIGNED BY  ca
NOTE  restart needed`);
    for (const view of [{}, { headers: false }]) {
      const lines = formatCertificates(ROWS, options({ width: view.headers === false ? 20 : 200, view }));
      expect(lines).toMatch(/^prod-m2 +apiserver /m);
    }
  });

  test('is a line for a log when there is no end to the width', () => {
    const [head] = formatCertificates(ROWS, options({ width: Number.POSITIVE_INFINITY })).split('\n');
    expect(head).toBe('prod · 2 masters · 5 certificates · 2 expired, 1 missing, 1 due within 30d');
  });
});

describe('its first line', () => {
  test('tells apart what has expired and harms nobody', () => {
    const rows = [row('m1', 'apiserver'), row('m1', 'kubelet-server', { urgency: 'harmless' })];
    expect(formatCertificates(rows, options({ width: 200 }))).toContain(' · 1 expired, 1 expired (self-signed) ');
  });

  test('counts apart what is good on disk and only has to be loaded', () => {
    const rows = [
      row('m1', 'apiserver', { ...GOOD, urgency: 'unloaded', served: 'expired' }),
      row('m1', 'admin.conf', { ...GOOD, urgency: 'due' }),
      row('m1', 'etcd-peer', { ...GOOD, urgency: 'unloaded', served: 'old one' }),
    ];
    const text = formatCertificates(rows, options({ width: 200 }));
    expect(text).toContain(' · 2 to be restarted, 1 due within 30d ');
    expect(text.indexOf('etcd-peer')).toBeLessThan(text.indexOf('admin.conf'));
  });

  test('says that all is well', () => {
    expect(formatCertificates([row('m1', 'apiserver', GOOD)], options())).toContain(
      'prod · 2 masters · 1 certificate · none due within 30d',
    );
  });

  test('does not say within which time, if all are due', () => {
    const rows = [row('m1', 'apiserver', { ...GOOD, urgency: 'due' })];
    expect(formatCertificates(rows, options({ width: 200, renewBefore: 'all' }))).toContain(
      ' · 1 certificate · 1 due ',
    );
  });

  test('counts each CA that has expired or soon will once', () => {
    const rows = [
      row('m1', 'apiserver', GOOD),
      ...['m1', 'm2'].flatMap((host) => [
        authority(host, 'ca', { ends: '2026-11-23T00:00:00Z', daysLeft: -1, condition: 'expired', urgency: 'broken' }),
        authority(host, 'etcd-ca', {
          ends: '2026-12-13T00:00:00Z',
          daysLeft: 19,
          condition: 'expiring',
          urgency: 'due',
        }),
      ]),
    ];
    const text = formatCertificates(rows, options({ width: 200 }));
    expect(text).toMatch(/^prod .* · 1 certificate · none due within 30d, 1 CA expired, 1 CA expires soon /);
    expect(text).toMatch(/\nCAs: ca 2026-11-23 \(-1d\) expired · etcd-ca 2026-12-13 \(19d\) expiring$/);
  });

  test('says what is wrong with CAs that are of no use', () => {
    const lost = { ends: null, daysLeft: null, condition: 'missing', urgency: 'broken' } as const;
    const rows = [
      row('m1', 'apiserver', GOOD),
      authority('m1', 'ca', lost),
      authority('m1', 'etcd-ca', { ...lost, condition: 'unreadable' }),
    ];
    const text = formatCertificates(rows, options({ width: 200 }));
    expect(text).toMatch(/ none due within 30d, 1 CA missing, 1 CA unreadable /);
    expect(text).toMatch(/\nCAs: ca missing · etcd-ca unreadable$/);
  });

  test('stands alone when there is none', () => {
    expect(formatCertificates([], options({ width: 120 }))).toMatch(/· 0 certificates +2026.*\n?$/);
  });
});

describe('the line about CAs', () => {
  const lastLines = (rows: readonly CertificateRow[]) =>
    formatCertificates(rows, options({ width: 200 }))
      .split('\n')
      .slice(-1);

  test('names each once', () => {
    expect(lastLines(ROWS)).toEqual([
      'CAs: ca 2036-11-21 (9y) · etcd-ca 2036-11-21 (9y) · front-proxy-ca 2036-11-21 (9y)',
    ]);
  });

  test('tells hosts with different ones apart, and says what is wrong with one', () => {
    expect(
      lastLines([
        authority('m1', 'ca'),
        authority('m2', 'ca', { ends: '2026-11-01T00:00:00Z', daysLeft: -23, condition: 'expired', urgency: 'broken' }),
        authority('m3', 'ca', { ends: null, daysLeft: null, condition: 'missing', urgency: 'broken' }),
      ]),
    ).toEqual(['CAs: ca 2036-11-21 (9y) on m1; 2026-11-01 (-23d) expired on m2; missing on m3']);
  });
});

test('what a certificate holds cannot reach the terminal', () => {
  const evil = row('m1\u001b[2J', 'apiserver\r', { note: '\u0007', subject: '\u202e' });
  expect(formatCertificates([evil], options({ wide: true }))).not.toMatch(/[^\n\P{C}]/u);
});

describe('what could not be seen', () => {
  const shown = (rows: readonly CertificateRow[], more: Partial<CertificateOptions> = {}) =>
    formatCertificates(rows, options({ width: 200, ...more }));

  test('is counted as what it is, below what is urgent and above what is good', () => {
    const hidden: Partial<CertificateRow> = {
      ends: null,
      daysLeft: null,
      condition: 'not readable',
      urgency: 'unknown',
      served: null,
    };
    const lines = shown([row('m1', 'a', GOOD), row('m1', 'b', hidden), row('m1', 'c')]).split('\n');
    expect(lines[0]).toContain('3 certificates · 1 expired, 1 not readable');
    expect(lines.slice(3).map((line) => line.split(/ +/)[1])).toEqual(['c', 'b', 'a']);
  });

  test('names the hosts that have no certificates, and those that were not looked at', () => {
    expect(shown([row('m1', 'a')], { without: ['lb1', 'lb2'], unseen: ['m3'] })).toMatch(
      /\nNo kubeadm certificates on: lb1, lb2\.\nNot looked at: m3\.$/,
    );
  });
});
