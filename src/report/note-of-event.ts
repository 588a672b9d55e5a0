import type { Event } from '../core/events/event.ts';
import type { TaskRef } from '../core/events/task.ts';
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
import { dispatch, type EventHandlers, sameFor } from './reporter.ts';
import type { TaskProgress } from './task-progress.ts';

type TaskOf = (task: TaskRef) => TaskProgress;

/**
 * The note for an event that a reader must not miss.
 * @param taskOf the progress of its task before the event
 */
export function noteOf(event: Event, taskOf: TaskOf): Note | undefined {
  return dispatch(NOTES, event, taskOf);
}

const NOTES: EventHandlers<[TaskOf], Note | undefined> = {
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
  ...sameFor(['run-paused', 'run-resumed', 'run-aborted'], noteOfOperator),
  'host-unreachable': noteOfUnreachable,
  'host-refused': noteOfHostRefused,
  'play-refused': noteOfPlayRefused,
  'window-late': noteOfLate,
  'window-shut': noteOfWindowShut,
  'window-waiting': noteOfWaiting,
  'window-overridden': noteOfOverride,
  'task-finished': (event, taskOf) => noteOfResult(event, taskOf(event.task)),
  'task-rescued': noteOfRescue,
  'undo-finished': noteOfUndo,
  'cluster-check': noteOfCheck,
  'wave-waiting': noteOfApproval,
  'wave-soaking': noteOfSoak,
  'wave-settled': noteOfSettled,
  'rollout-stopped': noteOfStop,
  warning: noteOfWarning,
  interrupted: ({ message }) => ({ kind: 'interrupted', message }),
};
