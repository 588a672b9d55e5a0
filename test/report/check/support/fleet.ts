import { type CheckReport, type Finding, hostFinding, judge } from '../../../../src/report/check/findings.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const DAY_MS = 86_400_000;
const THRESHOLDS = { warn: '30d', warnMs: 30 * DAY_MS, critical: '7d', criticalMs: 7 * DAY_MS };

const LEAVES = [
  'admin.conf',
  'apiserver',
  'apiserver-etcd-client',
  'apiserver-kubelet-client',
  'controller-manager.conf',
  'etcd-healthcheck-client',
  'etcd-peer',
  'etcd-server',
  'front-proxy-client',
  'kubelet.conf',
  'scheduler.conf',
];
const AUTHORITIES = ['ca', 'etcd-ca', 'front-proxy-ca'];

/** What a look at clusters of three masters has come to: some are fresh, some end soon, one in six has expired, one host is gone. */
export function fleetReport(hosts: number, now = NOW): CheckReport {
  const findings = Array.from({ length: hosts }, (_, index) => findingsOf(index, now)).flat();
  const { host } = findings[0] ?? { host: '' };
  const gone = hosts > 3 ? [goneHost(`${host}-old`)] : [];
  return {
    checkedAt: now,
    kplayVersion: '0.1.0',
    thresholds: THRESHOLDS,
    findings: [...findings, ...gone],
    copies: [],
    document: {},
  };
}

function findingsOf(index: number, now: Date): readonly Finding[] {
  const cluster = Math.floor(index / 3);
  const host = `${['prod', 'stage', 'edge', 'lab'][cluster % 4]}${cluster < 4 ? '' : Math.floor(cluster / 4)}-m${(index % 3) + 1}`;
  const days = [-4, 21, 118, 340][cluster % 4] ?? 340;
  return [
    ...LEAVES.map((name, leaf) => finding(host, 'leaf', name, leaf === 9 ? days + 45 : days, now)),
    ...AUTHORITIES.map((name) => finding(host, 'authority', name, 2_400 + cluster * 31, now)),
  ];
}

function finding(host: string, kind: 'leaf' | 'authority', name: string, at: number, now: Date): Finding {
  const days = at - Math.round((now.getTime() - NOW.getTime()) / DAY_MS);
  const ends = new Date(NOW.getTime() + at * DAY_MS + 3_600_000).toISOString();
  const condition = days < 0 ? 'expired' : days < 30 ? 'expiring' : 'good';
  return {
    ...goneHost(host),
    kind,
    name,
    condition,
    ...judge({ condition, ends }, THRESHOLDS, now),
    ends,
    daysLeft: days,
    due: days < 30,
    authority: kind === 'authority' ? name : 'ca',
    subject: kind === 'authority' ? `CN=${name === 'ca' ? 'kubernetes' : name}` : `CN=${name}`,
    key: 'ECDSA P-256',
    serial: '51a0',
    path: `/etc/kubernetes/pki/${name}.crt`,
  };
}

function goneHost(host: string): Finding {
  return hostFinding(host, 'unknown', 'unreachable', 'could not be reached');
}
