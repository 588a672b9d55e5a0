import { count } from '../../core/count.ts';
import { parseDuration } from '../../core/duration.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RunResult } from '../../engine/run-result.ts';
import {
  type CheckReport,
  countBySeverity,
  type Finding,
  hostFinding,
  judge,
  type Severity,
  type Thresholds,
  worstSeverity,
} from '../../report/check/findings.ts';
import { EXIT } from '../exit-code.ts';
import { DEFAULT_CRITICAL, DEFAULT_RENEW_BEFORE } from '../options/options.ts';
import { VERSION } from '../version.ts';
import { type CheckFindings, copiesAmong, type HostFindings, type HostWithout } from './check-findings.ts';

/** The thresholds that the user has given. */
export interface WantedThresholds {
  readonly warn?: string;
  readonly critical?: string;
}

/** The findings with their severities: the source of all formats for programs. */
export function checkReport(
  findings: CheckFindings,
  { unreachable, late }: Pick<RunResult, 'unreachable' | 'late'>,
  wanted: WantedThresholds,
  now: Date,
): CheckReport {
  const byRule = new Map(findings.rules.map((rule) => [rule, thresholdsOf(wanted, rule)]));
  const thresholds = shortestOf([...byRule.values()]) ?? thresholdsOf(wanted, DEFAULT_RENEW_BEFORE);
  const tooLate = new Set(late.map(({ host, name }) => `${host} ${name}`));
  const hosts = findings.hosts.map(({ rule, ...found }) => {
    const rate = (row: JsonObject): JsonObject => ({ ...row, ...judge(row, byRule.get(rule) ?? thresholds, now) });
    return {
      host: found.host,
      certificates: found.certificates.map((row) => {
        const rated = rate(row);
        if (!tooLate.has(`${found.host} ${String(row['name'])}`)) return rated;
        return { ...rated, severity: 'critical', why: `${String(rated['why'])}, before a window of its cluster` };
      }),
      authorities: found.authorities.map(rate),
      kubeconfig_authorities: found.kubeconfig_authorities.map(rate),
      api_not_asked: found.api_not_asked,
    };
  });
  const isCopy = copiesAmong(hosts);
  const isUnreachable = new Set(unreachable);
  const all = [
    ...hosts.flatMap((host) => ofHost(host, isCopy)),
    ...findings.notReadable.map(({ host, user, paths }) =>
      hostFinding(
        host,
        'unknown',
        'not readable',
        `${count(paths.length, 'file or directory', 'files and directories')} not readable as ${user}`,
      ),
    ),
    ...findings.unseen.map((host) =>
      isUnreachable.has(host)
        ? hostFinding(host, 'unknown', 'unreachable', 'could not be reached')
        : hostFinding(host, 'unknown', 'not checked', 'could not be checked'),
    ),
    ...findings.without.map(withoutFinding),
  ];
  const document = {
    version: 1,
    checked_at: now.toISOString(),
    severity: worstSeverity(all),
    warn: thresholds.warn,
    critical: thresholds.critical,
    counts: { ...countBySeverity(all) },
    hosts,
    without_certificates: findings.without.map(({ host }) => host),
    certificates_expected: findings.without.filter(isUnexpected).map(({ host }) => host),
    not_readable: findings.notReadable.map(({ host, user, paths }) => ({ host, user, paths })),
    unreachable: findings.unseen,
  };
  return {
    checkedAt: now,
    kplayVersion: VERSION,
    thresholds,
    findings: all,
    copies: hosts.flatMap((host) => copiesOf(host, isCopy)),
    document,
  };
}

/** It cannot be said of certificates that nobody has found whether they are good. */
function isUnexpected({ group, isInVain }: HostWithout): boolean {
  return group !== undefined || isInVain === true;
}

