import { count } from '../../core/count.ts';
import { nameList } from '../../core/name-list.ts';
import { formatDay, parseDate, UTC } from '../text/time.ts';
import { groupBy } from '../text/words.ts';
import { bySeverity, type CheckReport, countBySeverity, type Finding } from './findings.ts';

/** Findings of one host with the same text. */
export interface FindingGroup {
  readonly first: Finding;
  /** Names of the certificates; empty for the host itself. */
  readonly names: readonly string[];
}

/** Findings that are not ok, the worst first; certificates of a host with the same text are grouped. */
export function troubles({ findings }: CheckReport): readonly FindingGroup[] {
  return grouped(
    bySeverity(findings).filter(({ severity }) => severity !== 'ok'),
    ({ host, kind, severity, why, ends }) => [host, kind, severity, why, ends?.slice(0, 10) ?? ''],
  );
}

/** The CAs by end date; the same CA on several hosts is listed once. */
export function authorities({ findings }: CheckReport): readonly SharedAuthority[] {
  return authoritiesAmong(findings);
}

/** A CA, and the hosts that have it. */
interface SharedAuthority {
  readonly first: Finding;
  readonly hosts: readonly string[];
}

function authoritiesAmong(findings: readonly Finding[]): readonly SharedAuthority[] {
  const found = bySeverity(findings.filter(({ kind }) => kind === 'authority'));
  return [
    ...groupBy(found, ({ name, ends, subject, serial }) => JSON.stringify([name, ends, subject, serial])).values(),
  ]
    .flatMap(([first, ...others]) => (first ? [{ first, hosts: [first, ...others].map(({ host }) => host) }] : []))
    .toSorted((a, b) => endOf(a.first) - endOf(b.first));
}

/** The state of the fleet, in a sentence or two. */
export function checkSentence(report: CheckReport): string {
  const { findings, thresholds } = report;
  const certificates = findings.filter(({ kind }) => kind !== 'host');
  const hosts = new Set(findings.map(({ host }) => host)).size;
  const all = `${certificateCounts(findings)} on ${count(hosts, 'host')}`;
  const { critical, unknown, warning } = countBySeverity(findings);
  const wrong = [
    ...(critical > 0 ? [`${critical} critical`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(warning > 0 ? [count(warning, 'warning')] : []),
  ];
  const first = certificates.filter(({ ends }) => ends !== null).toSorted((a, b) => endOf(a) - endOf(b))[0];
  const day = first?.ends ? parseDate(first.ends) : undefined;
  const soonest = first && day ? ` First expiry: ${first.host} ${first.name}, ${formatDay(day, UTC)}.` : '';
  if (wrong.length === 0) return `${all}, none expires within ${thresholds.warn}.${soonest}`;
  const affected = new Set(findings.filter(({ severity }) => severity !== 'ok').map(({ host }) => host)).size;
  return `${all}: ${nameList(wrong)}${affected < hosts ? `, on ${count(affected, 'host')}` : ''}.${soonest}`;
}

/** The number of certificates and of CAs, each counted once, whatever the number of its hosts. */
export function numbersOf(findings: readonly Finding[]): { readonly leaves: number; readonly signers: number } {
  const leaves = findings.filter(({ kind }) => kind === 'leaf' || kind === 'trusted').length;
  return { leaves, signers: authoritiesAmong(findings).length };
}

/** `37 certificates and 3 CAs`. */
export function certificateCounts(findings: readonly Finding[]): string {
  const { leaves, signers } = numbersOf(findings);
  const parts = [
    ...(leaves > 0 || signers === 0 ? [count(leaves, 'certificate')] : []),
    ...(signers > 0 ? [count(signers, 'CA')] : []),
  ];
  return parts.join(' and ');
}

/** In milliseconds; certificates without an end come last. */
export function endOf({ ends }: Finding): number {
  return ends === null ? Number.MAX_SAFE_INTEGER : Date.parse(ends);
}

function grouped(
  findings: readonly Finding[],
  keyOf: (finding: Finding) => readonly string[],
): readonly FindingGroup[] {
  return [...groupBy(findings, (finding) => JSON.stringify(keyOf(finding))).values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ first, names: first.kind === 'host' ? [] : group.map(({ name }) => name) }] : [];
  });
}
