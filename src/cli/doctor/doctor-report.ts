import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { JsonObject } from '../../core/json.ts';
import { escapeControls } from '../../report/text/escape.ts';
import { hangCommand } from '../../report/text/hang-command.ts';
import { type TableView, table } from '../../report/text/table.ts';
import { hang, wrap } from '../../report/text/width.ts';
import { type DoctorQuestion, type Examination, QUESTIONS } from './examination.ts';

/** The columns that a narrow terminal may lack, the most important first; findings are listed below in any case. */
const OPTIONAL = ['FILES', 'DISK', 'CLOCK', 'KUBEADM', 'KUBELET', 'SH', 'OPENSSL'];
const HEAD = ['HOST', 'REACH', 'ROOT', 'READ', 'CLOCK', 'DISK', 'FILES', 'KUBEADM', 'KUBELET', 'SH', 'OPENSSL'];

/** Hosts are examined one by one, and not for a certain playbook. */
const BEYOND = 'Certificates, CAs and the cluster as a whole are checked by kplay plan.';

/** A row for each host, then the findings with what to do. */
export function doctorText(examinations: readonly Examination[], view: TableView & { readonly width: number }): string {
  const rows = table(HEAD, examinations.map(rowOf), { ...view, optional: OPTIONAL });
  const findings = examinations.flatMap(({ host, findings: own }) =>
    own.map(({ severity, message, remedy }) => {
      const problemLines = hang(`${severity}: `, escapeControls(`${host}: ${message}`), view.width);
      const next = remedy === undefined ? [] : hangCommand('  ', escapeControls(remedy), view.width);
      return [...problemLines, ...next].map((line) => `${line}\n`).join('');
    }),
  );
  if (!(view.headers ?? true)) return rows + findings.join('');
  const sum =
    findings.length === 0
      ? `${count(examinations.length, 'host')}: by these checks, nothing prevents a run. ${BEYOND}`
      : `${count(examinations.length, 'host')}, ${count(findings.length, 'finding')}.`;
  return `${rows}\n${findings.join('')}${wrap(sum, view.width).join('\n')}\n`;
}

function rowOf({ host, isReached, observations, findings }: Examination): readonly string[] {
  const answer = (question: DoctorQuestion, good: string): string => {
    const found = findings.some((finding) => finding.question === question && finding.severity === 'error');
    if (found) return 'no';
    return observations ? good : '-';
  };
  const clock = observations ? ahead(observations.aheadBy) : '-';
  const free = observations?.system.space.map(({ freeKilobytes }) => freeKilobytes) ?? [];
  return [
    host,
    isReached ? 'yes' : 'no',
    answer('root', observations?.system.uid === 0 ? 'yes' : 'not needed'),
    answer('read', 'yes'),
    clock,
    free.length > 0 ? size(Math.min(...free)) : '-',
    answer('files', 'yes'),
    observations ? (observations.kubeadm ?? (observations.isKubeadmBroken ? 'broken' : 'missing')) : '-',
    observations?.programs.kubelet ?? '-',
    observations?.programs.shell ?? '-',
    observations?.programs.openssl ?? '-',
  ];
}

/** `+3s`, `-1h`: in whole seconds, because the measurement is no more precise. */
function ahead(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  return `${whole === 0 ? '' : seconds < 0 ? '-' : '+'}${whole < 60 ? `${whole}s` : formatDuration(whole * 1000)}`;
}

/** `38G`, as df -h prints it, but rounded down, so that a full disk never looks otherwise. */
function size(kilobytes: number): string {
  const units = ['K', 'M', 'G', 'T'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, kilobytes)) / 10));
  return `${Math.floor(kilobytes / 1024 ** power)}${units[power]}`;
}

/** `-o json`; docs/doctor.md describes it. */
export function doctorJson(examinations: readonly Examination[], now: Date): JsonObject {
  return { version: 1, checked_at: now.toISOString(), hosts: examinations.map(hostJson) };
}

function hostJson({ host, isReached, observations, findings }: Examination): JsonObject {
  return {
    host,
    reached: isReached,
    uid: observations?.system.uid ?? null,
    clock_ahead_s: observations ? Math.round(observations.aheadBy * 1000) / 1000 : null,
    space: (observations?.system.space ?? []).map(({ path, freeKilobytes, freeInodes }) => ({
      path,
      free_kb: freeKilobytes,
      free_inodes: freeInodes ?? null,
    })),
    versions: {
      kubeadm: observations?.kubeadm ?? null,
      kubelet: observations?.programs.kubelet ?? null,
      sh: observations?.programs.shell ?? null,
      openssl: observations?.programs.openssl ?? null,
    },
    findings: findings
      .toSorted((one, other) => QUESTIONS.indexOf(one.question) - QUESTIONS.indexOf(other.question))
      .map(({ question, severity, message, remedy = null }) => ({ question, severity, message, remedy })),
  };
}
