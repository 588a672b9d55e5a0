import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

// The package as npm would publish it, installed in a folder of its own without any registry: it brings all that it needs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 180_000 });

const project = fileURLToPath(new URL('..', import.meta.url));
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

describe('the packed package', () => {
  it('installs nothing but itself', () => {
    expect(readdirSync(join(elsewhere, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['kplay']);
  });

  it('holds playbooks, schemas, documents and the licences of what is bundled, and no sources', () => {
    for (const path of ['playbooks/renew-certs.yml', 'schemas/playbook.schema.json', 'docs/exit-codes.md', 'README.md'])
      expect(existsSync(join(installed, path)), path).toBe(true);
    for (const path of ['src', 'test', '.ci']) expect(existsSync(join(installed, path)), path).toBe(false);
    expect(readFileSync(join(installed, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8')).toContain('ssh2-promise');
  });

  it('knows its version, its steps and its playbooks', () => {
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    expect(kplay('--version').trim()).toBe(version);
    expect(kplay('steps')).toContain('certs.regenerate');
    expect(kplay('validate', 'renew-certs.yml', '-i', 'm1,')).toMatch(/^renew-certs\.yml: 1 play, 8 tasks, 1 host\./);
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
  });
});