function withoutFinding(without: HostWithout): Finding {
  const { host, group, isInVain } = without;
  const reason = group !== undefined ? `, but is in the group ${group}` : isInVain ? ', and no other host has any' : '';
  const severity = isUnexpected(without) ? 'unknown' : 'ok';
  return hostFinding(host, severity, 'no certificates', `has no kubeadm certificates${reason}`);
}

/** `--exit-code`: critical comes first, then unknown, then warning. */
export const SEVERITY_CODES: Readonly<Record<Severity, number>> = {
  critical: EXIT.failed,
  unknown: EXIT.unreachable,
  warning: EXIT.refused,
  ok: EXIT.good,
};

/**
 * Default: a warning when a renewal would be due, critical in the last week, or later if the warning is later. A given `--critical` raises
 * the default of `--warn`, but only where that comes from a template: otherwise `checkCritical` has refused it.
 */
function thresholdsOf({ warn, critical }: WantedThresholds, renewBefore: string): Thresholds {
  const rule = defaultWarn(renewBefore);
  const warning = warn ?? (critical === undefined ? rule : longer(rule, critical));
  const grave = critical ?? shorter(DEFAULT_CRITICAL, warning);
  return { warn: warning, warnMs: parseDuration(warning), critical: grave, criticalMs: parseDuration(grave) };
}

/** What is true of every host, since those with other rules have longer ones; undefined without any. */
function shortestOf([first, ...others]: readonly Thresholds[]): Thresholds | undefined {
  if (!first) return undefined;
  const shortest = others.reduce((one, other) => (other.warnMs < one.warnMs ? other : one), first);
  return others.some(({ warnMs }) => warnMs !== first.warnMs) ? { ...shortest, areShortest: true } : shortest;
}

/** Without `--warn`: when a renewal would be due. @param renewBefore by which rule; undefined: by the default one */
export function defaultWarn(renewBefore: string | undefined): string {
  return renewBefore === undefined || renewBefore === 'all' ? DEFAULT_RENEW_BEFORE : renewBefore;
}

function longer(a: string, b: string): string {
  return parseDuration(a) >= parseDuration(b) ? a : b;
}

function shorter(a: string, b: string): string {
  return parseDuration(a) <= parseDuration(b) ? a : b;
}

type IsCopy = (row: JsonObject) => boolean;

type RatedHost = Omit<HostFindings, 'rule'>;

function ofHost(
  { host, certificates, authorities, kubeconfig_authorities }: RatedHost,
  isCopy: IsCopy,
): readonly Finding[] {
  return [
    ...certificates.map((row) => finding(host, 'leaf', row)),
    ...authorities.map((row) => finding(host, 'authority', row)),
    ...kubeconfig_authorities.filter((row) => !isCopy(row)).map((row) => finding(host, 'trusted', row)),
  ];
}

function copiesOf({ host, kubeconfig_authorities }: RatedHost, isCopy: IsCopy): readonly Finding[] {
  return kubeconfig_authorities.filter(isCopy).map((row) => finding(host, 'trusted', row));
}

function finding(host: string, kind: Exclude<Finding['kind'], 'host'>, row: JsonObject): Finding {
  const text = (name: string): string | null => (typeof row[name] === 'string' ? String(row[name]) : null);
  const { days_left: daysLeft = null, due = null, sans = null } = row;
  return {
    host,
    kind,
    name: text('name') ?? '',
    severity: row['severity'] as Severity,
    condition: text('condition') ?? '',
    why: text('why') ?? '',
    ends: text('ends'),
    daysLeft: typeof daysLeft === 'number' ? daysLeft : null,
    served: text('served'),
    servedEnds: text('served_ends'),
    due: typeof due === 'boolean' ? due : null,
    authority: kind === 'authority' ? text('name') : text('authority'),
    subject: text('subject'),
    sans: Array.isArray(sans) ? sans.map(String) : [],
    // For a CA: whether the host has its private key.
    key: kind === 'leaf' ? text('key') : null,
    serial: text('serial'),
    path: text('path'),
  };
}
