import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Controller } from './controller.ts';

/** An inventory whose one host, `here`, is this machine, with a root directory of its own. @returns paths of both. */
export function localHost(controller: Controller): { readonly inventory: string; readonly root: string } {
  const root = join(controller.directory, 'root');
  mkdirSync(root, { recursive: true });
  const vars = `ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)}`;
  return { root, inventory: controller.file('here.yml', `all:\n  hosts:\n    here: { ${vars} }\n`) };
}
