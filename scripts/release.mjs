// release.mjs [DIRECTORY]: makes all that a release consists of in DIRECTORY, or build/release: the archive for npm, and, when it runs
// on Linux, for Linux and macOS on x64 and arm64 a tree with the single executable, as an archive, for Linux also as packages for
// Debian and RPM (dpkg-deb, rpmbuild); what they are made of (CycloneDX), and the checksums. The same commit and the same npm give
// the same bytes: times are that of the commit.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { archive } from './archive.mjs';
import { version } from './bundle.mjs';
import { nodeBuilds, runningNode } from './node-builds.mjs';
import { debPackage, rpmPackage } from './packages.mjs';
import { nodeComponent } from './sbom.mjs';
import { programBlob, writeExecutable } from './single-executable.mjs';

const out = resolve(process.argv[2] ?? 'build/release');
const work = join(out, 'work');
const epoch = process.env.SOURCE_DATE_EPOCH ?? run('git', 'log', '-1', '--format=%ct').trim();
process.env.SOURCE_DATE_EPOCH = epoch;
process.umask(0o022);
rmSync(out, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

run('node', 'scripts/build.mjs');
if (!existsSync('dist/temporal-workflows.cjs')) throw new Error('a release holds the workflow for Temporal');
run('npm', 'pack', '--ignore-scripts', '--pack-destination', out);
const bill = JSON.parse(readFileSync('dist/kplay.cdx.json', 'utf8'));
writeBill(`kplay-${version}`, bill.components);
if (process.platform === 'linux') await releaseExecutables();
rmSync(work, { recursive: true });
const files = readdirSync(out).sort();
const sums = files.map(
  (file) =>
    `${createHash('sha256')
      .update(readFileSync(join(out, file)))
      .digest('hex')}  ${file}\n`,
);
writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
console.log(sums.join('').trimEnd());

async function releaseExecutables() {
  const builds = await nodeBuilds(join(work, 'node'));
  const blobs = new Map();
  for (const platform of new Set(builds.map((build) => build.platform))) {
    const node = await runningNode(platform, join(work, 'running', platform));
    blobs.set(platform, await programBlob(node, join(work, 'blob')));
  }
  const roots = new Map();
  for (const build of builds) {
    const root = join(work, 'root', `${build.platform}-${build.architecture}`);
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    await writeExecutable(join(root, 'usr/bin/kplay'), { ...build, node: build.executable }, blobs.get(build.platform));
    roots.set(build, root);
  }
  const own = builds.find(({ platform, architecture }) => platform === 'linux' && architecture === process.arch);
  const share = sharedFiles(join(roots.get(own), 'usr/bin/kplay'));
  await Promise.all(
    builds.flatMap((build) => {
      const { platform, architecture } = build;
      const root = roots.get(build);
      cpSync(share, join(root, 'usr/share'), { recursive: true });
      writeFileSync(join(root, 'usr/share/doc/kplay/copyright'), copyright(build));
      const name = `kplay-${version}-${platform}-${architecture}`;
      writeBill(name, [...bill.components, nodeComponent(build.version, build.from)]);
      const archived = archive(join(out, `${name}.tar`), join(root, 'usr'), epoch);
      if (platform !== 'linux') return [archived];
      const parts = { root, architecture, out, work: join(work, architecture), version };
      mkdirSync(parts.work);
      return [archived, debPackage(parts), rpmPackage(parts)];
    }),
  );
}

function writeBill(name, components) {
  writeFileSync(join(out, `${name}.cdx.json`), `${JSON.stringify({ ...bill, components }, null, 2)}\n`);
}

/** What is installed below /usr/share, whatever the architecture. @param kplay a program that runs here */
function sharedFiles(kplay) {
  const share = join(work, 'share');
  const at = (...path) => {
    const full = join(share, ...path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  };
  const date = new Date(Number(epoch) * 1000).toISOString().slice(0, 10);
  const man = at('man/man1');
  run('node', 'scripts/run-ts.mjs', 'scripts/generate-man.ts', man, version, date);
  for (const page of readdirSync(man)) run('gzip', '-9n', join(man, page));
  writeFileSync(at('bash-completion/completions/kplay'), run(kplay, 'completion', 'bash'));
  writeFileSync(at('zsh/site-functions/_kplay'), run(kplay, 'completion', 'zsh'));
  writeFileSync(at('fish/vendor_completions.d/kplay.fish'), run(kplay, 'completion', 'fish'));
  for (const path of ['playbooks', 'inventories', 'schemas', 'docs', 'README.md', 'CHANGELOG.md', 'SECURITY.md'])
    cpSync(path, at('doc/kplay', path), { recursive: true });
  return share;
}

/** The licences of kplay, of what is bundled with it, and of the Node.js in the executable. */
function copyright({ license, version: node }) {
  const own = readFileSync('LICENSE', 'utf8');
  const others = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8');
  const text = `${own}\n${'-'.repeat(80)}\n${others}Node.js v${node}\n\n${license}`;
  return text.replaceAll('\r', '');
}

function run(program, ...words) {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
