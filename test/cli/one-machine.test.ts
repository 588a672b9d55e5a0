import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';

const controller = new Controller();
afterAll(() => controller.close());

it('several hosts that are one machine change it one after another', async () => {
  const root = join(controller.directory, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  const names = ['a', 'b', 'c', 'd', 'e'];
  const vars = `{ ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)} }`;
  const inventory = controller.file('i.yml', `all: { vars: ${vars}, hosts: { ${names.join(': , ')}: } }\n`);
  const play = controller.file(
    'p.yml',
    [
      '- hosts: all',
      '  tasks:',
      '    - copy: { dest: "/etc/{{ inventory_hostname }}.conf", content: "of {{ inventory_hostname }}" }',
      '    - copy: { dest: "/etc/{{ inventory_hostname }}.more", content: x }\n',
    ].join('\n'),
  );
  const { exitCode, stdout } = await controller.run(['run', play, '-i', inventory]);
  expect(stdout).toContain('10 changes on 5 hosts');
  expect(exitCode).toBe(0);
  expect(readdirSync(join(root, 'etc'))).toEqual(names.flatMap((name) => [`${name}.conf`, `${name}.more`]));
  for (const name of names) expect(readFileSync(join(root, `etc/${name}.conf`), 'utf8')).toBe(`of ${name}\n`);
});
