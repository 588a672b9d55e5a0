import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** Where the program of a test stands: below the project's own modules, which it loads. */
export const programOf = (test: string): string => join(PROJECT, `node_modules/.cache/kplay/${test}-test/kplay.mjs`);

/** Bundles the program for a test that starts it as a process of its own. */
export async function bundleProgram(test: string): Promise<void> {
  await build({
    entryPoints: [join(PROJECT, 'src/cli/main.ts')],
    outfile: programOf(test),
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    define: { KPLAY_VERSION: '"0.0.0"' },
  });
}
