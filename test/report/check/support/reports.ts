import type { CheckReport, Finding } from '../../../../src/report/check/findings.ts';

const FINDING: Finding = {
  host: 'm1',
  kind: 'leaf',
  name: 'apiserver',
  severity: 'ok',
  condition: 'good',
  why: 'expires in 300d',
  ends: '2027-09-20T12:00:00.000Z',
  daysLeft: 300,
  served: 'good',
  servedEnds: '2027-09-20T12:00:00.000Z',
  due: false,
  authority: 'ca',
  subject: 'CN=kube-apiserver',
  sans: ['m1', '10.0.0.11'],
  key: 'RSA 2048',
  serial: '51a0',
  path: '/etc/kubernetes/pki/apiserver.crt',
};

const HOST = { kind: 'host', ends: null, daysLeft: null, served: null, servedEnds: null, due: null } as const;

/** What a host says that does not mean well: to a terminal, XML, a spreadsheet, Nagios, Prometheus and SARIF. */
export const HOSTILE = "=cmd|'/c calc'!A1\"><script>alert(1)</script>]]>\x1b[31m\u202e\ud800\r\n,\\";

/** One finding of each kind and severity. */
export const FINDINGS: readonly Finding[] = [
  FINDING,
  {
    ...FINDING,
    name: 'etcd-server',
    severity: 'critical',
    condition: 'expired',
    why: 'expired 2026-11-20',
    ends: '2026-11-20T12:00:00.000Z',
    daysLeft: -4,
    due: true,
    serial: null,
  },
  { ...FINDING, host: 'm2', severity: 'warning', why: 'its port serves the old one', served: 'old one' },
  {
    ...FINDING,
    host: 'm2',
    name: 'admin.conf',
    severity: 'unknown',
    condition: 'not readable',
    why: 'not readable',
    ends: null,
    daysLeft: null,
    served: null,
    servedEnds: null,
    due: null,
  },
  {
    ...FINDING,
    kind: 'authority',
    name: 'ca',
    why: 'expires in 3000d',
    ends: '2035-02-10T12:00:00.000Z',
    daysLeft: 3000,
    served: null,
    servedEnds: null,
    due: null,
    path: null,
  },
  {
    ...FINDING,
    ...HOST,
    host: 'm3',
    name: 'm3',
    severity: 'unknown',
    condition: 'unreachable',
    why: 'could not be reached',
    path: null,
  },
  {
    ...FINDING,
    ...HOST,
    host: 'lb1',
    name: 'lb1',
    condition: 'no certificates',
    why: 'has no kubeadm certificates',
    path: null,
  },
  {
    ...FINDING,
    host: HOSTILE,
    severity: 'critical',
    condition: 'missing',
    why: HOSTILE,
    subject: HOSTILE,
    sans: [HOSTILE, HOSTILE],
    authority: HOSTILE,
    path: `/${HOSTILE}`,
  },
];

export function reportOf(findings: readonly Finding[]): CheckReport {
  const day = 86_400_000;
  return {
    checkedAt: new Date('2026-11-24T15:12:44Z'),
    kplayVersion: '1.2.3',
    thresholds: { warn: '30d', warnMs: 30 * day, critical: '7d', criticalMs: 7 * day },
    findings,
    copies: [],
    document: { version: 1, hosts: findings.map(({ host, why }) => ({ host, why, certificates: [] })) },
  };
}
