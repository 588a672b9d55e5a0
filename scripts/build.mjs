// Bundles kplay into a directory, dist/ unless another is named: one file to start, parts that are loaded when a command needs them.
import { rmSync, writeFileSync } from 'node:fs';
import { bundle, licenses, packagesIn } from './bundle.mjs';
import { sbom } from './sbom.mjs';
import { bundleWorkflows } from './temporal-workflows.mjs';

const [outdir = 'dist'] = process.argv.slice(2);
rmSync(outdir, { recursive: true, force: true });
const metafile = await bundle({
  entryPoints: { kplay: 'src/cli/main.ts', 'simulation-tools': 'src/simulation/tools/main.ts' },
  outdir,
  splitting: true,
  format: 'esm',
  chunkNames: 'parts/[name]-[hash]',
  banner: {
    // CommonJS modules in the bundle ask for these.
    js: [
      "import { createRequire as kplayCreateRequire } from 'node:module';",
      "import { dirname as kplayDirname } from 'node:path';",
      "import { fileURLToPath as kplayFileUrl } from 'node:url';",
      'const require = kplayCreateRequire(import.meta.url);',
      'const __filename = kplayFileUrl(import.meta.url);',
      'const __dirname = kplayDirname(__filename);',
    ].join('\n'),
  },
});
const workflows = await bundleWorkflows(`${outdir}/temporal-workflows.cjs`);
const packages = [...new Set([...packagesIn(metafile), ...workflows])].sort();
writeFileSync(`${outdir}/THIRD-PARTY-LICENSES.txt`, licenses(packages));
writeFileSync(`${outdir}/kplay.cdx.json`, sbom(packages));
