import { readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Bundles parts of kplay for a Node.js alone: what all bundles have in common. @param own options of esbuild besides. */
export async function bundle({ define, plugins = [], ...own }) {
  const { metafile } = await build({
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    // Node.js shows the line in which a program has crashed.
    lineLimit: 160,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    define: { KPLAY_VERSION: JSON.stringify(version), ...define },
    plugins: [validatorsInsteadOfCompiler, ...REPLACED.map(replacing), ...plugins],
    ...own,
  });
  return metafile;
}

const validatorsInsteadOfCompiler = {
  name: 'validators-instead-of-compiler',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\/schema-compiler\.ts$/ }, () => ({ path: 'validators.cjs', namespace: 'made' }));
    onLoad({ filter: /^validators\.cjs$/, namespace: 'made' }, async () => ({
      contents: await validatorsModule(),
      resolveDir: resolve('scripts'),
    }));
  },
};

/** Parts of packages, what a build has instead, and, where that is not for all, who asks for them. */
const REPLACED = [
  // WebAssembly, which is made ready at each start, also for the many hosts that agree on another cipher.
  [/\/crypto\/poly1305\.js$/, 'poly1305.cjs'],
  [/^cpu-features$|\/sshcrypto\.node$/, 'no-native.cjs'],
  // Loads http, https and all that they need.
  [/^\.\/http-agents\.js$/, 'unused-part.cjs'],
  [/^@heroku\/socksv5$/, 'unused-part.cjs'],
  // Commands that are programs of their own, and an agent on Windows.
  [/^(?:node:)?child_process$/, 'unused-part.cjs', /\/node_modules\/(?:commander|ssh2)\/lib\//],
  // Questions on the terminal.
  [/^readline$/, 'unused-part.cjs', /\/node_modules\/ssh2-promise\/lib\//],
  // LOG_TOKENS and LOG_STREAM of the environment: it was read sixty thousand times for two thousand hosts.
  [/^process$/, 'no-debugging.cjs', /\/node_modules\/yaml\/dist\//],
];

function replacing([filter, file, importers = /^/]) {
  return {
    name: `replacing-${filter}`,
    setup: ({ onResolve }) =>
      onResolve({ filter }, ({ importer }) =>
        importers.test(importer) ? { path: resolve('scripts', file) } : undefined,
      ),
  };
}

/** What scripts/validators.ts makes, which is TypeScript. */
async function validatorsModule() {
  const outfile = resolve(`node_modules/.cache/kplay/validators-${process.pid}.mjs`);
  await build({
    entryPoints: ['scripts/validators.ts'],
    bundle: true,
    outfile,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    define: { KPLAY_VERSION: JSON.stringify(version) },
  });
  try {
    return await (await import(pathToFileURL(outfile).href)).validatorsModule();
  } finally {
    rmSync(outfile, { force: true });
  }
}

/** The packages of which something is in a bundle, by name. */
export function packagesIn({ inputs }) {
  const names = Object.keys(inputs).flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** The licences of packages, one after another, as they want to be told with every copy. */
export function licenses(names) {
  return names.map(licenseOf).join('\n');
}

/** The licence of a package, as SPDX names it; undefined when its package.json does not say. */
export function licenseNameOf(name) {
  const { license, licenses: several } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return license ?? several?.map(({ type }) => type).join(' OR ');
}

function licenseOf(name) {
  const folder = `node_modules/${name}`;
  const info = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const license = licenseNameOf(name) ?? 'see its files';
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE', 'License.md', 'LICENSE-MIT']) {
    try {
      return `${name} ${info.version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n\n${'-'.repeat(80)}\n`;
    } catch {
      // The next name, then.
    }
  }
  return `${name} ${info.version} (${license})\n\n${'-'.repeat(80)}\n`;
}
