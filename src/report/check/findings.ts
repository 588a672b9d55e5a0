import { DAY_MS } from '../../core/duration.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { MetricLabels } from '../formats/prometheus.ts';

/** Severities, the worst first: a host that could not be checked may be in any state. */
export const SEVERITIES = ['critical', 'unknown', 'warning', 'ok'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** A certificate on a host, or a host about which there is something else to report. */
export interface Finding {
  readonly host: string;
  /** `trusted`: a CA in a kubeconfig. `host`: nothing or not everything on it could be read, or it has no certificates. */
  readonly kind: 'leaf' | 'authority' | 'trusted' | 'host';
  /** As kubeadm names it: `apiserver`, `etcd-ca`; `CA in admin.conf`; for a host its name. */
  readonly name: string;
  readonly severity: Severity;
  /** As in the table of `kplay check`: `good`, `expired`; for a host `unreachable`, `not checked`, `not readable`, `no certificates`. */
  readonly condition: string;
  /** The reasons for the severity, in a clause: `expires in 12d, its port serves the old one`. */
  readonly why: string;
  /** ISO 8601; null when there is none or it could not be read. */
  readonly ends: string | null;
  readonly daysLeft: number | null;
  /** What its port serves; null when it has none. */
  readonly served: string | null;
  /** The end of the certificate that the port serves, ISO 8601. */
  readonly servedEnds: string | null;
  readonly due: boolean | null;
  readonly authority: string | null;
  readonly subject: string | null;
  readonly sans: readonly string[];
  readonly key: string | null;
  readonly serial: string | null;
  readonly path: string | null;
}

/** How long before its end a certificate is a warning, or critical. */
export interface Thresholds {
  /** As written: `30d`. */
  readonly warn: string;
  readonly warnMs: number;
  readonly critical: string;
  readonly criticalMs: number;
  /** Those of some hosts are longer. */
  readonly areShortest?: true;
}

/** The result of a check, from which all formats are made. */
export interface CheckReport {
  readonly checkedAt: Date;
  readonly kplayVersion: string;
  readonly thresholds: Thresholds;
  /** Every host is in it, with its certificates or by itself. */
  readonly findings: readonly Finding[];
  /** CAs in kubeconfigs that are also CAs in `findings`, which say everything about them. Only for lists of all certificates. */
  readonly copies: readonly Finding[];
  /** The document of `-o json`, see docs/check.md. */
  readonly document: JsonObject;
  /** Of each metric. */
  readonly labels?: MetricLabels;
}

/** A format of the report, with a final newline. */
export type CheckFormat = (report: CheckReport) => string;

/** A finding about a host as a whole: it was not checked, or has no certificates. */
export function hostFinding(host: string, severity: Severity, condition: string, why: string): Finding {
  return {
    host,
    kind: 'host',
    name: host,
    severity,
    condition,
    why,
    ends: null,
    daysLeft: null,
    served: null,
    servedEnds: null,
    due: null,
    authority: null,
    subject: null,
    sans: [],
    key: null,
    serial: null,
    path: null,
  };
}

/** A finding in a clause: `m1: apiserver expires in 3d`. */
export function findingText({ kind, host, name, why }: Finding): string {
  return kind === 'host' ? `${host}: ${why}` : `${host}: ${name} ${why}`;
}

/** The worst severity; `unknown` without findings, because nothing was checked. */
export function worstSeverity(findings: readonly Finding[]): Severity {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'unknown';
}

/** The number of findings of each severity. */
export function countBySeverity(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const number = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  return { critical: number('critical'), unknown: number('unknown'), warning: number('warning'), ok: number('ok') };
}

/** The worst first, and then by end date. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity);
  const end = ({ ends, servedEnds }: Finding) =>
    Math.min(...[ends, servedEnds].map((text) => (text === null ? Number.MAX_SAFE_INTEGER : Date.parse(text))));
  return [...findings].sort((a, b) => rank(a) - rank(b) || end(a) - end(b));
}

/** The severity of a row of certs.check, and why, in a clause. */
export function judge(
  row: JsonObject,
  thresholds: Thresholds,
  now: Date,
): { readonly severity: Severity; readonly why: string } {
  const condition = String(row['condition']);
  const reasons = [
    ...ofCondition(condition),
    ...ofEnd(row['ends'], '', now, thresholds).map((reason) => (row['self_signed'] ? harmless(reason) : reason)),
    ...ofServed(row),
    // The served certificate only matters if it is another one.
    ...(row['served'] === 'old one' ? ofEnd(row['served_ends'], 'what is served ', now, thresholds) : []),
  ];
  const severity = SEVERITIES.find((wanted) => reasons.some((reason) => reason.severity === wanted)) ?? 'ok';
  const severe = reasons.filter((reason) => reason.severity !== 'ok').map(({ text }) => text);
  const clauses = severe.length > 0 ? severe : reasons.map(({ text }) => text);
  return { severity, why: clauses.length > 0 ? clauses.join(', ') : condition };
}

interface Reason {
  readonly severity: Severity;
  readonly text: string;
}

/** Conditions that depend only on the end and the thresholds. */
const BY_END = new Set(['good', 'expiring', 'expired']);

/** Conditions in which a certificate is of no use. */
export const BROKEN: ReadonlySet<string> = new Set([
  'expired',
  'missing',
  'unreadable',
  'key missing',
  'key encrypted',
  'key mismatch',
  'foreign signer',
  'usage missing',
  'unsupported key',
  'unsupported extension',
  'unsupported signature',
  'CA expired',
  'another CA',
  'not yet valid',
]);

function ofCondition(condition: string): readonly Reason[] {
  if (BY_END.has(condition)) return [];
  if (condition === 'another CA') return [{ severity: 'critical', text: 'is not the CA of its cluster' }];
  if (BROKEN.has(condition)) return [{ severity: 'critical', text: condition }];
  return [{ severity: condition.includes('not readable') ? 'unknown' : 'warning', text: condition }];
}

/** @param subject what expires, for the text, with a space behind it; empty for the certificate itself */
function ofEnd(
  ends: Json | undefined,
  subject: string,
  now: Date,
  { warnMs, criticalMs }: Thresholds,
): readonly Reason[] {
  if (typeof ends !== 'string') return [];
  const leftMs = Date.parse(ends) - now.getTime();
  if (leftMs < 0) return [{ severity: 'critical', text: `${subject}expired ${ends.slice(0, 10)}` }];
  const severity = leftMs <= criticalMs ? 'critical' : leftMs <= warnMs ? 'warning' : 'ok';
  return [{ severity, text: `${subject}expires in ${Math.floor(leftMs / DAY_MS)}d` }];
}

/** Kubelet has signed it itself: no client verifies it, and nobody else checks its end. */
function harmless({ severity, text }: Reason): Reason {
  if (severity === 'ok') return { severity, text };
  return { severity: 'warning', text: `${text} (signed by kubelet itself: nobody can verify it)` };
}

/** Its port serves another certificate than the file contains: a restart is needed. */
export function servesAnother({ served, ends, served_ends }: JsonObject): boolean {
  return served === 'old one' || (served === 'expired' && served_ends !== ends);
}

function ofServed(row: JsonObject): readonly Reason[] {
  switch (row['served'] ?? null) {
    case null:
    case 'good':
      return [];
    case 'old one':
      return [{ severity: 'warning', text: 'its port serves the old one' }];
    case 'expired':
      return [
        {
          severity: 'critical',
          text: servesAnother(row)
            ? `its port serves an old one, which expired ${String(row['served_ends']).slice(0, 10)}`
            : 'its port serves an expired one',
        },
      ];
    case 'not up':
      return [{ severity: 'unknown', text: 'its port is not up' }];
    default:
      return [{ severity: 'unknown', text: 'it is unknown what its port serves' }];
  }
}
