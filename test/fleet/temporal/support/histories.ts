import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';

const { History } = temporal.api.history.v1;

/** Where rollouts of this and earlier versions stand as a Temporal server has kept them: VERSION-WHAT.json. */
export const HISTORIES = join(import.meta.dirname, '../histories');

/** One that was recorded. */
export interface RecordedHistory {
  readonly name: string;
  readonly events: readonly RecordedEvent[];
}

/** As protobufjs writes it in JSON: enumerations by name, bytes in base64. */
export interface RecordedEvent {
  readonly eventType: string;
  readonly workflowExecutionStartedEventAttributes?: {
    readonly input: { readonly payloads: readonly { readonly data: string }[] };
  };
  readonly activityTaskScheduledEventAttributes?: { readonly activityType: { readonly name: string } };
  readonly activityTaskCompletedEventAttributes?: {
    readonly result?: { readonly payloads: readonly { readonly data: string }[] };
  };
}

export function recordedHistories(): readonly RecordedHistory[] {
  return readdirSync(HISTORIES).map((file) => {
    const { events } = JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as { events: readonly RecordedEvent[] };
    return { name: file.replace('.json', ''), events };
  });
}

/** A history as it comes from a server, as it is recorded. */
export function plainHistory(history: temporal.api.history.v1.IHistory): object {
  return History.toObject(History.fromObject(history), { enums: String, longs: String, bytes: String });
}

/** What was recorded, as a worker takes it. */
export function historyOf(events: readonly RecordedEvent[]): temporal.api.history.v1.IHistory {
  return History.fromObject({ events });
}
