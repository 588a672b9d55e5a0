import { type Metric, type MetricKind, prometheusText } from '../formats/prometheus.ts';
import { type CheckFormat, type CheckReport, countBySeverity, type Finding, SEVERITIES } from './findings.ts';
import { NAGIOS_CODES } from './nagios.ts';

/** The report for Prometheus. */
export const prom: CheckFormat = (report) => prometheusText(checkMetrics(report), report.labels);

const CERTIFICATE = ['host', 'certificate', 'kind', 'path'];

/** The metrics of certificates and of their check. */
export const CHECK_METRICS = {
  notAfter: {
    name: 'kplay_certificate_not_after_timestamp_seconds',
    help: 'When the certificate on disk expires.',
    labels: CERTIFICATE,
  },
  servedNotAfter: {
    name: 'kplay_certificate_served_not_after_timestamp_seconds',
    help: 'When the certificate that its port serves expires.',
    labels: CERTIFICATE,
  },
  severity: {
    name: 'kplay_certificate_severity',
    help: `Severity: ${byCode()}.`,
    labels: [...CERTIFICATE, 'condition', 'served'],
  },
  findings: {
    name: 'kplay_check_findings',
    help: 'Number of certificates, and of hosts on which they could not all be found and read, by severity.',
    labels: ['severity'],
  },
  hostSuccess: {
    name: 'kplay_check_host_success',
    help: 'Whether all certificates of the host could be found and read: 1, or 0.',
    labels: ['host'],
  },
  warning: {
    name: 'kplay_check_warning_threshold_seconds',
    help: 'Certificates that expire within this time are a warning.',
    labels: [],
  },
  critical: {
    name: 'kplay_check_critical_threshold_seconds',
    help: 'Certificates that expire within this time are critical.',
    labels: [],
  },
  checked: { name: 'kplay_check_timestamp_seconds', help: 'When the hosts were checked.', labels: [] },
} as const satisfies Readonly<Record<string, MetricKind>>;

/** `0 ok, 1 warning, 2 critical, 3 unknown`. */
function byCode(): string {
  const codes = Object.entries(NAGIOS_CODES).toSorted(([, a], [, b]) => a - b);
  return codes.map(([severity, code]) => `${code} ${severity}`).join(', ');
}

/** The metrics of the certificates and of their check, with values. */
export function checkMetrics({ findings, copies, checkedAt, thresholds }: CheckReport): readonly Metric[] {
  const certificates = [...findings.filter(({ kind }) => kind !== 'host'), ...copies];
  const counts = countBySeverity(findings);
  const metrics = CHECK_METRICS;
  return [
    { ...metrics.notAfter, samples: certificates.flatMap((finding) => endSample(finding, finding.ends)) },
    { ...metrics.servedNotAfter, samples: certificates.flatMap((finding) => endSample(finding, finding.servedEnds)) },
    {
      ...metrics.severity,
      samples: certificates.map((finding) => ({
        labels: { ...labelsOf(finding), condition: finding.condition, served: finding.served },
        value: NAGIOS_CODES[finding.severity],
      })),
    },
    {
      ...metrics.findings,
      samples: SEVERITIES.map((severity) => ({ labels: { severity }, value: counts[severity] })),
    },
    {
      ...metrics.hostSuccess,
      samples: [...successByHost(findings)].map(([host, success]) => ({ labels: { host }, value: success ? 1 : 0 })),
    },
    { ...metrics.warning, samples: [{ labels: {}, value: thresholds.warnMs / 1000 }] },
    { ...metrics.critical, samples: [{ labels: {}, value: thresholds.criticalMs / 1000 }] },
    { ...metrics.checked, samples: [{ labels: {}, value: checkedAt.getTime() / 1000 }] },
  ];
}

function labelsOf({ host, kind, name, path }: Finding): Readonly<Record<string, string | null>> {
  return { host, certificate: name, kind, path };
}

function endSample(finding: Finding, end: string | null): Metric['samples'] {
  return end === null ? [] : [{ labels: labelsOf(finding), value: Date.parse(end) / 1000 }];
}

function successByHost(findings: readonly Finding[]): ReadonlyMap<string, boolean> {
  const hosts = new Map<string, boolean>();
  for (const { host, kind, severity } of findings)
    hosts.set(host, (hosts.get(host) ?? true) && !(kind === 'host' && severity === 'unknown'));
  return hosts;
}
