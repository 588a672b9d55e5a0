// Writes the JSON Schemas that editors and readers of events use, from the steps and types themselves. A test says when they are not current.
import { writeFileSync } from 'node:fs';
import { schemaFiles } from './schema-files.ts';

for (const [file, text] of schemaFiles()) writeFileSync(`schemas/${file}`, text);
