import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { packagesIn } from './bundle.mjs';

/** Temporal's bundler tells what it does line by line. */
const QUIET = { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error };

/**
 * Bundles the rollout as Temporal's workers load it. The same sources give the same bytes, wherever they stand.
 * @param file where the bundle is written; it is left out, with a word, on systems for which Temporal has no native part (musl, 32 bits).
 * @returns the packages of which something is in it
 */
export async function bundleWorkflows(file) {
  const temporal = await import('@temporalio/worker').catch((error) => {
    console.warn(`${file} is left out, and kplay worker with it: ${error.message.split('\n')[0]}`);
  });
  if (!temporal) return [];
  const project = resolve(import.meta.dirname, '..');
  // Below the project, where Temporal's own modules are found; its bundler does not read TypeScript as it is written here.
  const cache = join(project, 'node_modules/.cache/kplay');
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'workflows-'));
  const plain = (text) => text.replaceAll(`${project}/`, '').replaceAll(basename(work), 'workflows');
  try {
    const entry = join(work, 'workflows.js');
    await build({
      entryPoints: [join(project, 'src/fleet/temporal/workflows.ts')],
      outfile: entry,
      bundle: true,
      format: 'esm',
      target: 'node20.19',
      external: ['@temporalio/*'],
      legalComments: 'none',
      logLevel: 'warning',
    });
    const { code } = await temporal.bundleWorkflowCode({ workflowsPath: entry, logger: QUIET });
    const [, program, encoded] = /^(.*)\/\/# sourceMappingURL=data:[^,]*,(\S+)\s*$/s.exec(code);
    // A worker wants the map. What the sources hold is there already.
    const { sourcesContent: _, ...map } = JSON.parse(Buffer.from(encoded, 'base64').toString());
    const sources = map.sources.map(plain);
    const small = Buffer.from(JSON.stringify({ ...map, file: basename(file), sources })).toString('base64');
    writeFileSync(file, `${plain(program)}//# sourceMappingURL=data:application/json;base64,${small}`);
    return packagesIn({ inputs: Object.fromEntries(sources.map((source) => [source, {}])) }).filter(
      (name) => !name.startsWith('.'),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
