// Writes the JSON Schemas that editors use, from the steps themselves. A test says when they are not current.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const outfile = resolve('node_modules/.cache/kplay/schemas.mjs');
await build({
  entryPoints: ['src/cli/published-schemas.ts'],
  bundle: true,
  outfile,
  format: 'esm',
  platform: 'node',
  packages: 'external',
});
const { publishedSchemas } = await import(pathToFileURL(outfile).href);
for (const [file, text] of publishedSchemas()) writeFileSync(`schemas/${file}`, text);
