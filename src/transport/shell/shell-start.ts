import { UnreachableError } from '../../core/session.ts';
import { quoteWord } from '../../core/shell.ts';
import type { HostProcess, Link, ProcessEnd } from '../link.ts';
import { localStartFailure } from '../machine-limits.ts';
import type { BecomeSettings } from '../settings/settings.ts';
import { explainSudo, WRONG_PASSWORD } from './sudo.ts';
import { SudoPassword } from './sudo-password.ts';

interface ShellStartOptions {
  readonly host: string;
  readonly become: BecomeSettings | undefined;
  readonly token: () => string;
  readonly timeoutMs: number;
}

/** An sh that is waiting for commands. */
interface StartedShell {
  readonly process: HostProcess;
  readonly pid: number;
  /** Whether it is bash, which reads commands byte by byte. */
  readonly readsByteByByte: boolean;
}

/** Limit on output before the shell's greeting: enough to explain a failure. */
const MAX_GREETING = 4_096;

/**
 * Starts an sh on a host, as root if `become` says so. The output of login scripts is ignored; nothing is written to the host
 * before the shell has greeted, except sudo's password when sudo asks for it.
 * @throws {UnreachableError} `become` if sudo refuses, `shell` if no usable sh starts
 */
export async function startShell(link: Link, options: ShellStartOptions): Promise<StartedShell> {
  const hello = `kplay-${options.token()}`;
  const greet = `${PLAIN}; echo ${hello} $$ \${BASH_VERSION:+bash}; echo ${hello} >&2; exec sh`;
  const words = { hello, greet, sudo: `${hello}-sudo`, prompt: `[${hello}-password]` };
  let process: HostProcess;
  try {
    process = await link.spawn(commandLine(options.become, words, link.mayHavePasswords));
  } catch (error) {
    const local = localStartFailure(options.host, error);
    if (local) throw local;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreachableError(
      options.host,
      'shell',
      `no program can be started on the host: ${reason}`,
      'check ForceCommand, MaxSessions and the account in its sshd_config',
    );
  }
  const start = new Start(process, words, options, link.mayHavePasswords);
  try {
    return { process, ...(await start.greeting) };
  } catch (error) {
    process.abandon();
    throw error;
  }
}

interface Words {
  /** Printed by the shell, before its pid. */
  readonly hello: string;
  /** The commands of the shell that print it. */
  readonly greet: string;
  /** Printed on standard error just before sudo starts. */
  readonly sudo: string;
  /** sudo's prompt for the password. */
  readonly prompt: string;
}

/** Options that a login shell may pass on to bash (SHELLOPTS) are turned off: they would print commands, or end the shell. */
const PLAIN = 'set +efuvx';

/**
 * Works in any login shell, including csh and fish: words, and single-quoted strings without `' ! \` and line breaks. Root
 * needs no sudo.
 */
function commandLine(
  become: BecomeSettings | undefined,
  { greet, sudo, prompt }: Words,
  mayHavePassword: boolean,
): string {
  if (!become) return `exec sh -c ${quoteWord(greet)}`;
  const ask = become.password && mayHavePassword ? '-S -p "$2"' : '-n';
  const elevate = [
    PLAIN,
    'test "$(id -u)" = 0 && exec sh -c "$1"',
    // After an empty line: login scripts may have left theirs unfinished.
    `echo >&2; echo ${sudo} >&2`,
    `exec env LC_ALL=C sudo -H ${ask} -u root sh -c "$1"`,
  ].join('; ');
  return `exec sh -c ${quoteWord(elevate)} sh ${quoteWord(greet)} ${quoteWord(prompt)}`;
}

type Greeting = Omit<StartedShell, 'process'>;

/** The exchange up to the shell's greeting. */
class Start {
  readonly greeting: Promise<Greeting>;
  readonly #words: Words;
  readonly #options: ShellStartOptions;
  #stdout = '';
  /** Since sudo has started, only its own output. */
  #stderr = '';
  #sudoStarted = false;
  readonly #password: SudoPassword;
  #resolve: (greeting: Greeting) => void = () => undefined;
  #reject: (error: UnreachableError) => void = () => undefined;

