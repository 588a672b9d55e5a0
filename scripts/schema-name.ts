import { createHash } from 'node:crypto';
import type { JsonSchema } from '../src/core/schema.ts';

/** What the validator of a schema is called in a build: a word that JavaScript takes for a name, the same for the same schema. */
export function schemaName(schema: JsonSchema): string {
  return `of${createHash('sha256').update(JSON.stringify(schema)).digest('hex')}`;
}
