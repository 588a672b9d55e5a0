import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { expect } from 'vitest';

/** A part of schemas/events.schema.json, as far as tests look at it. */
export interface Definition {
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Definition[];
  readonly $ref?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
}

interface EventSchema {
  readonly definitions: Readonly<Record<string, Definition>>;
}

const SCHEMA: EventSchema = JSON.parse(
  readFileSync(new URL('../../schemas/events.schema.json', import.meta.url), 'utf8'),
);

/** What stands in events, by the names of its types. */
export const EVENT_DEFINITIONS = SCHEMA.definitions;

let ofEvent: ValidateFunction | undefined;

/** Every event is one that the published schema describes, and holds nothing that it does not describe. */
export function expectEventsOfSchema(events: readonly object[]): void {
  ofEvent ??= new Ajv({ strict: false }).compile({
    $ref: '#/definitions/Event',
    definitions: Object.fromEntries(Object.entries(SCHEMA.definitions).map(([name, one]) => [name, closed(one)])),
  });
  for (const event of events) if (!ofEvent(event)) expect.fail(`not an event of the schema: ${JSON.stringify(event)}`);
}

/** Without the right to hold more than it says. */
function closed(definition: Definition): object {
  return {
    ...definition,
    ...(definition.properties && { additionalProperties: false }),
    ...(definition.anyOf && { anyOf: definition.anyOf.map(closed) }),
  };
}
