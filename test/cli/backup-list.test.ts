import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

const BACKUP = (id: string): string => `kplay-backup 1\nid ${id}\nhost here\ncreated 2026-11-28T15:19:49.556Z\nend 4\n`;

// Backups are root's.
test.skipIf(process.getuid?.() !== 0)(
  'a backup that others can write to is not listed as whole: it would not be restored',
  async () => {
    const controller = new Controller();
    try {
      const { root, inventory } = localHost(controller);
      for (const id of ['20261128T151944Z-0001', '20261128T151944Z-0002']) {
        const directory = join(root, 'var/backups/kplay', id);
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        writeFileSync(join(directory, 'manifest'), BACKUP(id));
      }
      chmodSync(join(root, 'var/backups/kplay/20261128T151944Z-0002'), 0o777);
      const beside = JSON.stringify({ ansible_connection: 'local', kplay_rootfs: root, backup_to: '/srv/backups' });
      const others = controller.file('others.yml', `all: { hosts: { other: ${beside} } }\n`);
      const both = await controller.run(['rollback', '--list', '-i', inventory, '-i', others]);
      expect(both.stdout).toMatch(/^HOST .*\n(here .*\n){2}No backups in \/srv\/backups on: other\n$/);
      const { stdout } = await controller.run(['rollback', '--list', '-i', inventory, '--no-headers']);
      expect(stdout.split('\n').map((line) => line.split(/\s+/).filter((_, at) => at !== 2 && at !== 3))).toEqual([
        ['here', '20261128T151944Z-0002', '0', 'exposed'],
        ['here', '20261128T151944Z-0001', '0', 'whole'],
        [''],
      ]);
      const [json, yaml] = await Promise.all(
        ['json', 'yaml'].map((kind) => controller.run(['rollback', '--list', '-i', inventory, '-o', kind])),
      );
      expect(yaml?.stdout).toMatch(/^- id: /);
      expect(parse(yaml?.stdout ?? '')).toEqual(JSON.parse(json?.stdout ?? ''));
    } finally {
      controller.close();
    }
  },
);
