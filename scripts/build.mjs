// Bundles kplay into a directory, dist/ unless another is named: a small file to start, and one with all commands.
import { rmSync, writeFileSync } from 'node:fs';
import { licenses, packagesIn } from './bundle.mjs';
import { bundleProgram, bundleStart } from './program.mjs';
import { sbom } from './sbom.mjs';
import { bundleWorkflows } from './temporal-workflows.mjs';

const [outdir = 'dist'] = process.argv.slice(2);
rmSync(outdir, { recursive: true, force: true });
const program = await bundleProgram(`${outdir}/program.cjs`);
const start = await bundleStart('src/cli/main.ts', `${outdir}/kplay.js`, `${outdir}/program.cjs`);
// The sources are modules, as the package.json above says.
writeFileSync(`${outdir}/package.json`, '{ "type": "commonjs" }\n');
const workflows = await bundleWorkflows(`${outdir}/temporal-workflows.cjs`);
const packages = [...new Set([...[program, start].flatMap(packagesIn), ...workflows])].sort();
writeFileSync(`${outdir}/THIRD-PARTY-LICENSES.txt`, licenses(packages));
writeFileSync(`${outdir}/kplay.cdx.json`, sbom(packages));
