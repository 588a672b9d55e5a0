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
 * Presses Ctrl-Z at a question of a program on a terminal, and answers when it asks again: where a shell has started it, that wakes it, as
 * `fg` does; where none has, nothing stops it. Prints how the program has ended, and what of the answer the terminal has shown.
 */
const SUSPENDING = `
import os, pty, select, signal, sys, termios, time
[shell, question, answer, *words] = sys.argv[1:]
def be_shell():
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    program = os.fork()
    if program == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(words[0], words)
    while True:
        status = os.waitpid(program, os.WUNTRACED)[1]
        if not os.WIFSTOPPED(status): os._exit(os.waitstatus_to_exitcode(status))
        os.tcsetpgrp(0, os.getpid())
        time.sleep(0.2)
        os.tcsetpgrp(0, program)
        os.kill(program, signal.SIGCONT)
child, keeper = pty.fork()
if child == 0:
    if shell == 'shell': be_shell()
    os.execvp(words[0], words)
def asked():
    shown = ''
    while question not in shown:
        if not select.select([keeper], [], [], 30)[0]: sys.exit('not asked: ' + shown)
        shown += os.read(keeper, 65536).decode()
def isRaw(): return not termios.tcgetattr(keeper)[3] & termios.ICANON
asked()
while not isRaw(): time.sleep(0.01)
os.write(keeper, b'\x1a')
asked()
while not isRaw(): time.sleep(0.01)
os.write(keeper, answer.encode())
shown = ''
try:
    while True:
        if not select.select([keeper], [], [], 30)[0]:
            os.kill(child, signal.SIGKILL)
            sys.exit('the answer is not read')
        read = os.read(keeper, 65536)
        if not read: break
        shown += read.decode()
except OSError: pass
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 'word' in shown)
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
  {
    what: 'for a password, where no shell could wake it,',
    shell: 'none',
    option: '-K',
    question: "sudo's password:",
    answer: 'word\r',
    code: 0,
  },
])('a question $what is asked again after Ctrl-Z and fg', needing('python3'), (asked) => {
  const { shell = 'shell', option, question, answer, code } = asked;
  const { directory, home } = controller;
  const made = join(directory, 'made');
  const playbook = controller.file(
    'play.yml',
    `- { hosts: all, gather_facts: false, tasks: [command: touch ${made}] }\n`,
  );
  const { inventory } = localHost(controller);
  const words = [process.execPath, PROGRAM, 'run', playbook, '-i', inventory, option, '-o', 'plain'];
  const { stdout, stderr } = spawnSync('python3', ['-c', SUSPENDING, shell, question, answer, ...words], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: join(directory, 'state'), HOME: home },
    timeout: 90_000,
  });
  expect({ stdout, stderr, isDone: existsSync(made) }).toEqual({
    stdout: `${code} False\n`,
    stderr: '',
    isDone: code === 0,
  });
});
