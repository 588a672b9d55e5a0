import type {
  HostConnectedEvent,
  HostObservedEvent,
  HostRefusedEvent,
  HostUnreachableEvent,
  HostWaitingEvent,
} from './host.ts';
import type {
  BatchStartedEvent,
  ClusterFinishedEvent,
  ClusterStartedEvent,
  PlayFinishedEvent,
  PlayPlannedEvent,
  PlayRefusedEvent,
  PlayStartedEvent,
} from './play.ts';
import type { InterruptedEvent, RunFinishedEvent, RunStartedEvent, WarningEvent } from './run.ts';
import type {
  StageFinishedEvent,
  StageStartedEvent,
  TaskFinishedEvent,
  TaskProgressEvent,
  TaskRescuedEvent,
  TaskStartedEvent,
} from './task.ts';
import type { UndoFinishedEvent, UndoStartedEvent } from './undo.ts';
import type { WindowOverriddenEvent, WindowShutEvent, WindowWaitingEvent } from './window.ts';

/** What the engine tells reporters, in the order in which it happens. Plain data; documented in docs/events.md. */
export type Event =
  | RunStartedEvent
  | PlayStartedEvent
  | HostConnectedEvent
  | HostUnreachableEvent
  | HostRefusedEvent
  | HostWaitingEvent
  | HostObservedEvent
  | PlayPlannedEvent
  | PlayRefusedEvent
  | WindowShutEvent
  | WindowWaitingEvent
  | WindowOverriddenEvent
  | ClusterStartedEvent
  | ClusterFinishedEvent
  | BatchStartedEvent
  | TaskStartedEvent
  | StageStartedEvent
  | StageFinishedEvent
  | TaskProgressEvent
  | TaskFinishedEvent
  | TaskRescuedEvent
  | UndoStartedEvent
  | UndoFinishedEvent
  | WarningEvent
  | InterruptedEvent
  | PlayFinishedEvent
  | RunFinishedEvent;

/** Where events go. Never throws. */
export type EventSink = (event: Event) => void;
