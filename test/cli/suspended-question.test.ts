import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { needing } from '../support/programs.ts';
import { bundleProgram, programOf } from './support/bundled-program.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 120_000 });

const PROGRAM = programOf('suspended-question');

let controller: Controller;
beforeAll(() => bundleProgram('suspended-question'));
beforeEach(() => {
  controller = new Controller();
});
afterEach(() => controller.close());

/**
 * Presses Ctrl-Z at a question of a program on a terminal, wakes it as `fg` does, and answers when it asks again. In a session of its own
 * the program is not stopped: that it has taken the key shows in the mode of its terminal.
 */
const SUSPENDING = `
import os, pty, select, signal, sys, termios, time
[question, answer, *words] = sys.argv[1:]
child, keeper = pty.fork()
if child == 0: os.execvp(words[0], words)
def asked():
    shown = ''
    while question not in shown:
        if not select.select([keeper], [], [], 30)[0]: sys.exit('not asked: ' + shown)
        shown += os.read(keeper, 65536).decode()
def isRaw(): return not termios.tcgetattr(keeper)[3] & termios.ICANON
asked()
while not isRaw(): time.sleep(0.01)
os.write(keeper, b'\x1a')
while isRaw(): time.sleep(0.01)
os.kill(child, signal.SIGCONT)
asked()
os.write(keeper, answer.encode())
try:
    while True:
        if not select.select([keeper], [], [], 30)[0]:
            os.kill(child, signal.SIGKILL)
            sys.exit('the answer is not read')
        if not os.read(keeper, 65536): break
except OSError: pass
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

it.each([
  {
    what: 'whether a plan is to be applied',
    option: '--confirm',
    question: 'Apply this plan?',
    answer: 'y\r',
    code: 0,
  },
  {
    what: 'that is ended with Ctrl-C then',
    option: '--confirm',
    question: 'Apply this plan?',
    answer: '\u0003',
    code: 130,
  },
  { what: 'for a password', option: '-K', question: "sudo's password:", answer: 'word\r', code: 0 },
])('a question $what is asked again after Ctrl-Z and fg', needing('python3'), (asked) => {
  const { option, question, answer, code } = asked;
  const { directory, home } = controller;
  const made = join(directory, 'made');
  const playbook = controller.file(
    'play.yml',
    `- { hosts: all, gather_facts: false, tasks: [command: touch ${made}] }\n`,
  );
  const { inventory } = localHost(controller);
  const words = [process.execPath, PROGRAM, 'run', playbook, '-i', inventory, option, '-o', 'plain'];
  const { stdout, stderr } = spawnSync('python3', ['-c', SUSPENDING, question, answer, ...words], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: join(directory, 'state'), HOME: home },
    timeout: 90_000,
  });
  expect({ stdout, stderr, isDone: existsSync(made) }).toEqual({ stdout: `${code}\n`, stderr: '', isDone: code === 0 });
});
