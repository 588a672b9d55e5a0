import type {
  HostConnectedEvent,
  HostConnectingEvent,
  HostObservedEvent,
  HostObservingEvent,
  HostRefusedEvent,
  HostUnreachableEvent,
  HostWaitingEvent,
} from './host.ts';
import type {
  BatchStartedEvent,
  ClusterFinishedEvent,
  ClusterPlannedEvent,
  ClusterStartedEvent,
  HookFinishedEvent,
  PlayFinishedEvent,
  PlayPlannedEvent,
  PlayRefusedEvent,
  PlayStartedEvent,
} from './play.ts';
import type {
  ClusterCheckEvent,
  RolloutPlannedEvent,
  RolloutStartedEvent,
  RolloutStoppedEvent,
  WaveApprovedEvent,
  WaveSettledEvent,
  WaveSoakingEvent,
  WaveStartedEvent,
  WaveWaitingEvent,
} from './rollout.ts';
import type {
  InterruptedEvent,
  RunAbortedEvent,
  RunFinishedEvent,
  RunPausedEvent,
  RunResumedEvent,
  RunStartedEvent,
  WarningEvent,
} from './run.ts';
import type {
  StageFinishedEvent,
  StageStartedEvent,
  TaskFinishedEvent,
  TaskProgressEvent,
  TaskRescuedEvent,
  TaskStartedEvent,
} from './task.ts';
import type { UndoFinishedEvent, UndoStartedEvent } from './undo.ts';
import type { WindowLateEvent, WindowOverriddenEvent, WindowShutEvent, WindowWaitingEvent } from './window.ts';

/** What the engine reports, in order. Plain data; documented in docs/events.md. */
export type Event =
  | RunStartedEvent
  | PlayStartedEvent
  | HostConnectingEvent
  | HostConnectedEvent
  | HostUnreachableEvent
  | HostRefusedEvent
  | HostWaitingEvent
  | HostObservingEvent
  | HostObservedEvent
  | PlayPlannedEvent
  | ClusterPlannedEvent
  | PlayRefusedEvent
  | WindowLateEvent
  | WindowShutEvent
  | WindowWaitingEvent
  | WindowOverriddenEvent
  | RolloutPlannedEvent
  | RolloutStartedEvent
  | RolloutStoppedEvent
  | WaveStartedEvent
  | WaveWaitingEvent
  | WaveApprovedEvent
  | WaveSoakingEvent
  | WaveSettledEvent
  | ClusterStartedEvent
  | ClusterFinishedEvent
  | ClusterCheckEvent
  | HookFinishedEvent
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
  | RunPausedEvent
  | RunResumedEvent
  | RunAbortedEvent
  | PlayFinishedEvent
  | RunFinishedEvent;

/** Where events go. Never throws. */
export type EventSink = (event: Event) => void;
