// Bundles kplay into a directory, dist/ unless another is named: a small file to start, one with all commands, and one with the
// programs of simulated hosts. All commands are in one file because V8 keeps the compiled code of a file, not that of a program.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { bundle, licenses, packagesIn } from './bundle.mjs';
import { sbom } from './sbom.mjs';
import { bundleWorkflows } from './temporal-workflows.mjs';

const [outdir = 'dist'] = process.argv.slice(2);
const PROGRAM = `${outdir}/program.cjs`;
rmSync(outdir, { recursive: true, force: true });
const program = await bundle({
  entryPoints: ['src/cli/run/run-process.ts'],
  outfile: PROGRAM,
  format: 'cjs',
  // A script, whose value is what loads it: src/cli/program-file.ts calls that with what a CommonJS module gets.
  banner: {
    js: `(function (exports, require, module, __filename, __dirname) {
const kplayFileUrl = require('node:url').pathToFileURL(__filename).href;`,
  },
  footer: { js: '})' },
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'kplayFileUrl' },
});
if (/[^\0-\x7f]/.test(readFileSync(PROGRAM, 'latin1')))
  throw new Error(
    `${PROGRAM} is read byte by byte, and is not all ASCII: write what is not as \\u… (esbuild leaves patterns as they are)`,
  );
const start = await bundle({
  entryPoints: ['src/cli/main.ts'],
  outfile: `${outdir}/kplay.js`,
  format: 'esm',
  define: { KPLAY_PROGRAM: JSON.stringify(createHash('sha256').update(readFileSync(PROGRAM)).digest('hex')) },
  plugins: [
    {
      name: 'program-in-a-file-of-its-own',
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/run-process\.ts$/ }, () => ({ path: resolve('src/cli/program-file.ts') })),
    },
  ],
});
const simulation = await bundle({
  entryPoints: ['src/simulation/tools/main.ts'],
  outfile: `${outdir}/simulation-tools.js`,
  format: 'esm',
  // CommonJS modules in the bundle ask for it.
  banner: {
    js: `import { createRequire as kplayCreateRequire } from 'node:module';
const require = kplayCreateRequire(import.meta.url);`,
  },
});
const workflows = await bundleWorkflows(`${outdir}/temporal-workflows.cjs`);
const packages = [...new Set([...[program, start, simulation].flatMap(packagesIn), ...workflows])].sort();
writeFileSync(`${outdir}/THIRD-PARTY-LICENSES.txt`, licenses(packages));
writeFileSync(`${outdir}/kplay.cdx.json`, sbom(packages));
