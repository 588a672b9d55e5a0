// executable.mjs [FILE]: makes FILE, or build/kplay: a single executable for the system that this runs on, with Node.js and the
// playbooks inside. It is the Node.js that runs this script, with kplay written into it: https://nodejs.org/docs/latest-v20.x/api/single-executable-applications.html
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { inject } from 'postject';
import { bundle } from './bundle.mjs';

const EXECUTABLE = process.argv[2] ?? 'build/kplay';
const WORK = `${EXECUTABLE}.work`;

rmSync(WORK, { recursive: true, force: true });
rmSync(EXECUTABLE, { force: true });
mkdirSync(WORK, { recursive: true });
await bundle({
  entryPoints: ['src/cli/executable.ts'],
  outfile: `${WORK}/kplay.cjs`,
  format: 'cjs',
  define: { KPLAY_PLAYBOOKS: JSON.stringify(readdirSync('playbooks')) },
  external: [],
  plugins: [
    {
      name: 'no-native',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^cpu-features$|\/sshcrypto\.node$/ }, () => ({ path: resolve('scripts/no-native.cjs') })),
    },
  ],
  // It asks for its own place only where it is no executable.
  logOverride: { 'empty-import-meta': 'silent' },
});
const playbooks = readdirSync('playbooks').map((name) => `playbooks/${name}`);
writeFileSync(
  `${WORK}/config.json`,
  JSON.stringify({
    // Its name stands in the executable: without its directory that is the same wherever it is made.
    main: 'kplay.cjs',
    output: 'kplay.blob',
    disableExperimentalSEAWarning: true,
    assets: Object.fromEntries(playbooks.map((path) => [path, resolve(path)])),
  }),
);
execFileSync(process.execPath, ['--experimental-sea-config', 'config.json'], {
  cwd: WORK,
  stdio: ['ignore', 'ignore', 'inherit'],
});

const isMac = process.platform === 'darwin';
copyFileSync(process.execPath, EXECUTABLE);
chmodSync(EXECUTABLE, 0o755);
// What is signed may not be changed, and what is not signed does not start there.
if (isMac) execFileSync('codesign', ['--remove-signature', EXECUTABLE]);
await inject(EXECUTABLE, 'NODE_SEA_BLOB', readFileSync(`${WORK}/kplay.blob`), {
  sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
  ...(isMac && { machoSegmentName: 'NODE_SEA' }),
});
if (isMac) execFileSync('codesign', ['--sign', '-', EXECUTABLE]);
rmSync(WORK, { recursive: true });
console.log(
  `${EXECUTABLE}: ${Math.round(statSync(EXECUTABLE).size / 1e6)} MB, ${process.platform} ${process.arch}, Node.js ${process.version}`,
);
