import { publishedSchemas } from '../src/cli/published-schemas.ts';
import { eventLineSchema } from './event-schema.ts';

/** All files of schemas/ as they have to be, by name. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map([...publishedSchemas(), ['events.schema.json', `${JSON.stringify(eventLineSchema(), null, 2)}\n`]]);
}
