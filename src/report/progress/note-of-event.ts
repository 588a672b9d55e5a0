import { clusterText } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';
import type { TaskRef } from '../../core/events/task.ts';
import { nameList } from '../../core/name-list.ts';
import { dispatch, type EventHandlers, type EventOf, sameFor } from '../reporter.ts';
import { formatSecond, formatTimeToMinute } from '../text/time.ts';
import { windowsDetail } from '../text/words.ts';
import type { CancelledNote, MessageNote, Note, TroubleNote, UndoNote, WarningNote } from './note.ts';
import type { TaskProgress } from './task-progress.ts';
import { approvalText } from './waves.ts';

/** What the note for an event depends on besides the event. */
interface NoteContext {
  /** The progress of a task before the event. */
  readonly taskOf: (task: TaskRef) => TaskProgress;
  /** IANA zone of the times. */
  readonly timeZone: string;
}

/** The note for an event that a reader must not miss. */
export function noteOf(event: Event, context: NoteContext): Note | undefined {
  return dispatch(NOTES, event, context);
}

const NOTES: EventHandlers<[NoteContext], Note | undefined> = {
  ...sameFor(
    [
      'run-started',
      'play-started',
      'play-planned',
      'cluster-planned',
      'rollout-planned',
      'rollout-started',
      'wave-started',
      'wave-approved',
      'cluster-started',
      'cluster-finished',
      'host-connecting',
      'host-connected',
      'host-waiting',
      'host-observing',
      'host-observed',
      'batch-started',
      'task-started',
      'stage-started',
      'stage-finished',
      'task-progress',
      'undo-started',
      'hook-finished',
      'play-finished',
      'run-finished',
    ],
    () => undefined,
  ),
  ...sameFor(['run-paused', 'run-resumed', 'run-aborted'], (event, { timeZone }) => noteOfOperator(event, timeZone)),
  'host-unreachable': noteOfUnreachable,
  'host-refused': noteOfHostRefused,
  'play-refused': noteOfPlayRefused,
  'window-late': noteOfLate,
  'window-shut': noteOfWindowShut,
  'window-waiting': (event, { timeZone }) => noteOfWaiting(event, timeZone),
  'window-overridden': noteOfOverride,
  'task-finished': (event, { taskOf }) => noteOfResult(event, taskOf(event.task)),
  'task-rescued': noteOfRescue,
  'undo-finished': noteOfUndo,
  'cluster-check': noteOfCheck,
  'wave-waiting': noteOfApproval,
  'wave-soaking': (event, { timeZone }) => noteOfSoak(event, timeZone),
  'wave-settled': noteOfSettled,
  'rollout-stopped': noteOfStop,
  warning: noteOfWarning,
  interrupted: ({ message }) => ({ kind: 'interrupted', message }),
};

/** The note about the end of a task on a host; undefined if it ended well. `progress` is the task's before that. */
function noteOfResult(
  event: EventOf<'task-finished'>,
  progress: TaskProgress,
): TroubleNote | CancelledNote | WarningNote | MessageNote | undefined {
  switch (event.outcome) {
    case 'ignored':
      return { kind: 'warning', hosts: [event.host], message: `'${event.task.name}' failed, ignored: ${event.reason}` };
    case 'ok':
    case 'changed':
    case 'skipped':
      return event.said && { kind: 'said', hosts: [event.host], task: event.task.name, texts: event.said };
    case 'cancelled':
      return {
        kind: 'cancelled',
        hosts: [event.host],
        begun: progress.begun.includes(event.host),
        reason: event.reason,
      };
    case 'failed':
    case 'unreachable':
    case 'refused': {
      const stage = progress.stageOf(event.host);
      // A command that is said to change nothing has only looked, even if it is the one that failed.
      const changed = event.changes.filter(({ kind }) => kind !== 'look');
      const done = changed.map(({ target }) => target).join(', ');
      return {
        kind: event.outcome,
        hosts: [event.host],
        where: event.outcome === 'refused' ? [] : [event.task.name, ...(stage === undefined ? [] : [stage])],
        reason: event.reason,
        details: [...(event.details ?? []), ...(done === '' ? [] : [['changed before', done] as const])],
        ...(event.remedy !== undefined && { remedy: event.remedy }),
        ...(event.code !== undefined && { code: event.code }),
      };
    }
  }
}

function noteOfUnreachable(event: EventOf<'host-unreachable'>): TroubleNote {
  const { host, cause, reason, remedy } = event;
  return {
    kind: 'unreachable',
    hosts: [host],
    where: [],
    reason,
    details: [],
    ...(remedy !== undefined && { remedy }),
    code: `unreachable-${cause}`,
  };
}

function noteOfHostRefused({ host, code, reason, details, remedy }: EventOf<'host-refused'>): TroubleNote {
  return { kind: 'refused', hosts: [host], where: [], reason, details, remedy, code };
}

function noteOfPlayRefused(event: EventOf<'play-refused'>): TroubleNote {
  const { play, cluster, hosts, code, reason, details = [], remedy } = event;
  const where = cluster ? `${clusterText(cluster)} (${nameList(hosts)})` : play;
  return { kind: 'refused', hosts: [], where: [where], reason, details, remedy, code };
}

/** A cluster that is not changed because of its windows: a refusal, unless that was requested. */
function noteOfWindowShut(event: EventOf<'window-shut'>): TroubleNote | WarningNote {
  const { cluster, hosts, window, counts, waits, remedy } = event;
  const name = clusterText(cluster);
  if (counts === 'left') {
    const message = `${name} is left as it is: ${window.reason}`;
    return { kind: 'warning', hosts, message, remedy, ...(waits && { isRemedyOfRunning: true }) };
  }
  return {
    kind: 'refused',
    hosts: [],
    where: [`${name} (${nameList(hosts)})`],
    reason: window.reason,
    details: [windowsDetail(window)],
    remedy,
    code: 'outside-window',
  };
}

