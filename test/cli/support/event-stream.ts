import { expect } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { expectEventsOfSchema } from '../../support/event-schema.ts';

/** Events as `-o json` writes them, one a line and nothing else: numbered one after another, and as their schema has them. */
export function eventsIn(stdout: string): readonly JsonObject[] {
  expect(stdout.endsWith('\n')).toBe(true);
  const events = stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_event, index) => index + 1));
  for (const { version, time } of events) {
    expect(version).toBe(2);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  expectEventsOfSchema(events.map(({ version: _version, sequence: _sequence, time: _time, ...event }) => event));
  return events;
}
