// Bundles kplay into dist/: one file to start, parts that are loaded when a command needs them.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync('dist', { recursive: true, force: true });
const result = await build({
  entryPoints: { kplay: 'src/cli/main.ts', 'simulation-tools': 'src/simulation/tools/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  chunkNames: 'parts/[name]-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  define: { KPLAY_VERSION: JSON.stringify(version) },
  // ssh2-promise loads a SOCKS proxy that kplay never starts, from a path that a bundle does not have.
  alias: { '@heroku/socksv5': './scripts/no-socks.cjs' },
  // ssh2's optional native parts: it does without them.
  external: ['cpu-features', './crypto/build/Release/sshcrypto.node'],
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
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', licenses(Object.keys(result.metafile.inputs)));

/** The licences of what went into the bundle. */
function licenses(inputs) {
  const names = new Set();
  for (const input of inputs) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) names.add(match[1]);
  }
  return [...names].sort().map(licenseOf).join('\n');
}

function licenseOf(name) {
  const folder = `node_modules/${name}`;
  const info = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const license = info.license ?? info.licenses?.map(({ type }) => type).join(' OR ') ?? 'see its files';
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE', 'License.md', 'LICENSE-MIT']) {
    try {
      return `${name} ${info.version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n\n${'-'.repeat(80)}\n`;
    } catch {
      // The next name, then.
    }
  }
  return `${name} ${info.version} (${license})\n\n${'-'.repeat(80)}\n`;
}
