import { createGenerator, type Schema } from 'ts-json-schema-generator';

/**
 * The JSON Schema of a line of `--output json`, made from the interfaces in src/core/events and what they say of their fields.
 * It allows fields that are not described: a later kplay may write some.
 */
export function eventLineSchema(): Schema {
  const event = schemaOf('Event');
  const envelope = schemaOf('Envelope');
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A line of kplay --output json',
    allOf: [{ $ref: '#/definitions/Envelope' }, { $ref: '#/definitions/Event' }],
    definitions: { ...event.definitions, ...envelope.definitions },
  };
}

function schemaOf(type: string): Schema {
  return createGenerator({
    path: 'src/core/events/line.ts',
    tsconfig: 'tsconfig.json',
    type,
    expose: 'export',
    topRef: true,
    jsDoc: 'extended',
    sortProps: false,
    // The compiler of the project has checked them.
    skipTypeCheck: true,
    additionalProperties: true,
  }).createSchema(type);
}
