import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { JsonObject } from '../../core/json.ts';
import { escapeControls } from '../../report/escape.ts';
import { type TableView, table } from '../../report/table.ts';
import { hang } from '../../report/width.ts';
import { type Examination, QUESTIONS, type Question } from './examination.ts';

/** What stands where a terminal is too narrow for all, the most urgent first; what is wrong is told below in any case. */
const OPTIONAL = ['FILES', 'DISK', 'CLOCK', 'KUBEADM', 'KUBELET', 'SH', 'OPENSSL'];
const HEAD = ['HOST', 'REACH', 'ROOT', 'READ', 'CLOCK', 'DISK', 'FILES', 'KUBEADM', 'KUBELET', 'SH', 'OPENSSL'];

/** A row for each host, and below it what is wrong and what to do. */
export function doctorText(examinations: readonly Examination[], view: TableView & { readonly width: number }): string {
  const rows = table(HEAD, examinations.map(rowOf), { ...view, optional: OPTIONAL });
  const findings = examinations.flatMap(({ host, findings: own }) =>
    own.map(({ severity, message, remedy }) => {
      const said = hang(`${severity}: `, escapeControls(`${host}: ${message}`), view.width);
      const next = remedy === undefined ? [] : hang('  ', escapeControls(remedy), view.width);
      return [...said, ...next].map((line) => `${line}\n`).join('');
    }),
  );
  if (!(view.headers ?? true)) return rows + findings.join('');
  const sum =
    findings.length === 0
      ? `${count(examinations.length, 'host')}: nothing prevents a run.`
      : `${count(examinations.length, 'host')}, ${count(findings.length, 'finding')}.`;
  return `${rows}\n${findings.join('')}${sum}\n`;
}

function rowOf({ host, isReached, seen, findings }: Examination): readonly string[] {
  const answer = (question: Question, good: string): string => {
    const found = findings.find((finding) => finding.question === question);
    if (found) return found.severity === 'error' ? 'no' : 'missing';
    return seen ? good : '-';
  };
  const clock = seen ? ahead(seen.aheadBy) : '-';
  const free = seen?.system.space.map(({ freeKilobytes }) => freeKilobytes) ?? [];
  return [
    host,
    isReached ? 'yes' : 'no',
    answer('root', seen?.system.uid === 0 ? 'yes' : 'not needed'),
    answer('read', 'yes'),
    clock,
    free.length > 0 ? size(Math.min(...free)) : '-',
    answer('files', 'yes'),
    seen?.kubeadm ?? answer('kubeadm', '-'),
    seen?.programs.kubelet ?? '-',
    seen?.programs.shell ?? '-',
    seen?.programs.openssl ?? '-',
  ];
}

/** `+3s`, `-1h`: in whole seconds, for more no host tells for certain. */
function ahead(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  return `${whole === 0 ? '' : seconds < 0 ? '-' : '+'}${whole < 60 ? `${whole}s` : formatDuration(whole * 1000)}`;
}

/** `38G`, as df -h rounds: down, so that what is full never looks as if it were not. */
function size(kilobytes: number): string {
  const units = ['K', 'M', 'G', 'T'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, kilobytes)) / 10));
  return `${Math.floor(kilobytes / 1024 ** power)}${units[power]}`;
}

/** `-o json`; docs/doctor.md describes it. */
export function doctorJson(examinations: readonly Examination[], now: Date): JsonObject {
  return { version: 1, checked_at: now.toISOString(), hosts: examinations.map(hostJson) };
}

function hostJson({ host, isReached, seen, findings }: Examination): JsonObject {
  return {
    host,
    reached: isReached,
    uid: seen?.system.uid ?? null,
    clock_ahead_s: seen ? Math.round(seen.aheadBy * 1000) / 1000 : null,
    space: (seen?.system.space ?? []).map(({ path, freeKilobytes, freeInodes }) => ({
      path,
      free_kb: freeKilobytes,
      free_inodes: freeInodes ?? null,
    })),
    versions: {
      kubeadm: seen?.kubeadm ?? null,
      kubelet: seen?.programs.kubelet ?? null,
      sh: seen?.programs.shell ?? null,
      openssl: seen?.programs.openssl ?? null,
    },
    findings: findings
      .toSorted((one, other) => QUESTIONS.indexOf(one.question) - QUESTIONS.indexOf(other.question))
      .map(({ question, severity, message, remedy = null }) => ({ question, severity, message, remedy })),
  };
}
