import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
let root: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
});
afterAll(() => controller.close());

/** A play that notifies a handler, and then fails. */
async function run(keyword: string, ...words: readonly string[]) {
  for (const name of ['made', 'handled']) rmSync(join(root, name), { force: true });
  const playbook = controller.file(
    'play.yml',
    `- hosts: all
${keyword}  tasks:
    - copy: { dest: /made, content: x }
      notify: Note it
    - command: "false"
  handlers:
    - name: Note it
      copy: { dest: /handled, content: x }
`,
  );
  const ended = await controller.run(['run', playbook, '-i', inventory, ...words]);
  return { ...ended, handled: existsSync(join(root, 'handled')) };
}

describe('--force-handlers', () => {
  it('runs handlers on a host that fails, and the command for another try does, too', async () => {
    expect(await run('')).toMatchObject({ exitCode: 2, handled: false });
    const forced = await run('', '--force-handlers');
    expect(forced).toMatchObject({ exitCode: 2, handled: true });
    const [, id = ''] = /kplay resume (\S+)$/m.exec(forced.stdout) ?? [];
    for (const name of ['made', 'handled']) rmSync(join(root, name));
    expect(await controller.run(['resume', id])).toMatchObject({ exitCode: 2 });
    expect(existsSync(join(root, 'handled'))).toBe(true);
  });

  it('yields to what a play says', async () => {
    expect(await run('  force_handlers: false\n', '--force-handlers')).toMatchObject({ exitCode: 2, handled: false });
  });

  it('is refused where it would decide nothing', async () => {
    expect((await run('', '--force-handlers', '-C')).exitCode).toBe(1);
  });
});
