import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inject } from 'postject';
import { signAdHoc } from './macho-signature.mjs';
import { bundleProgram, bundleStart } from './program.mjs';

/** As src/cli/program-file.ts asks for it, and src/cli/output/source-stack.ts for the other. */
const PROGRAM = 'program.cjs';
const MAP = `${PROGRAM}.map`;

/**
 * kplay and its playbooks, as a Node.js that they are written into reads them:
 * https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html
 * Neither a snapshot nor compiled code is in it, so that every architecture can read it.
 * @param node a Node.js of the same version
 * @param work a directory that is made for the time being
 */
export async function programBlob(node, work) {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const program = join(work, PROGRAM);
  await bundleProgram(program, {
    define: { KPLAY_PLAYBOOKS: JSON.stringify(readdirSync('playbooks')) },
  });
  await bundleStart('src/cli/main.ts', join(work, 'kplay.cjs'), program);
  const playbooks = readdirSync('playbooks').map((name) => `playbooks/${name}`);
  writeFileSync(
    join(work, 'config.json'),
    JSON.stringify({
      // Its name stands in the executable: without its directory that is the same wherever it is made.
      main: 'kplay.cjs',
      output: 'kplay.blob',
      disableExperimentalSEAWarning: true,
      assets: {
        [PROGRAM]: PROGRAM,
        [MAP]: MAP,
        ...Object.fromEntries(playbooks.map((path) => [path, resolve(path)])),
      },
    }),
  );
  execFileSync(node, ['--experimental-sea-config', 'config.json'], {
    cwd: work,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const blob = readFileSync(join(work, 'kplay.blob'));
  rmSync(work, { recursive: true });
  return blob;
}

/**
 * Makes an executable: a Node.js into which a blob is written.
 * @param platform of the Node.js, as `process.platform` has it.
 */
export async function writeExecutable(file, { node, platform }, blob) {
  const isMac = platform === 'darwin';
  copyFileSync(node, file);
  chmodSync(file, 0o755);
  await inject(file, 'NODE_SEA_BLOB', blob, {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
    ...(isMac && { machoSegmentName: 'NODE_SEA' }),
  });
  // The signature of the Node.js is gone: it does not fit any more.
  if (isMac) writeFileSync(file, signAdHoc(readFileSync(file), 'kplay'));
}
