import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Controller } from './support/controller.ts';

it('a task that becomes root on one host changes no other, whatever that is called', async () => {
  const controller = new Controller();
  try {
    const hosts = ['web', 'web+true', 'true+web'].map((name, index) => {
      const root = join(controller.directory, `root-${index}`);
      mkdirSync(root);
      return { name, root };
    });
    const lines = hosts.map(({ name, root }) => {
      const vars = { ansible_connection: 'local', ansible_become: false, kplay_rootfs: root };
      return `    ${name}: ${JSON.stringify(vars)}\n`;
    });
    const inventory = controller.file('hosts.yml', `all:\n  hosts:\n${lines.join('')}`);
    const copy = (dest: string) => `    - copy: { dest: ${dest}, content: "{{ inventory_hostname }}\\n" }\n`;
    const playbook = controller.file(
      'play.yml',
      `- hosts: all\n  tasks:\n${copy('/as-root')}      become: true\n${copy('/as-user')}`,
    );
    const { exitCode, stdout, stderr } = await controller.run(['run', playbook, '-i', inventory]);
    expect([exitCode, stderr], stdout).toEqual([0, '']);
    for (const { name, root } of hosts)
      for (const file of ['as-root', 'as-user']) expect(readFileSync(join(root, file), 'utf8')).toBe(`${name}\n`);
  } finally {
    controller.close();
  }
});
