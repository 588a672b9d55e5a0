import type { Event } from '../../core/events/event.ts';
import type { TaskRef } from '../../core/events/task.ts';
import { dispatch, type EventHandlers, sameFor } from '../reporter.ts';
import {
  type Note,
  noteOfApproval,
  noteOfCheck,
  noteOfHostRefused,
  noteOfLate,
  noteOfOperator,
  noteOfOverride,
  noteOfPlayRefused,
  noteOfRescue,
  noteOfResult,
  noteOfSettled,
  noteOfSoak,
  noteOfStop,
  noteOfUndo,
  noteOfUnreachable,
  noteOfWaiting,
  noteOfWarning,
  noteOfWindowShut,
} from './notes.ts';
import type { TaskProgress } from './task-progress.ts';

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
      'host-connected',
      'host-waiting',
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
