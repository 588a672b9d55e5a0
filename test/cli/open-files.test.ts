import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bundleProgram, PROJECT, programOf } from './support/bundled-program.ts';
import { Controller } from './support/controller.ts';

vi.setConfig({ testTimeout: 120_000 });

const PROGRAM = programOf('open-files');

let controller: Controller;
beforeAll(async () => {
  await bundleProgram('open-files');
  controller = new Controller();
});
afterAll(() => controller.close());

it('hosts for which this machine may open no more files are unreachable, and nothing else is ended', async () => {
  const lines = Array.from({ length: 100 }, (_, index) => {
    const root = join(controller.directory, `h${index}`);
    mkdirSync(root);
    return `h${index} ansible_connection=local kplay_rootfs=${root}\n`;
  });
  const inventory = controller.file('many.ini', lines.join(''));
  const playbook = controller.file('play.yml', '- { hosts: all, tasks: [{ copy: { dest: /made, content: x } }] }\n');
  // Its own process group: without a pid, a kill of what was not started would end that, and with it the shell.
  const script = `ulimit -n 128; node "$1" run "$2" -i "$3" -f 100; echo "ended with $?"`;
  const child = spawn('sh', ['-c', script, 'sh', PROGRAM, playbook, inventory], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, XDG_STATE_HOME: join(controller.directory, 'state'), HOME: controller.home },
  });
  const said = await text(child.stdout);
  expect(said).toMatch(/^ended with 4$/m);
  expect(said).toContain('unreachable: this machine cannot open another connection: too many files are open\n');
  expect(said).toMatch(/What to do: raise its limit of open files \(ulimit -Hn\)/);
  expect(said).toMatch(/^h0 +: ok=1 +changed=1 /m);
});

it('so say a hook and a simulated host that cannot start a process, a port that cannot be dialled and signals that cannot be read', () => {
  const script = 'ulimit -n 256; node scripts/run-ts.mjs test/cli/support/without-files.ts';
  const { status, stdout } = spawnSync('sh', ['-c', script], { cwd: PROJECT, encoding: 'utf8' });
  expect(stdout.split('\n')).toEqual([
    'EMFILE: spawn true EMFILE',
    'forbidden: too many files are open',
    expect.stringMatching(
      /^the signals to this run cannot be read: too many files are open; raise the limit of open files /,
    ),
    '127: spawn /bin/sh EMFILE',
    '',
  ]);
  expect(status).toBe(0);
});
