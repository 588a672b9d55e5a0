import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The program in its parts, as it is shipped. */
async function partsOfProgram() {
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: ['src/cli/main.ts'],
    outdir: join(PROJECT, 'dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    define: { KPLAY_VERSION: '"0.0.0"' },
    metafile: true,
    write: false,
  });
  return metafile;
}

it('tells its version before anything else is loaded', async () => {
  const metafile = await partsOfProgram();
  const entry = Object.keys(metafile.outputs).find((path) => metafile.outputs[path]?.entryPoint === 'src/cli/main.ts');
  const loaded = new Set<string>();
  const load = (path: string): void => {
    const output = metafile.outputs[path];
    if (!output || loaded.has(path)) return;
    loaded.add(path);
    for (const part of output.imports) if (part.kind === 'import-statement') load(part.path);
  };
  load(entry ?? '');
  const sources = [...loaded].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}));
  expect(sources.sort()).toEqual(['src/cli/main.ts', 'src/cli/version.ts']);
});

it('loads nothing of Temporal, which most users do not have, but where a worker or --engine asks for it', async () => {
  const { outputs } = await partsOfProgram();
  const loaded = Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(loaded.filter((path) => path.startsWith('@temporalio/'))).toEqual([]);
});
