// release.mjs [DIRECTORY]: makes all that a release consists of in DIRECTORY, or build/release: the archive for npm, and on Linux a
// tree with the single executable, as an archive and as packages for Debian and RPM (dpkg-deb, rpmbuild); what they are made of
// (CycloneDX), and the checksums. The same commit and the same Node.js give the same bytes: times are that of the commit.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { version } from './bundle.mjs';
import { debPackage, rpmPackage } from './packages.mjs';
import { nodeComponent } from './sbom.mjs';

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
writeFileSync(join(out, `kplay-${version}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`);
if (process.platform === 'linux') {
  const root = tree(join(work, 'root'));
  const name = `kplay-${version}-linux-${process.arch}`;
  writeFileSync(
    join(out, `${name}.cdx.json`),
    `${JSON.stringify({ ...bill, components: [...bill.components, nodeComponent()] }, null, 2)}\n`,
  );
  const archive = join(out, `${name}.tar`);
  const owner = ['--sort=name', '--format=gnu', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${epoch}`];
  run('tar', ...owner, '-C', join(root, 'usr'), '-cf', archive, '.');
  run('gzip', '-n', archive);
  debPackage({ root, out, work, version });
  rpmPackage({ root, out, work, version });
}
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

/** What is installed, as it lies below /. */
function tree(root) {
  const at = (...path) => {
    const full = join(root, ...path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  };
  const kplay = at('usr/bin/kplay');
  run('node', 'scripts/executable.mjs', join(work, 'kplay'));
  renameSync(join(work, 'kplay'), kplay);
  const date = new Date(Number(epoch) * 1000).toISOString().slice(0, 10);
  const man = at('usr/share/man/man1');
  run('node', 'scripts/run-ts.mjs', 'scripts/generate-man.ts', man, version, date);
  for (const page of readdirSync(man)) run('gzip', '-9n', join(man, page));
  writeFileSync(at('usr/share/bash-completion/completions/kplay'), run(kplay, 'completion', 'bash'));
  writeFileSync(at('usr/share/zsh/site-functions/_kplay'), run(kplay, 'completion', 'zsh'));
  writeFileSync(at('usr/share/fish/vendor_completions.d/kplay.fish'), run(kplay, 'completion', 'fish'));
  for (const path of ['playbooks', 'inventories', 'schemas', 'docs', 'README.md', 'CHANGELOG.md', 'SECURITY.md'])
    cpSync(path, at('usr/share/doc/kplay', path), { recursive: true });
  writeFileSync(at('usr/share/doc/kplay/copyright'), copyright());
  return root;
}

/** The licences of kplay, of what is bundled with it, and of the Node.js in the executable. */
function copyright() {
  const own = readFileSync('LICENSE', 'utf8');
  const others = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8');
  const text = `${own}\n${'-'.repeat(80)}\n${others}Node.js ${process.version}\n\n${nodeLicense()}`;
  return text.replaceAll('\r', '');
}

function nodeLicense() {
  const beside = join(dirname(process.execPath), '..');
  const places = [process.env.NODE_LICENSE, join(beside, 'LICENSE'), join(beside, 'share/doc/nodejs/LICENSE')];
  const found = places.find((path) => path && existsSync(path));
  if (!found) throw new Error('the licence of Node.js has to go with it: NODE_LICENSE=FILE names it');
  return readFileSync(found, 'utf8');
}

function run(program, ...words) {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
