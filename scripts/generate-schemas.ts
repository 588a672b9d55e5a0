// Writes the JSON Schemas that editors use, from the steps themselves. A test says when they are not current.
import { writeFileSync } from 'node:fs';
import { publishedSchemas } from '../src/cli/published-schemas.ts';

for (const [file, text] of publishedSchemas()) writeFileSync(`schemas/${file}`, text);