/** Certificates end before a cluster may be changed. */
function noteOfLate({ cluster, window, behind, reason, remedy }: EventOf<'window-late'>): TroubleNote {
  return {
    kind: 'late',
    hosts: [],
    where: [clusterText(cluster)],
    reason,
    details: [windowsDetail(window, behind)],
    remedy,
    code: 'window-late',
  };
}

/** The run waits for windows. */
function noteOfWaiting({ clusters, opens }: EventOf<'window-waiting'>, timeZone: string): WarningNote {
  const names = clusters.map((name) => clusterText({ kind: 'declared', name })).join(', ');
  const message = `waiting for the window of ${names}, until ${formatTimeToMinute(opens, timeZone)}`;
  return { kind: 'warning', hosts: [], message, wait: { for: 'window' } };
}

/** The windows of a cluster are overridden, by whom and why. */
function noteOfOverride({ cluster, hosts, window, reason }: EventOf<'window-overridden'>): WarningNote {
  return {
    kind: 'warning',
    hosts,
    message: `${clusterText(cluster)} is changed all the same (${window.reason}), because: ${reason}`,
  };
}

/** A wave waits for an approval, which whoever gives it should give knowing what has failed. */
function noteOfApproval(event: EventOf<'wave-waiting'>): WarningNote {
  const { wave, remedy } = event;
  const message = approvalText(event);
  return { kind: 'warning', hosts: [], message, remedy, wait: { for: 'approval', wave } };
}

/** A cluster waits for a check, or has failed it; a refusal by a check has a note of its own. */
function noteOfCheck(event: EventOf<'cluster-check'>): WarningNote | TroubleNote | undefined {
  const { cluster, check, at, outcome, attempt, of, reason = '' } = event;
  const name = clusterText(cluster);
  if (outcome === 'waiting')
    return {
      kind: 'warning',
      hosts: [],
      message: `${name} waits for check '${check}': ${reason}; it will run ${of - attempt === 1 ? 'once' : `${of - attempt} times`} more`,
      wait: { for: 'check', cluster: name, check },
    };
  if (outcome === 'passed' || at === 'before') return undefined;
  return { kind: 'failed', hosts: [], where: [name, `check '${check}'`], reason, details: [] };
}

/** How long the run waits after a wave. */
function noteOfSoak({ wave, until }: EventOf<'wave-soaking'>, timeZone: string): WarningNote {
  const message = `wave ${wave} soaks until ${formatSecond(until, timeZone)}`;
  return { kind: 'warning', hosts: [], message, wait: { for: 'soak', wave } };
}

/** What has changed in a wave since it ended; undefined if nothing has. */
function noteOfSettled({ wave, failed }: EventOf<'wave-settled'>): TroubleNote | undefined {
  if (failed.length === 0) return undefined;
  const details = failed.map(({ cluster, reason }) => [`cluster ${cluster}`, reason] as const);
  return { kind: 'failed', hosts: [], where: [`wave ${wave}`], reason: 'not everything is as it was left', details };
}

type OperatorEvent = EventOf<'run-paused' | 'run-resumed' | 'run-aborted'>;

/** Somebody has paused, resumed or aborted the run. */
function noteOfOperator(event: OperatorEvent, timeZone: string): WarningNote {
  const message = operatorText(event, timeZone);
  const remedy = 'remedy' in event && { remedy: event.remedy };
  const wait = event.type === 'run-paused' && { wait: { for: 'resume' } as const };
  return { kind: 'warning', hosts: [], message, ...remedy, ...wait };
}

/** `paused by ops@admin: the fire drill; no cluster is begun meanwhile`. */
export function operatorText({ type, by, at, reason }: OperatorEvent, timeZone: string): string {
  const who = `by ${by}, ${formatSecond(at, timeZone)}${reason === undefined ? '' : `: ${reason}`}`;
  switch (type) {
    case 'run-paused':
      return `the run is paused ${who}; no further cluster starts, those in progress are finished`;
    case 'run-resumed':
      return `the run is resumed ${who}`;
    case 'run-aborted':
      return `the run is aborted ${who}; no further cluster starts, those in progress are finished`;
  }
}

/** A run starts no further clusters, and which it has left. */
export function noteOfStop({ reason, clusters, remedy }: EventOf<'rollout-stopped'>): WarningNote {
  const left = clusters.length === 0 ? 'every cluster had already started' : `not started: ${nameList(clusters, 20)}`;
  return { kind: 'warning', hosts: [], message: `no more clusters start: ${reason}; ${left}`, remedy };
}

function noteOfUndo(event: EventOf<'undo-finished'>): UndoNote {
  const {
    host,
    succeeded,
    unproven: isUnproven = false,
    remaining = [],
    message,
    details = [],
    remedy,
    elapsedMs,
  } = event;
  return {
    kind: 'undo',
    host,
    succeeded,
    isUnproven,
    goesOn: remaining.length > 0,
    message,
    details,
    ...(remedy !== undefined && { remedy }),
    elapsedMs,
  };
}

function noteOfWarning({ hosts, message, remedy, code, engine }: EventOf<'warning'>): WarningNote {
  return {
    kind: 'warning',
    hosts,
    message,
    ...(remedy !== undefined && { remedy }),
    ...(code !== undefined && { code }),
    ...(engine === 'away' && { wait: { for: 'engine' } }),
  };
}

/** A rescued failure is not an error, but worth knowing. */
function noteOfRescue({ task, host, block }: EventOf<'task-rescued'>): WarningNote {
  return { kind: 'warning', hosts: [host], message: `'${task.name}' failed, rescued by '${block.name}'` };
}
