import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { needing } from '../support/programs.ts';
import { bundleProgram, programOf } from './support/bundled-program.ts';
import { Controller } from './support/controller.ts';

vi.setConfig({ testTimeout: 120_000 });

const PROGRAM = programOf('terminal-closed');

let controller: Controller;
beforeAll(async () => {
  await bundleProgram('terminal-closed');
  controller = new Controller();
});
afterAll(() => controller.close());

/** Closes the terminal of a program while it works, and prints how the program has ended: its exit code, or a signal below 0. */
const CLOSING = `
import os, pty, sys
os.mkfifo('working'); os.mkfifo('go')
child, terminal = pty.fork()
if child == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execvp(sys.argv[1], sys.argv[1:])
open('working').read()
os.close(terminal)
open('go', 'w').close()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

it('a run whose terminal is closed ends as an interrupted one', needing('python3'), () => {
  const { directory, home } = controller;
  const step = `echo > ${join(directory, 'working')}; cat ${join(directory, 'go')}`;
  const tasks = JSON.stringify([{ shell: step }, { command: 'true' }]);
  const playbook = controller.file('play.yml', `- { hosts: all, gather_facts: false, tasks: ${tasks} }\n`);
  const inventory = controller.file('hosts.ini', 'here ansible_connection=local\n');
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-c', CLOSING, process.execPath, PROGRAM, 'run', playbook, '-i', inventory],
    { cwd: directory, encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: join(directory, 'state'), HOME: home } },
  );
  expect({ stdout, stderr }).toEqual({ stdout: '130\n', stderr: '' });
});
