import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SUMMARY = 'renews the certificates of kubeadm clusters';
const DESCRIPTION = [
  'Brings clusters back whose certificates have expired, and renews those of',
  'clusters that are alive. Needs nothing on the hosts but sshd and a POSIX shell.',
];
/** `NAME`, or `NAME <ADDRESS>` where the project has one. */
const { author: MAINTAINER } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** How distributions call what Node.js calls x64 and arm64. */
const DEB = { x64: 'amd64', arm64: 'arm64' };
const RPM = { x64: 'x86_64', arm64: 'aarch64' };

/** A version before a release, such as `1.0.0-rc.1`, as both say it: what follows a tilde comes before the release, and rpm takes no hyphen. */
function packaged(version) {
  return version.replaceAll('-', '~');
}

/**
 * What lintian finds, and what stays: the project has no address for mail; nothing may be taken away from an executable into which
 * kplay is written, and it is built as Node.js is; licences stand in full, as others have written them.
 */
const LINTIAN = [
  ...['malformed-contact', 'bogus-mail-host-in-debian-changelog'],
  ...['unstripped-binary-or-object', 'embedded-library', 'hardening-no-pie'],
  ...['copyright-file-contains-full-apache-2-license', 'copyright-file-contains-full-gpl-license'],
  ...['copyright-not-using-common-license-for-lgpl', 'old-fsf-address-in-copyright-file'],
];

/** A package for Debian and its kin. Times are SOURCE_DATE_EPOCH at the latest. */
export async function debPackage({ root, architecture: node, out, work, version }) {
  const architecture = DEB[node];
  const tree = join(work, 'deb');
  cpSync(root, tree, { recursive: true });
  // Debian has a directory of its own for what packages bring.
  mkdirSync(join(tree, 'usr/share/zsh/vendor-completions'));
  renameSync(join(tree, 'usr/share/zsh/site-functions/_kplay'), join(tree, 'usr/share/zsh/vendor-completions/_kplay'));
  rmdirSync(join(tree, 'usr/share/zsh/site-functions'));
  const overrides = join(tree, 'usr/share/lintian/overrides/kplay');
  mkdirSync(dirname(overrides), { recursive: true });
  writeFileSync(overrides, LINTIAN.map((tag) => `kplay: ${tag}\n`).join(''));
  const changelog = join(tree, 'usr/share/doc/kplay/changelog');
  writeFileSync(changelog, debianChangelog(version));
  await run('gzip', ['-9n', changelog]);
  // dpkg --verify compares files with them.
  const sums = filesBelow(tree).map((path) => `${digest(join(tree, path))}  ${path}\n`);
  mkdirSync(join(tree, 'DEBIAN'));
  writeFileSync(join(tree, 'DEBIAN/md5sums'), sums.join(''));
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    [
      'Package: kplay',
      `Version: ${packaged(version)}`,
      `Architecture: ${architecture}`,
      `Maintainer: ${MAINTAINER}`,
      'Section: admin',
      'Priority: optional',
      'Depends: libc6 (>= 2.28), libstdc++6 (>= 8)',
      'Recommends: openssh-client',
      `Description: ${SUMMARY}`,
      ...DESCRIPTION.map((line) => ` ${line}`),
      '',
    ].join('\n'),
  );
  const file = join(out, `kplay_${packaged(version)}_${architecture}.deb`);
  await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z6', '--build', tree, file]);
}

/** Debian's own form; what has changed stands in CHANGELOG.md. */
function debianChangelog(version) {
  const date = new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000).toUTCString().replace('GMT', '+0000');
  const head = `kplay (${packaged(version)}) unstable; urgency=medium`;
  return `${head}\n\n  * CHANGELOG.md tells what has changed.\n\n -- ${MAINTAINER} <>  ${date}\n`;
}

function filesBelow(directory) {
  return readdirSync(directory, { recursive: true })
    .filter((path) => statSync(join(directory, path)).isFile())
    .sort();
}

function digest(file) {
  return createHash('md5').update(readFileSync(file)).digest('hex');
}

/** A package for Fedora, RHEL, SUSE and their kin. */
export async function rpmPackage({ root, architecture: node, out, work, version }) {
  const architecture = RPM[node];
  const spec = join(work, 'kplay.spec');
  writeFileSync(
    spec,
    `Name: kplay
Version: ${packaged(version)}
Release: 1
Summary: ${SUMMARY}
License: MIT
# The packages of libraries have other names in each distribution: those that the program asks for are named by rpmbuild.
AutoProv: no
# What is written into the executable is no part of its program: strip would take it away.
%global __os_install_post %{nil}
%global debug_package %{nil}
%global _build_id_links none
%description
${DESCRIPTION.join('\n')}
%install
cp -a ${root}/. %{buildroot}
%files
/usr/bin/kplay
/usr/share/man/man1/*
/usr/share/bash-completion/completions/kplay
/usr/share/zsh/site-functions/_kplay
/usr/share/fish/vendor_completions.d/kplay.fish
%doc /usr/share/doc/kplay
`,
  );
  const definitions = {
    _topdir: join(work, 'rpm'),
    _buildhost: 'localhost',
    _binary_payload: 'w6.gzdio',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    _docdir: '/usr/share/doc',
  };
  const words = Object.entries(definitions).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  await run('rpmbuild', ['-bb', '--quiet', '--target', architecture, ...words, spec]);
  const made = join(work, 'rpm/RPMS', architecture);
  for (const file of readdirSync(made)) renameSync(join(made, file), join(out, file));
}
