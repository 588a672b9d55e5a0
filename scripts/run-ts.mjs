// Runs a TypeScript program of the project: node scripts/run-ts.mjs FILE [ARGUMENT...]
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [file, ...rest] = process.argv.slice(2);
const outfile = resolve('node_modules/.cache/kplay', `${file.replaceAll('/', '-').replace(/\.ts$/, '')}.mjs`);
await build({
  entryPoints: [file],
  bundle: true,
  outfile,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  sourcemap: 'inline',
  define: { KPLAY_VERSION: JSON.stringify(JSON.parse(readFileSync('package.json', 'utf8')).version) },
});
process.argv = [process.argv[0], file, ...rest];
await import(pathToFileURL(outfile).href);
