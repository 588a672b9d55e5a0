import { afterEach, beforeEach, expect, test } from 'vitest';
import { Controller } from './support/controller.ts';

let controller: Controller;
beforeEach(() => {
  controller = new Controller();
});
afterEach(() => controller.close());

const HANDLERS = '  handlers: [{ name: restart, debug: { msg: own } }]\n';

test.each([
  ['an included role', 'tasks: [{ include_role: { name: web } }]', HANDLERS, true],
  [
    'a role that is included twice',
    'tasks: [{ include_role: { name: web } }, { include_role: { name: web } }]',
    '',
    false,
  ],
  ['an imported role, which has it for certain', 'tasks: [{ import_role: { name: web } }]', HANDLERS, false],
])(
  'a handler of %s that is called like another one is warned of only if it may not be there',
  async (_, tasks, handlers, isWarned) => {
    controller.file('roles/web/tasks/main.yml', '- debug: { msg: x }\n');
    controller.file('roles/web/handlers/main.yml', '- name: restart\n  debug: { msg: of the role }\n');
    const inventory = controller.file('hosts.yml', 'all: { hosts: { a: { ansible_connection: local } } }\n');
    const playbook = controller.file('play.yml', `- hosts: all\n  ${tasks}\n${handlers}`);
    const { exitCode, stdout, stderr } = await controller.run(['run', playbook, '-i', inventory, '--syntax-check']);
    expect(exitCode).toBe(0);
    const said = stdout + stderr;
    if (isWarned) expect(said).toContain("warning: another handler is called 'restart', too");
    else expect(said).not.toContain('restart');
  },
);
