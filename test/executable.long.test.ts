import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PROJECT } from './cli/support/bundled-program.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

// kplay as one file, alone in a directory of its own.
let elsewhere: string;

beforeAll(() => {
  elsewhere = mkdtempSync(join(tmpdir(), 'kplay-executable-'));
  mkdirSync(join(elsewhere, 'work'));
  execFileSync(process.execPath, ['scripts/executable.mjs', join(elsewhere, 'kplay')], { cwd: PROJECT, stdio: 'pipe' });
});
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

function kplay(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(elsewhere, 'kplay'), words, {
    cwd: join(elsewhere, 'work'),
    env: { PATH: '/usr/bin:/bin', HOME: elsewhere, NO_COLOR: '1' },
    encoding: 'utf8',
  });
  return { exitCode: status, stdout, stderr };
}

describe('the single executable', () => {
  it('knows its version, its steps and its playbooks', () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    expect(kplay('--version')).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
    expect(kplay('steps').stdout).toContain('certs.regenerate');
    expect(kplay('__complete', 'run', 'renew')).toMatchObject({ stdout: 'renew-certs.yml\n:files\n' });
    const { stdout, stderr } = kplay('validate', 'renew-certs.yml', '-i', 'm1,');
    expect(stdout).toMatch(/^renew-certs\.yml: 1 play, 8 tasks, 1 host\./);
    expect(stderr).toBe('Using the renew-certs.yml that is built into kplay\n');
    expect(kplay('validate', 'no-such.yml', '-i', 'm1,')).toMatchObject({ exitCode: 1 });
  });

  it.skipIf(spawnSync('unshare', ['-rm', 'true']).status !== 0)('runs where there is no /proc', () => {
    const script = `mount --bind "${elsewhere}/work" /proc && test ! -e /proc/self && PATH="${elsewhere}:$PATH" kplay steps`;
    const { status, stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('certs.regenerate');
  });

  it('keeps what it has compiled, as the package does', () => {
    kplay('validate', 'renew-certs.yml', '-i', 'm1,');
    const directory = join(elsewhere, '.cache/kplay/compiled');
    const [name = ''] = readdirSync(directory).filter((one) => /^validate-.*(?<!-part)$/.test(one));
    const file = join(directory, name);
    const written = (): bigint => statSync(file, { bigint: true }).ino;
    const first = written();
    expect(statSync(file).size).toBeGreaterThan(100_000);
    expect(kplay('validate', 'renew-certs.yml', '-i', 'm1,')).toMatchObject({ exitCode: 0 });
    expect(written()).toBe(first);
  });

  it('shows places in the sources in the stack of a bug', () => {
    const broken = join(elsewhere, 'broken.cjs');
    writeFileSync(
      broken,
      "require('node:fs').existsSync = (path) => {\n  if (path.endsWith('certs.yml')) throw new TypeError('broken');\n};\n",
    );
    const { status, stderr } = spawnSync(join(elsewhere, 'kplay'), ['validate', 'renew-certs.yml', '-i', 'm1,'], {
      cwd: join(elsewhere, 'work'),
      env: { HOME: elsewhere, NODE_OPTIONS: `--require "${broken}"`, KPLAY_DEBUG: '1' },
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/\n +at (?:.* \()?src\/cli\/inputs\/playbook-files\.ts:\d+:\d+\)?\n/);
    expect(status).toBe(5);
  });

  it('takes a file of that name that is there instead', () => {
    const own = join(elsewhere, 'work', 'renew-certs.yml');
    writeFileSync(own, '- hosts: all\n  tasks:\n    - certs.check: {}\n');
    expect(kplay('validate', 'renew-certs.yml', '-i', 'm1,').stdout).toContain('1 play, 1 task, 1 host.');
    rmSync(own);
  });

  it('resumes a run of a playbook that is inside it, which is one of the files that may not have changed', () => {
    writeFileSync(
      join(elsewhere, 'work', 'closed.yml'),
      'all: { hosts: { m1: { ansible_host: 127.0.0.1, ansible_port: 1 } } }\n',
    );
    expect(kplay('run', 'renew-certs.yml', '-i', 'closed.yml', '--timeout', '2')).toMatchObject({ exitCode: 4 });
    const journals = execFileSync('find', [join(elsewhere, '.local'), '-name', 'journal.ndjson'], { encoding: 'utf8' });
    const [journal = ''] = journals.split('\n');
    expect(readFileSync(journal, 'utf8')).toContain(`"${elsewhere}/kplay/playbooks/renew-certs.yml":"`);
    expect(kplay('resume', 'last')).toMatchObject({ exitCode: 4 });
  });

  it('calls a playbook that is inside it by its name, and not by a path that is none', () => {
    const root = join(elsewhere, 'root');
    mkdirSync(root, { recursive: true });
    writeFileSync(join(elsewhere, 'work', 'own.ini'), `m1 ansible_connection=local kplay_rootfs=${root}\n`);
    const said = kplay('plan', 'renew-certs.yml', '-i', 'own.ini', '--out', 'own.kplan', '-o', 'json');
    expect(said.stdout).toContain('"file":"renew-certs.yml (built in)"');
    expect(said.stdout).not.toContain('/kplay/playbooks');
    expect(kplay('show', 'own.kplan').stdout).toMatch(/^Plan of renew-certs\.yml \(built in\) for 1 host/);
    const applied = kplay('apply', 'own.kplan', '-o', 'json');
    expect(applied.exitCode).toBe(0);
    expect(applied.stdout).not.toContain('/kplay/playbooks');
  });

  it('says that it has no part for Temporal', () => {
    const { exitCode, stderr } = kplay('worker', 'renew-certs.yml', '-i', 'm1,', '--engine', 'temporal://127.0.0.1:1');
    expect(stderr).toContain('the single executable does not support Temporal\n  install kplay with npm for that');
    expect(exitCode).toBe(1);
  });

  it('runs the demo, whose hosts have it for their programs', () => {
    const { stdout, stderr, exitCode } = kplay('demo', '--masters', '1');
    expect(stderr).not.toContain('(node:');
    expect(exitCode).toBe(0);
    expect(stdout.match(/^demo-m\d : ok=\d+ +changed=0 /gm)).toHaveLength(1);
  });
});
