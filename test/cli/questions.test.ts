import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

const controller = new Controller();
const { inventory, root } = localHost(controller);
afterAll(() => controller.close());

const playbook = controller.file('play.yml', '- hosts: all\n  tasks:\n    - copy: { dest: /made, content: x }\n');

const ENDS = [
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
] as const;

describe('the question whether a plan is to be applied', () => {
  const run = (...types: readonly string[]) =>
    controller.run(['run', playbook, '-i', inventory, '--confirm'], { types });

  it.each(ENDS)('ended with %s changes nothing, says how each host is and exits as interrupted', async (_key, code) => {
    const { exitCode, stdout, stderr } = await run(code);
    expect(stderr).toMatch(/Apply this plan\? \[y\/N\] /);
    expect(stderr).not.toMatch(/bug/);
    expect(stdout).toContain('Exit 130.');
    expect(exitCode).toBe(130);
    expect(existsSync(join(root, 'made'))).toBe(false);
  });

  it('answered with no is a refusal', async () => {
    expect((await run('n')).exitCode).toBe(3);
  });
});

describe('the question for a password', () => {
  it.each(ENDS)('ended with %s contacts nobody and exits as interrupted', async (_key, code) => {
    const { exitCode, stdout, stderr } = await controller.run(['run', playbook, '-i', inventory, '-K'], {
      types: [code],
    });
    expect(stderr).toBe("sudo's password: \nInterrupted. Nothing was contacted.\n");
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  });
});
