import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Controller } from './cli/support/controller.ts';

const script = (name: string) => import(new URL(`../scripts/${name}.mjs`, import.meta.url).href);
const { archive }: { archive(file: string, directory: string, epoch: number): Promise<void> } = await script('archive');
const { runningNode }: { runningNode(platform: string, directory: string): Promise<string> } =
  await script('node-builds');

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
});
afterAll(() => controller.close());

describe('the archive of a release', () => {
  it('leaves directories that are there as they are', async () => {
    const source = join(controller.directory, 'source');
    mkdirSync(join(source, 'share/man'), { recursive: true });
    writeFileSync(join(source, 'kplay'), 'a program');
    writeFileSync(join(source, 'share/man/kplay.1'), 'a page');
    const file = join(controller.directory, 'release.tar');
    await archive(file, source, 0);
    expect(execFileSync('tar', ['-tzf', `${file}.gz`], { encoding: 'utf8' })).toBe('./kplay\n./share/man/kplay.1\n');
    const target = join(controller.directory, 'target');
    mkdirSync(join(target, 'share'), { recursive: true, mode: 0o700 });
    execFileSync('tar', ['-xzf', `${file}.gz`, '-C', target]);
    expect(statSync(join(target, 'share')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(target, 'share/man/kplay.1'), 'utf8')).toBe('a page');
  });
});

describe('a Node.js that cannot be fetched', () => {
  afterAll(() => vi.unstubAllEnvs());

  it('is reported with the reason', async () => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9/');
    vi.stubEnv('npm_config_cache', join(controller.directory, 'cache'));
    vi.stubEnv('npm_config_fetch_retries', '0');
    await expect(runningNode('linux', join(controller.directory, 'node'))).rejects.toThrow(/ECONNREFUSED/);
  });
});
