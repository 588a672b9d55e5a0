import type { Json, JsonObject } from '../../core/json.ts';

/** How grave a finding is, the gravest first: a host that could not be looked at may hold anything. */
export const SEVERITIES = ['critical', 'unknown', 'warning', 'ok'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** One certificate of one host, or a host of which there is something to say besides. */
export interface Finding {
  readonly host: string;
  /** `trusted`: a CA in a kubeconfig. `host`: nothing of it could be read, not all, or it has no certificates. */
  readonly kind: 'leaf' | 'authority' | 'trusted' | 'host';
  /** As kubeadm names it: `apiserver`, `etcd-ca`; `CA in admin.conf`; of a host its own name. */
  readonly name: string;
  readonly severity: Severity;
  /** As in the table of `kplay check`: `good`, `expired`; of a host `unreachable`, `not checked`, `not readable`, `no certificates`. */
  readonly condition: string;
  /** The same in a clause with all that speaks for the severity: `ends in 12d, the port serves the old one`. */
  readonly why: string;
  /** ISO 8601; null where there is none, or none could be read. */
  readonly ends: string | null;
  readonly daysLeft: number | null;
  /** What the port that belongs to it serves; null when none does. */
  readonly served: string | null;
  /** ISO 8601: when that ends. */
  readonly servedEnds: string | null;
  readonly due: boolean | null;
  readonly authority: string | null;
  readonly subject: string | null;
  readonly sans: readonly string[];
  readonly key: string | null;
  readonly serial: string | null;
  readonly path: string | null;
}

/** From when on the end of a certificate is a warning, and critical. */
export interface Thresholds {
  /** As it was written: `30d`. */
  readonly warn: string;
  readonly warnMs: number;
  readonly critical: string;
  readonly criticalMs: number;
}

/** What a check has come to: every format is made from this alone. */
export interface CheckReport {
  readonly checkedAt: Date;
  readonly kplayVersion: string;
  readonly thresholds: Thresholds;
  /** Every host stands in it, with its certificates or as itself. */
  readonly findings: readonly Finding[];
  /** CAs in kubeconfigs that are the very ones among `findings`: all is said of them there. Told where every certificate is. */
  readonly copies: readonly Finding[];
  /** The document of `-o json`, by docs/check.md. */
  readonly document: JsonObject;
}

/** One way to write a report, with a final newline. */
export type CheckFormat = (report: CheckReport) => string;

/** What is said of a host as a whole: it was not looked at, or has nothing to look at. */
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

/** A finding in a clause: `m1: apiserver ends in 3d`. */
export function findingText({ kind, host, name, why }: Finding): string {
  return kind === 'host' ? `${host}: ${why}` : `${host}: ${name} ${why}`;
}

/** The gravest of them; `unknown` for none: nothing was looked at. */
export function gravest(findings: readonly Finding[]): Severity {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'unknown';
}

/** How many there are of each severity. */
export function countBySeverity(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const number = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  return { critical: number('critical'), unknown: number('unknown'), warning: number('warning'), ok: number('ok') };
}

/** The gravest first, and among them what ends first. */
export function byGravity(findings: readonly Finding[]): readonly Finding[] {
  const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity);
  const end = ({ ends, servedEnds }: Finding) =>
    Math.min(...[ends, servedEnds].map((text) => (text === null ? Number.MAX_SAFE_INTEGER : Date.parse(text))));
  return [...findings].sort((a, b) => rank(a) - rank(b) || end(a) - end(b));
}

/** How grave a row of certs.check is, and why in a clause. */
export function judge(
  row: JsonObject,
  { warnMs, criticalMs }: Thresholds,
  now: Date,
): { readonly severity: Severity; readonly why: string } {
  const condition = String(row['condition']);
  const reasons = [
    ...ofCondition(condition),
    ...ofEnd(row['ends'], '', now, warnMs, criticalMs).map((reason) =>
      row['self_signed'] ? harmless(reason) : reason,
    ),
    ...ofServed(row),
    // What it serves besides the file matters where it is another one.
    ...(row['served'] === 'old one' ? ofEnd(row['served_ends'], 'what is served ', now, warnMs, criticalMs) : []),
  ];
  const severity = SEVERITIES.find((wanted) => reasons.some((reason) => reason.severity === wanted)) ?? 'ok';
  const grave = reasons.filter((reason) => reason.severity !== 'ok').map(({ text }) => text);
  const told = grave.length > 0 ? grave : reasons.map(({ text }) => text);
  return { severity, why: told.length > 0 ? told.join(', ') : condition };
}

interface Reason {
  readonly severity: Severity;
  readonly text: string;
}

/** Conditions that the end alone decides, by the thresholds of the one who asks. */
const BY_END = new Set(['good', 'ends soon', 'expired']);

/** Conditions in which a certificate serves nobody. */
export const BROKEN: ReadonlySet<string> = new Set([
  'expired',
  'missing',
  'unreadable',
  'key missing',
  'key mismatch',
  'foreign signer',
  'another CA',
  'not yet valid',
]);

function ofCondition(condition: string): readonly Reason[] {
  if (BY_END.has(condition)) return [];
  if (condition === 'another CA') return [{ severity: 'critical', text: 'is not the CA of its cluster' }];
  if (BROKEN.has(condition)) return [{ severity: 'critical', text: condition }];
  return [{ severity: condition.includes('not readable') ? 'unknown' : 'warning', text: condition }];
}

const DAY_MS = 86_400_000;

function ofEnd(ends: Json | undefined, of: string, now: Date, warnMs: number, criticalMs: number): readonly Reason[] {
  if (typeof ends !== 'string') return [];
  const leftMs = Date.parse(ends) - now.getTime();
  if (leftMs <= 0) return [{ severity: 'critical', text: `${of}expired ${ends.slice(0, 10)}` }];
  const severity = leftMs <= criticalMs ? 'critical' : leftMs <= warnMs ? 'warning' : 'ok';
  return [{ severity, text: `${of}ends in ${Math.floor(leftMs / DAY_MS)}d` }];
}

/** Kubelet has signed it itself: whoever verifies certificates has never taken it, and nobody else looks at its end. */
function harmless({ severity, text }: Reason): Reason {
  if (severity === 'ok') return { severity, text };
  return { severity: 'warning', text: `${text} (signed by kubelet itself: nobody can verify it)` };
}

/** Its port serves another certificate than the file holds: it has to be restarted. */
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
