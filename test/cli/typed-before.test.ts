import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { needing } from '../support/programs.ts';
import { bundleProgram, programOf } from './support/bundled-program.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 120_000 });

const PROGRAM = programOf('typed-before');

let controller: Controller;
beforeAll(() => bundleProgram('typed-before'));
beforeEach(() => {
  controller = new Controller();
});
afterEach(() => controller.close());

/** Approves of the first task of a program on a terminal, types while that is carried out, and answers the question before the next. */
const TYPING = `
import os, pty, sys
[early, stderr, *words] = sys.argv[1:]
os.mkfifo('working'); os.mkfifo('go'); os.mkfifo('errors')
child, keeper = pty.fork()
if child == 0:
    if stderr != 'terminal': os.dup2(os.open(stderr, os.O_WRONLY), 2)
    os.execvp(words[0], words)
screen = keeper if stderr == 'terminal' else os.open(stderr, os.O_RDONLY)
def answer(text):
    shown = ''
    while 'ontinue: ' not in shown: shown += os.read(screen, 65536).decode()
    os.write(keeper, text.encode())
answer('y\\r')
open('working').read()
os.write(keeper, early.encode())
open('go', 'w').close()
answer('\\r')
try:
    while os.read(keeper, 65536): pass
except OSError: pass
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

it.each([
  { what: 'a line', early: 'y\r', to: 'terminal' },
  { what: 'lines', early: '\r\ryes\ry\r', to: 'terminal' },
  { what: 'the start of a line', early: 'y', to: 'terminal' },
  { what: 'a line, although standard error is no terminal,', early: 'y\r', to: 'errors' },
  { what: 'the start of one, although it is none,', early: 'y', to: 'errors' },
])('typed before the question of --step, $what is no answer to it', needing('python3'), ({ early, to }) => {
  const { directory, home } = controller;
  const made = join(directory, 'made');
  const step = `echo > ${join(directory, 'working')}; cat ${join(directory, 'go')}`;
  const tasks = JSON.stringify([{ shell: step }, { command: `touch ${made}` }]);
  const playbook = controller.file('play.yml', `- { hosts: all, gather_facts: false, tasks: ${tasks} }\n`);
  const { inventory } = localHost(controller);
  const words = [process.execPath, PROGRAM, 'run', playbook, '-i', inventory, '--step', '-o', 'plain'];
  const { stdout, stderr } = spawnSync('python3', ['-c', TYPING, early, to, ...words], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: join(directory, 'state'), HOME: home },
    timeout: 60_000,
  });
  expect({ stdout, stderr, isDone: existsSync(made) }).toEqual({ stdout: '0\n', stderr: '', isDone: false });
});
