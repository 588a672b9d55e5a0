import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory } = localHost(controller));
});
afterAll(() => controller.close());

async function run(bytes: number, end = '', keyword = '') {
  const much = `head -c ${bytes} /dev/zero | tr '\\0' x; echo; echo END${end}`;
  const tasks = `    - shell: ${JSON.stringify(much)}\n      register: r\n${keyword}    - debug: { msg: "found {{ 'END' in r.stdout }}" }\n`;
  const playbook = controller.file('play.yml', `- hosts: here\n  tasks:\n${tasks}`);
  return controller.run(['run', playbook, '-i', inventory, '-o', 'plain']);
}

describe('a command that writes more than is kept', () => {
  it('is warned of, as a condition may miss what came last', async () => {
    const { exitCode, stdout } = await run(1_100_000);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('found False');
    expect(stdout).toMatch(/warning: here: the command has written more than 1 MiB/);
    const whole = await run(1_000_000);
    expect(whole.stdout).toContain('found True');
    expect(whole.stdout).not.toContain('warning');
  });

  it('and fails does not pass off what is shown of it as its end', async () => {
    const { exitCode, stdout } = await run(1_100_000, '; exit 3');
    expect(exitCode).toBe(2);
    expect(stdout).toContain('output, cut at 1 MiB');
  });

  it('is warned of if its failure is ignored, too', async () => {
    const { exitCode, stdout } = await run(1_100_000, '; exit 1', '      ignore_errors: true\n');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('found False');
    expect(stdout).toMatch(/warning: here: the command has written more than 1 MiB/);
  });

  it('and says on its standard error why it fails is shown that, which is whole', async () => {
    const { stdout } = await run(1_100_000, '; echo no room >&2; exit 3');
    expect(stdout).toMatch(/output +no room/);
    expect(stdout).not.toContain('cut at');
  });
});
