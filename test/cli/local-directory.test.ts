import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';
import { MarkedFleet } from './support/marked-fleet.ts';

test('commands on this machine start in the directory of their own playbook, unless chdir says another', async () => {
  const controller = new Controller();
  try {
    const { inventory, root } = localHost(controller);
    const play = (...tasks: readonly string[]) =>
      `- hosts: here\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join('')}`;
    const away = `{ cmd: touch by-chdir, chdir: / }`;
    const here = play(
      'command: touch by-command',
      'shell: touch by-shell\n      delegate_to: localhost',
      `command: ${away}`,
    );
    const playbook = controller.file('site/play.yml', `${here}- import_playbook: parts/play.yml\n`);
    controller.file('site/parts/play.yml', play('command: touch imported'));
    const { exitCode, stdout } = await controller.run(['run', playbook, '-i', inventory, '-o', 'plain']);
    expect(exitCode, stdout).toBe(0);
    const places = ['site/by-command', 'site/by-shell', 'site/parts/imported'];
    expect(places.filter((path) => !existsSync(join(controller.directory, path)))).toEqual([]);
    expect(existsSync(join(root, 'by-chdir'))).toBe(true);
  } finally {
    controller.close();
  }
});

test('hooks and checks start in the directory of the file in which they are written', async () => {
  const site = new MarkedFleet();
  try {
    const fleet = site.fleet({ a: '' });
    const hook = (name: string) => `[{ command: ./tell.sh ${name} }]`;
    const head = `- hosts: all\n  on_start: ${hook('start')}\n  on_success: ${hook('success')}\n  on_failure: ${hook('failure')}\n`;
    const playbook = site.controller.file(
      'site/play.yml',
      `${head}  on_wave: ${hook('wave')}\n  tasks:\n    - copy: { content: x, dest: /tmp/mark }\n`,
    );
    const rollout = site.controller.file('waves/rollout.yml', 'checks: [{ command: ./tell.sh check, retries: 0 }]\n');
    for (const directory of ['site', 'waves']) {
      const script = site.controller.file(`${directory}/tell.sh`, '#!/bin/sh\n: > "told-$1"\n');
      chmodSync(script, 0o755);
    }
    const words = ['run', playbook, '-i', fleet, '--rollout', rollout];
    const { exitCode, stdout } = await site.controller.run(words);
    expect(exitCode, stdout).toBe(0);
    const told = ['site/told-start', 'site/told-success', 'site/told-wave', 'waves/told-check'];
    expect(told.filter((path) => !existsSync(site.at(path)))).toEqual([]);
  } finally {
    site.close();
  }
});

test('a hook that is not there is told with where it was looked for', async () => {
  const controller = new Controller();
  try {
    const { inventory } = localHost(controller);
    const playbook = controller.file(
      'site/play.yml',
      '- hosts: here\n  on_start: [{ command: hooks/tell.sh }]\n  tasks: [{ command: "true" }]\n',
    );
    const { exitCode, stdout } = await controller.run(['run', playbook, '-i', inventory]);
    expect(exitCode).toBe(3);
    const site = join(controller.directory, 'site');
    expect(stdout).toContain(`on_start: 'command' failed: there is no such file in ${site}, where it starts\n`);
  } finally {
    controller.close();
  }
});

test('a hook starts where kplay does if the directory of its file is not there', async () => {
  const controller = new Controller();
  try {
    const { inventory } = localHost(controller);
    const told = join(controller.directory, 'told');
    const playbook = controller.file(
      'site/play.yml',
      `- hosts: here\n  on_start: [{ command: touch ${told} }]\n  tasks: [{ command: "true" }]\n`,
    );
    const plan = join(controller.directory, 'saved.kplan');
    await controller.run(['plan', playbook, '-i', inventory, '--out', plan]);
    rmSync(join(controller.directory, 'site'), { recursive: true });
    const { exitCode, stdout } = await controller.run(['apply', plan]);
    expect(exitCode, stdout).toBe(0);
    expect(existsSync(told)).toBe(true);
  } finally {
    controller.close();
  }
});

// root may enter any.
test.each([
  ['is not there', (site: string) => rmSync(site, { recursive: true })],
  ['cannot be entered', (site: string) => chmodSync(site, 0)],
])('commands of a saved plan run also where the directory of their playbook %s', async (_why, change) => {
  const controller = new Controller();
  const site = join(controller.directory, 'site');
  try {
    const { inventory } = localHost(controller);
    const made = join(controller.directory, 'made');
    const tasks = `[{ command: touch ${made} }]`;
    const playbook = controller.file('site/play.yml', `- hosts: here\n  tasks: ${tasks}\n`);
    const plan = join(controller.directory, 'saved.kplan');
    await controller.run(['plan', playbook, '-i', inventory, '--out', plan, '-o', 'plain']);
    change(site);
    const { exitCode, stdout } = await controller.run(['apply', plan, '-o', 'plain']);
    expect(exitCode, stdout).toBe(0);
    expect(existsSync(made)).toBe(true);
  } finally {
    if (existsSync(site)) chmodSync(site, 0o755);
    controller.close();
  }
});
