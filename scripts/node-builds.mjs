import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The Node.js in the executables of a release, whichever runs the script: what a release holds stands in its commit. */
export const NODE_VERSION = '24.21.0';

/**
 * The digests of the registry's packages with the builds of nodejs.org, by architecture. Another version gets those that
 * `npm view node-linux-ARCHITECTURE@VERSION dist.integrity` says.
 */
const INTEGRITY = {
  arm64: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  x64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
};

export const ARCHITECTURES = Object.keys(INTEGRITY);

/**
 * Fetches the build for an architecture of Linux into a directory, by npm, which keeps it for the next time.
 * @throws {Error} when it is not what it was when its digest was written down.
 */
export async function nodeBuild(architecture, directory) {
  const name = `node-linux-${architecture}`;
  const integrity = INTEGRITY[architecture];
  mkdirSync(directory, { recursive: true });
  const words = ['pack', `${name}@${NODE_VERSION}`, '--prefer-offline', '--silent', '--pack-destination', directory];
  await promisify(execFile)('npm', words);
  const archive = join(directory, `${name}-${NODE_VERSION}.tgz`);
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name}@${NODE_VERSION} is ${found}, not ${integrity}`);
  await promisify(execFile)('tar', ['-xzf', archive, '-C', directory, 'package/bin/node', 'package/LICENSE']);
  return {
    architecture,
    executable: join(directory, 'package/bin/node'),
    license: readFileSync(join(directory, 'package/LICENSE'), 'utf8'),
    from: { url: `pkg:npm/${name}@${NODE_VERSION}`, integrity },
  };
}
