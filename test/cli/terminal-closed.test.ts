import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { needing } from '../support/programs.ts';
import { bundleProgram, programOf } from './support/bundled-program.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 120_000 });

const PROGRAM = programOf('terminal-closed');

let controller: Controller;
beforeAll(() => bundleProgram('terminal-closed'));
beforeEach(() => {
  controller = new Controller();
});
afterEach(() => controller.close());

/**
 * Closes the terminal of a program while it works, and prints how the program has ended: its exit code, or a signal below 0. In a
 * session of its own the program is not told by a signal.
 */
const CLOSING = `
import os, pty, subprocess, sys
os.mkfifo('working'); os.mkfifo('go')
[session, stdout, *words] = sys.argv[1:]
keeper, terminal = os.openpty()
if session == 'own':
    program = subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
    ended = program.wait
else:
    os.close(keeper); os.close(terminal)
    child, keeper = pty.fork()
    if child == 0:
        if stdout != 'terminal': os.dup2(os.open(stdout, os.O_WRONLY), 1)
        os.execvp(words[0], words)
    ended = lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
open('working').read()
if session == 'own': os.close(terminal)
os.close(keeper)
open('go', 'w').close()
print(ended())
`;

it.each([
  { what: 'ends as an interrupted one', session: 'of terminal', stdout: '/dev/null', code: 130 },
  {
    what: 'ends as an interrupted one, if it has written to it',
    session: 'of terminal',
    stdout: 'terminal',
    code: 130,
  },
  { what: 'goes on, in a session of its own', session: 'own', stdout: 'terminal', code: 0 },
])('a run whose terminal is closed $what', needing('python3'), ({ session, stdout: to, code }) => {
  const { directory, home } = controller;
  const step = `echo > ${join(directory, 'working')}; cat ${join(directory, 'go')}`;
  const made = join(directory, 'made');
  const tasks = JSON.stringify([{ shell: step }, { command: `touch ${made}` }]);
  const playbook = controller.file('play.yml', `- { hosts: all, gather_facts: false, tasks: ${tasks} }\n`);
  const { inventory } = localHost(controller);
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-c', CLOSING, session, to, process.execPath, PROGRAM, 'run', playbook, '-i', inventory],
    { cwd: directory, encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: join(directory, 'state'), HOME: home } },
  );
  expect({ stdout, stderr, isDone: existsSync(made) }).toEqual({ stdout: `${code}\n`, stderr: '', isDone: code === 0 });
});
