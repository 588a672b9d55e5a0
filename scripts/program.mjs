import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { bundle } from './bundle.mjs';

/**
 * Bundles all commands into one file, which src/cli/program-file.ts loads: V8 keeps the compiled code of a file, not that of a program.
 * @param own options of esbuild besides.
 */
export async function bundleProgram(outfile, { define, ...own } = {}) {
  const metafile = await bundle({
    entryPoints: ['src/cli/run/run-process.ts'],
    outfile,
    format: 'cjs',
    // A script, whose value is what loads it: src/cli/program-file.ts calls that with what a CommonJS module gets.
    banner: {
      js: `(function (exports, require, module, __filename, __dirname) {
const kplayFile = { get url() { return require('node:url').pathToFileURL(__filename).href; } };`,
    },
    footer: { js: '})' },
    supported: { 'dynamic-import': false },
    // V8 keeps names with the compiled code. A stack gets them back from the map: src/cli/output/source-stack.ts.
    minifyIdentifiers: true,
    sourcemap: 'external',
    sourcesContent: false,
    define: { 'import.meta.url': 'kplayFile.url', ...define },
    ...own,
  });
  if (/[^\0-\x7f]/.test(readFileSync(outfile, 'latin1')))
    throw new Error(
      `${outfile} is read byte by byte, and is not all ASCII: write what is not as \\u… (esbuild leaves patterns as they are)`,
    );
  writeFileSync(`${outfile}.map`, withSourcesOfProject(readFileSync(`${outfile}.map`, 'utf8'), dirname(outfile)));
  return metafile;
}

/** A map with the paths of its sources in the project: esbuild's lead there from the build, wherever that is. */
function withSourcesOfProject(map, directory) {
  const { sources, ...rest } = JSON.parse(map);
  // What is in no file has a name of its own: `made:validators.cjs`, `<define:KPLAY_PLAYBOOKS>`.
  const inProject = (source) => (/^(?:\w+:|<)/.test(source) ? source : relative('.', resolve(directory, source)));
  return JSON.stringify({ ...rest, sources: sources.map(inProject) });
}

/**
 * Bundles what starts a program. It is CommonJS, which Node.js loads in a third of the time that a module takes.
 * @param program the file that `bundleProgram` has written.
 */
export function bundleStart(entry, outfile, program) {
  return bundle({
    entryPoints: [entry],
    outfile,
    format: 'cjs',
    // It asks for its own place only where it is no bundle.
    logOverride: { 'empty-import-meta': 'silent' },
    define: { KPLAY_PROGRAM: JSON.stringify(createHash('sha256').update(readFileSync(program)).digest('hex')) },
    plugins: [
      {
        name: 'program-in-a-file-of-its-own',
        setup: ({ onResolve }) =>
          onResolve({ filter: /\/run-process\.ts$/ }, () => ({ path: resolve('src/cli/program-file.ts') })),
      },
    ],
  });
}
