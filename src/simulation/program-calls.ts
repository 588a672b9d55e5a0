import { execFile } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { quoteWord } from '../core/shell.ts';
import { describeFailure } from '../core/system-error.ts';
import type { ProgramCall, ProgramResult } from './programs/program.ts';
import type { ProgramName } from './programs/run-program.ts';

/** Runs a program of a host by its name. */
export type RunProgram = (name: ProgramName, call: Pick<ProgramCall, 'words' | 'umask'>) => Promise<ProgramResult>;

/**
 * Runs the stand-in programs of a host in this process when scripts of the host call them. Node.js in a process of its own for each
 * call would take most of the time of a simulation.
 *
 * A script writes the arguments to a file and a line to a named pipe, from which they are read here; the output goes to files,
 * and the exit code to a named pipe of the call, for which the script waits.
 */
export class ProgramCalls {
  readonly #directory: string;
  readonly #requests: Socket;
  readonly #run: RunProgram;

  private constructor(directory: string, requests: Socket, run: RunProgram) {
    this.#directory = directory;
    this.#requests = requests;
    this.#run = run;
    let rest = '';
    requests.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) void this.#answer(line);
    });
  }

  /** Takes calls in a new directory. @throws {Error} if there can be no named pipe in it */
  static async start(directory: string, run: RunProgram): Promise<ProgramCalls> {
    mkdirSync(directory, { mode: 0o755 });
    const path = join(directory, REQUESTS);
    await promisify(execFile)('mkfifo', [path]);
    // Open for writing too: without a writer it would be at its end.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    return new ProgramCalls(directory, new Socket({ fd, readable: true, writable: false }), run);
  }

  /** The script that calls a program, without its first line. */
  script(name: ProgramName): string {
    return `calls=${quoteWord(this.#directory)}
${CALL.replace('PID', String(process.pid)).replace('NAME', name)}`;
  }

  /** Takes no more calls: the host is off. */
  close(): void {
    rmSync(join(this.#directory, REQUESTS), { force: true });
    this.#requests.destroy();
  }

  async #answer(line: string): Promise<void> {
    const [name, id] = line.split(' ') as [ProgramName, string];
    const call = join(this.#directory, id);
    try {
      const [umask = '', ...words] = readFileSync(`${call}.words`, 'utf8').split('\0').slice(0, -1);
      const asked = { words, umask: Number.parseInt(umask, 8) };
      const { exitCode, stdout, stderr } = await this.#run(name, asked).catch(failure);
      writeFileSync(`${call}.out`, stdout);
      writeFileSync(`${call}.err`, stderr);
      const done = openSync(`${call}.done`, constants.O_WRONLY | constants.O_NONBLOCK);
      writeSync(done, `${exitCode}\n`);
      closeSync(done);
    } catch {
      // The script was killed, or its host is gone.
      for (const end of ['words', 'out', 'err', 'done']) rmSync(`${call}.${end}`, { force: true });
    }
  }
}

function failure(error: unknown): ProgramResult {
  return { exitCode: 1, stdout: '', stderr: `${describeFailure(error)}\n` };
}

const REQUESTS = 'requests';

/** Opening a named pipe for reading and writing waits for nobody. A call that was killed may have left files of the same process id. */
const CALL = `call=$calls/$$
if ! [ -p "$calls/${REQUESTS}" ] || ! kill -0 PID 2>/dev/null; then
  echo 'this host is off' >&2
  exit 1
fi
command -p mkfifo "$call.done" 2>/dev/null || { command -p rm -f "$call".* && command -p mkfifo "$call.done"; } || exit
exec 3<>"$call.done"
for word in "$(umask)" "$@"; do printf '%s\\0' "$word"; done >"$call.words"
echo NAME $$ 1<>"$calls/${REQUESTS}"
read -r code <&3
[ ! -s "$call.out" ] || command -p cat "$call.out"
[ ! -s "$call.err" ] || command -p cat "$call.err" >&2
command -p rm -f "$call".*
exit "$code"
`;
