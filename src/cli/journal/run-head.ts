import { formatDuration } from '../../core/duration.ts';
import { nameList } from '../../core/name-list.ts';
import type { Signal, SignalState } from '../../core/signal.ts';
import type { RunSummary } from '../../journal/run-summary.ts';
import type { Style } from '../../report/text/style.ts';
import { formatMinute, formatSecond } from '../../report/text/time.ts';
import { hang } from '../../report/text/width.ts';
import type { RunActivity } from './run-activity.ts';
import type { ServerRollout } from './server-rollout.ts';

/** What `kplay show` prints of a run besides its summary. */
export interface ShownActivity extends RunActivity {
  readonly remote: ServerRollout | undefined;
}

/** How far a run has come. */
export interface RunProgress {
  /** Of a run that has not reported its end, in clauses. */
  readonly progress: readonly string[];
  readonly waits: string | undefined;
  /** Why its rollout has started no more clusters, which those are, and what to do. */
  readonly stop: string | undefined;
  /** Why nothing is known of a rollout that a server keeps. */
  readonly outage: string | undefined;
  /** The command that resumes it after a pause. */
  readonly resume: string;
}

/** Who ran what, when, on which hosts and with which result, and the signals that were sent to it. */
export function headLines(
  run: RunSummary,
  { signalState, signals, remote, progress, waits, stop, outage, resume }: ShownActivity & RunProgress,
  zone: string,
  style: Style,
  width: number,
): readonly string[] {
  const { id, start, startedAt, clusters, hosts, result, exitCode, elapsedMs, damage, isOlder, isUnread, isNewer } =
    run;
  const names = hosts.map(({ host }) => host);
  const started = startedAt && `${formatMinute(startedAt, zone)}${zone === 'UTC' ? ' UTC' : ''}`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['run', id],
    ['what', start && `kplay ${start.command} ${start.source} (kplay ${start.kplayVersion})`],
    ['reason', start?.reason],
    ['resumes', start?.resumes && withReason(start.resumes, start.resumeReason)],
    ['by', start && `${start.user}@${start.machine}, pid ${start.pid}`],
    ['started', started && (elapsedMs === undefined ? started : `${started}, took ${formatDuration(elapsedMs)}`)],
    ['clusters', clusters.length > 0 ? nameList(clusters) : undefined],
    ['hosts', names.length > 0 ? nameList(names) : undefined],
    ['result', isOlder || isUnread ? 'not known' : exitCode === undefined ? result : `${result} (exit ${exitCode})`],
    ['kept by', remote && `${remote.engine}: ${remote.status}`],
    ['so far', progress.length > 0 ? progress.join('; ') : undefined],
    ['waits', waits],
    ['stopped', stop],
    ['unknown', outage],
    ...(signals ?? []).map((signal) => signalRow(signal, signalState, resume, zone)),
    [
      'signals',
      signals ? undefined : 'signals.ndjson in its directory cannot be read: what operators said is missing here',
    ],
    [damageLabel(run), damage.length > 0 ? damage.join('; ') : undefined],
    ['newer', isNewer ? 'a newer kplay wrote it: what this version does not know is not shown' : undefined],
  ];
  return rows.flatMap(([label, text]) =>
    text === undefined ? [] : hang(`${`${label}:`.padEnd(10)} `, style.text(text), width),
  );
}

function damageLabel({ isOlder, isUnread }: RunSummary): string {
  if (isOlder) return 'older';
  return isUnread ? 'unread' : 'damaged';
}

const PAST_TENSE = { approve: 'approved', pause: 'paused', resume: 'resumed', abort: 'aborted' } as const;

function signalRow(
  signal: Signal,
  { paused, aborted }: SignalState,
  resume: string,
  zone: string,
): readonly [string, string] {
  const { kind, by, at, reason } = signal;
  const what = kind === 'approve' ? `wave ${signal.wave} ` : '';
  const when = at === undefined ? '' : `, ${formatSecond(at, zone)}`;
  const origin = signal.kind !== 'approve' || signal.run === undefined ? '' : ` (given to run ${signal.run})`;
  const isInForce = kind === 'pause' && !aborted && paused?.at === at;
  return [
    PAST_TENSE[kind],
    `${what}by ${withReason(`${by}${when}`, reason)}${origin}${isInForce ? `; resume it: ${resume}` : ''}`,
  ];
}

function withReason(text: string, reason: string | undefined): string {
  return reason === undefined ? text : `${text}: ${reason}`;
}
