import { count } from '../../core/count.ts';
import { escapeControls } from '../text/escape.ts';
import {
  bySeverity,
  type CheckReport,
  countBySeverity,
  type Finding,
  type Severity,
  worstSeverity,
} from './findings.ts';
import { certificateCounts } from './groups.ts';

/** The exit codes of a plugin (https://www.monitoring-plugins.org/doc/guidelines.html). */
export const NAGIOS_CODES: Readonly<Record<Severity, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

/** The number of findings that fit on a pager; the numbers after them say the rest. */
const NAMED = 3;

/** The output of a plugin: state, the worst findings in words, and performance data. */
export function nagiosLine({ findings, thresholds, checkedAt }: CheckReport): string {
  const bad = bySeverity(findings).filter(({ severity }) => severity !== 'ok');
  const certificates = findings.filter(({ kind }) => kind !== 'host');
  const hosts = new Set(findings.map(({ host }) => host)).size;
  const good = `${certificateCounts(findings)} on ${count(hosts, 'host')}, none expires within ${thresholds.warn}`;
  const more = bad.length > NAMED ? `; and ${bad.length - NAMED} more` : '';
  const text = bad.length === 0 ? good : `${bad.slice(0, NAMED).map(inWords).join('; ')}${more}`;
  return nagiosText(worstSeverity(findings), text, performanceData(findings, certificates, thresholds, checkedAt));
}

/** A line of a plugin without vertical bars in the text, which would start its performance data. */
export function nagiosText(severity: Severity, text: string, performance = ''): string {
  const line = `CERTIFICATES ${severity.toUpperCase()} - ${escapeControls(text).replaceAll('|', '/')}`;
  return performance === '' ? `${line}\n` : `${line} | ${performance}\n`;
}

function inWords({ host, kind, name, why }: Finding): string {
  return kind === 'host' ? `${host} ${why}` : `${host} ${name} ${why}`;
}

/** `label=value[unit];warn;critical`; the range `30:` alerts below 30. */
function performanceData(
  findings: readonly Finding[],
  certificates: readonly Finding[],
  { warnMs, criticalMs }: CheckReport['thresholds'],
  now: Date,
): string {
  const counts = countBySeverity(findings);
  const ends = certificates.flatMap(({ ends: end }) => (end === null ? [] : [Date.parse(end)]));
  const soonest = Math.floor(
    (ends.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY) - now.getTime()) / 1000,
  );
  return [
    ...(ends.length === 0 ? [] : [`soonest_end=${soonest}s;${warnMs / 1000}:;${criticalMs / 1000}:`]),
    `certificates=${certificates.length};;;0`,
    `critical=${counts.critical};;0;0`,
    `warning=${counts.warning};0;;0`,
    `unknown=${counts.unknown};;;0`,
  ].join(' ');
}
