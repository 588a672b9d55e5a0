import type { Host } from '../../../src/core/host.ts';
import type { Probe, ProbeOutput } from '../../../src/core/probe.ts';
import {
  type CommandResult,
  type Connector,
  type OpenOptions,
  type ReadSession,
  UnreachableError,
  type WriteSession,
} from '../../../src/core/session.ts';
import type { ShellScript } from '../../../src/core/shell.ts';

/**
 * What becomes of a message to a host: it is lost before or after it has had its effect, or the host cannot carry it out, or rejects
 * the login.
 */
type Fault = 'lost-before' | 'lost-after' | 'fails' | 'rejected';

/** A host in memory: named slots with texts in them, and a list of everything that it was sent. */
export class FakeHost {
  readonly name: string;
  readonly slots = new Map<string, string>();
  /** `open-read`, `look a b`, `lock`, `arm`, `set a 1`, `disarm`, `unlock`, `close`, in the order in which they came. */
  readonly log: string[] = [];
  /** Who holds its lock instead of the run. */
  lockedBy: string | undefined;
  /** The first host that its holder wants. */
  lockedWith = '';
  /** So many times it still finds itself putting back what a lost run had begun, when its lock is looked at or wanted. */
  putsBack = 0;
  /** So much later than others it answers. */
  pace = 0;
  /** The shell of before is still at a script of its own. */
  isBusy = false;
  /** Why no lock can be made on it. */
  lockFails: string | undefined;
  /** Called with each message before it is carried out. */
  onMessage: (message: string) => void = () => undefined;
  readonly #faults: { readonly pattern: RegExp; readonly fault: Fault; skip: number }[] = [];
  #isLost = false;

  constructor(name: string, slots: Readonly<Record<string, string>> = {}) {
    this.name = name;
    for (const [key, value] of Object.entries(slots)) this.slots.set(key, value);
  }

  /** The message that fits next, after `skip` others, goes wrong. */
  break(pattern: RegExp, fault: Fault, skip = 0): this {
    this.#faults.push({ pattern, fault, skip });
    return this;
  }

  /** Messages that are to change it. */
  get changes(): readonly string[] {
    return this.log.filter((message) => !/^(open|(sudo )?look|lock|unlock|adopt|arm|disarm|close)/.test(message));
  }

  /** Lets others come first. */
  async delay(): Promise<void> {
    for (let left = this.pace; left > 0; left -= 1) await undefined;
  }

  open(how: string): void {
    this.#isLost = false;
    this.#send(`open-${how}`, () => undefined);
  }

  look(probes: readonly Probe[], isRoot = false): readonly ProbeOutput[] {
    const names = probes.map(({ script }) => script?.reveal().replace(/^get /, '') ?? '');
    const asked = names.filter((name) => !name.includes('kplay.lock'));
    return this.#send(`${isRoot ? 'sudo ' : ''}look ${asked.join(' ')}`, () =>
      names.map((name) => {
        const value = asked.includes(name) ? this.slots.get(name) : this.#holder();
        return { stdout: value ?? '', stderr: '', exitCode: value === undefined ? 1 : 0, truncated: false, dials: [] };
      }),
    );
  }

  /** What root does is marked so: `sudo set a 1`. */
  run(script: ShellScript, isRoot = false): CommandResult {
    const text = script.reveal();
    if (text.includes('kplay.lock')) return this.#lockMessage(text);
    return this.#send(isRoot ? `sudo ${text}` : text, (fault) =>
      fault === 'fails' ? result(1, 'no, thank you') : result(0, this.#obey(text)),
    );
  }

  close(): void {
    this.log.push('close');
  }

  #lockMessage(text: string): CommandResult {
    if (text.includes('mkdir "$L"')) return this.#lock();
    if (text.includes('echo "lock $L"')) return this.#send('look at lock', () => result(0, this.isBusy ? BUSY : ''));
    if (text.includes('echo "$mine" >"$L/shell"'))
      return this.#send('adopt lock', () => result(this.putsBack > 0 ? 3 : 0));
    const message = text.includes('trap ') ? 'arm' : text.includes('rm -rf "$L/watcher" || exit') ? 'unlock' : 'disarm';
    return this.#send(message, () => result(0));
  }

  #lock(): CommandResult {
    const why = this.lockFails;
    if (why !== undefined) return this.#send('lock', () => ({ ...result(4), stderr: why }));
    return this.#send('lock', () => {
      const holder = this.#holder();
      return holder === undefined ? result(0, this.name) : result(3, holder);
    });
  }

  /** As the functions of the lock print it. */
  #holder(): string | undefined {
    if (this.putsBack === 0)
      return this.lockedBy === undefined ? undefined : `run 7\n${this.lockedWith}\n${this.lockedBy}\n`;
    this.putsBack -= 1;
    return 'host\n';
  }

  #obey(text: string): string {
    const [verb = '', name = '', ...rest] = text.split(' ');
    if (verb === 'set') this.slots.set(name, rest.join(' '));
    if (verb === 'unset') this.slots.delete(name);
    return verb === 'say' ? text.slice('say '.length) : '';
  }

  #send<T>(message: string, work: (fault: Fault | undefined) => T): T {
    if (this.#isLost) throw lost(this.name);
    const fault = this.#faultOf(message);
    this.onMessage(message);
    if (fault === 'rejected') throw new UnreachableError(this.name, 'authentication', 'it rejects the login');
    if (fault !== 'lost-before') this.log.push(message);
    const answer = fault === 'lost-before' ? undefined : work(fault);
    if (fault === 'lost-before' || fault === 'lost-after') {
      this.#isLost = true;
      throw lost(this.name);
    }
    return answer as T;
  }

  #faultOf(message: string): Fault | undefined {
    for (const [index, broken] of this.#faults.entries()) {
      if (!broken.pattern.test(message)) continue;
      if (broken.skip > 0) broken.skip -= 1;
      else {
        this.#faults.splice(index, 1);
        return broken.fault;
      }
    }
    return undefined;
  }
}

/** As the look at a lock prints it. */
const BUSY = 'lock /run/kplay.lock\nholder the test\nshell 7 70 busy\n';

function lost(host: string): UnreachableError {
  return new UnreachableError(host, 'lost', 'the connection was lost', 'run again');
}

function result(exitCode: number, said = ''): CommandResult {
  const streams = exitCode === 1 ? { stdout: '', stderr: said } : { stdout: said, stderr: '' };
  return { exitCode, ...streams, truncated: false, timedOut: false };
}

/** Opens sessions to hosts in memory. */
export function fakeConnector(hosts: ReadonlyMap<string, FakeHost>): Connector {
  const opened = (host: Host, how: string, { become: isRoot = false, signal }: OpenOptions = {}): WriteSession => {
    signal?.throwIfAborted();
    const machine = hosts.get(host.name);
    if (!machine) throw new UnreachableError(host.name, 'address', `there is no ${host.name}`);
    machine.open(isRoot ? `${how} as root` : how);
    return {
      host: host.name,
      observe: async (probes, { signal } = {}) => {
        await machine.delay();
        signal?.throwIfAborted();
        const answers = machine.look(probes, isRoot);
        signal?.throwIfAborted();
        return answers;
      },
      run: async (script) => {
        await machine.delay();
        return machine.run(script, isRoot);
      },
      close: async () => machine.close(),
    };
  };
  return {
    openForReading: async (host, options) => reader(opened(host, 'read', options)),
    openForWriting: async (host, options) => opened(host, 'write', options),
  };
}

/** A session that has no `run`. */
function reader({ host, observe, close }: WriteSession): ReadSession {
  return { host, observe, close };
}