  constructor(process: HostProcess, words: Words, options: ShellStartOptions, mayHavePassword: boolean) {
    this.#words = words;
    this.#options = options;
    this.#password = new SudoPassword(options.become?.password, words.prompt, mayHavePassword);
    const greeted = new Promise<Greeting>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const onStdout = (chunk: Buffer): void => {
      this.#stdout = tail(this.#stdout + chunk.toString('latin1'));
      this.#checkGreeting();
    };
    const onStderr = (chunk: Buffer): void => {
      this.#readStderr(chunk.toString('latin1'));
      if (this.#sudoStarted && !this.#password.answer(this.#stderr, process.stdin)) this.#reject(this.#wrongPassword());
      this.#checkGreeting();
    };
    // A broken pipe is explained better by the end of the process.
    process.stdin.on('error', () => undefined);
    process.stdout.on('data', onStdout);
    process.stderr.on('data', onStderr);
    void process.ended.then((end) => this.#reject(this.#explain(end)));
    const timer = setTimeout(() => this.#reject(this.#explain('timeout')), options.timeoutMs);
    this.greeting = greeted.finally(() => {
      clearTimeout(timer);
      process.stdout.off('data', onStdout);
      process.stderr.off('data', onStderr);
    });
  }

  /**
   * A login shell may print the command that it is given, with all its words. Only what follows sudo's announcement, which is a
   * whole line behind an empty one, may be sudo's prompt: a password that nobody asks for would become a command of the new
   * shell.
   */
  #readStderr(text: string): void {
    const all = this.#stderr + text;
    const announcement = `\n${this.#words.sudo}\n`;
    const at = this.#sudoStarted ? -1 : all.indexOf(announcement);
    if (at >= 0) this.#sudoStarted = true;
    this.#stderr = tail(at < 0 ? all : all.slice(at + announcement.length));
  }

  /** Both streams must have greeted: only then all earlier output has been read. */
  #checkGreeting(): void {
    const greeting = this.#greetingOnStdout();
    if (greeting && this.#stderr.includes(`${this.#words.hello}\n`)) this.#resolve(greeting);
  }

  #greetingOnStdout(): Greeting | undefined {
    // V8 would make an expression of these words anew for each host.
    const [, ...behind] = this.#stdout.split(`${this.#words.hello} `);
    for (const text of behind) {
      const [, pid, bash] = /^(\d+)( bash)?\n/.exec(text) ?? [];
      if (pid !== undefined) return { pid: Number(pid), readsByteByByte: bash !== undefined };
    }
    return undefined;
  }

  /** The last lines of the host's output, on one line, without kplay's own words. */
  #excerpt(text: string): string {
    const { hello, greet, prompt } = this.#words;
    return (
      Buffer.from(text, 'latin1')
        .toString('utf8')
        // sudo-rs puts it between words of its own.
        .replaceAll(`[sudo: ${prompt}] Password: `, '')
        .replaceAll(prompt, '')
        .replaceAll(greet, '…')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.includes(hello))
        .slice(-3)
        .join('; ')
    );
  }

  #wrongPassword(): UnreachableError {
    const { message, remedy } = WRONG_PASSWORD;
    return new UnreachableError(this.#options.host, 'become', message, remedy);
  }

  #explain(end: ProcessEnd | 'timeout'): UnreachableError {
    const { host, timeoutMs } = this.#options;
    const ending = describeEnd(end, timeoutMs);
    if (end !== 'timeout' && end.kind === 'lost') return new UnreachableError(host, 'lost', ending);
    if (this.#greetingOnStdout() && !this.#stderr.includes(this.#words.hello))
      return new UnreachableError(
        host,
        'shell',
        'sh starts on the host, but what it writes to standard error does not arrive there',
        "check ForceCommand and the login shell: ssh HOST 'echo error >&2' >/dev/null must print error",
      );
    const stderr = this.#excerpt(this.#stderr);
    if (this.#sudoStarted) {
      const { message, remedy } = explainSudo(stderr, this.#password.use);
      return new UnreachableError(host, 'become', `${message}: ${stderr || ending}`, remedy);
    }
    const output = stderr || this.#excerpt(this.#stdout);
    return new UnreachableError(
      host,
      'shell',
      `the login shell does not start sh (${ending})${output && `: ${output}`}`,
      "log in with ssh and try 'sh -c true'",
    );
  }
}

function describeEnd(end: ProcessEnd | 'timeout', timeoutMs: number): string {
  if (end === 'timeout') return `no answer within ${timeoutMs / 1_000} s`;
  switch (end.kind) {
    case 'exited':
      return `exit code ${end.code}`;
    case 'signalled':
      return `ended by ${end.signal}`;
    case 'lost':
      return `the connection was lost (${end.reason})`;
  }
}

function tail(text: string): string {
  return text.length > 2 * MAX_GREETING ? text.slice(-MAX_GREETING) : text;
}
