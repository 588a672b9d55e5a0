import { Problems } from '../../../src/core/diagnostic.ts';
import type { CommandResult, WriteSession } from '../../../src/core/session.ts';
import type { ShellScript } from '../../../src/core/shell.ts';
import { HostSessions } from '../../../src/engine/hosts/host-sessions.ts';
import { type HostState, initialState } from '../../../src/engine/hosts/host-state.ts';
import { hostCompiler } from '../../../src/engine/program/compile.ts';
import { HostRun } from '../../../src/engine/run/host-run.ts';
import { type LockTools, lockAllOrNone, releaseLocks } from '../../../src/engine/run/run-locks.ts';
import { loadInventory } from '../../../src/inventory/load.ts';

/** A message that has been sent. */
interface Message {
  readonly run: string;
  readonly what: 'lock' | 'work' | 'unlock';
  readonly host: string;
  readonly arrive: () => void;
}

/** Several runs that want the same hosts. Whose message arrives next is for the test to say. */
export class LockRace {
  readonly #forks: number;
  /** Who has which host, and the first of its hosts. */
  readonly locks = new Map<string, { readonly run: string; readonly first: string }>();
  /** What was done against the rules. */
  readonly faults: string[] = [];
  /** Runs that have had all of their hosts. */
  readonly winners: string[] = [];
  /** Which run has waited for which host. */
  readonly waits: string[] = [];
  /** Runs that have not come to an end. */
  readonly left = new Set<string>();
  #sent: Message[] = [];
  /** How often locks have changed hands, and when each run has last asked for each host in vain. */
  #changes = 0;
  readonly #refused = new Map<string, number>();

  constructor(forks: number) {
    this.#forks = forks;
  }

  /** What may arrive next. To ask again for what is still held comes to nothing: that waits for something else. */
  get choices(): readonly string[] {
    const useful = this.#sent.filter(({ run, host }) => this.#refused.get(`${run} ${host}`) !== this.#changes);
    return (useful.length > 0 ? useful : this.#sent).map(({ run, what, host }) => `${run}: ${what} ${host}`);
  }

  /**
   * It takes the locks, changes each host, and gives the locks back.
   * @param names `NAME=ADDRESS` where the name alone does not tell which machine it is
   */
  async begin(run: string, names: readonly string[]): Promise<void> {
    this.left.add(run);
    const hosts = names.map((name) => {
      const state = stateOf(name);
      return new HostRun(new HostSessions(state.info.name, new Map([[undefined, this.#session(run, name)]])), state);
    });
    const tools = this.#tools(run);
    if (await lockAllOrNone(hosts, tools)) {
      this.winners.push(run);
      for (const name of names) {
        await this.#arrival(run, 'work', name);
        const lacking = names.filter((other) => this.locks.get(other)?.run !== run);
        if (lacking.length > 0) this.faults.push(`${run} changes ${name} without having ${lacking.join()}`);
      }
    }
    await releaseLocks(hosts, tools);
    this.left.delete(run);
  }

  /** This message arrives, and whatever follows by itself has followed. */
  async deliver(message: string): Promise<void> {
    const index = this.#sent.findIndex(({ run, what, host }) => message === `${run}: ${what} ${host}`);
    this.#sent.splice(index, 1)[0]?.arrive();
    await this.settled();
  }

  settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Its shells end, and with them its locks. */
  kill(run: string): void {
    this.left.delete(run);
    this.#sent = this.#sent.filter((message) => message.run !== run);
    for (const [host, held] of this.locks) if (held.run === run) this.#free(host);
  }

  #tools(run: string): LockTools {
    let time = 0;
    return {
      holder: run,
      forks: this.#forks,
      emit: (event) => {
        if (event.type === 'host-waiting') this.waits.push(`${run}: ${event.host}`);
      },
      clock: () => new Date(time),
      wait: async (milliseconds) => {
        time += milliseconds;
      },
      abort: new AbortController().signal,
      stop: new AbortController().signal,
      hasEnded: () => false,
      unlockCommand: (name) => `unlock ${name}`,
    };
  }

  #session(run: string, host: string): WriteSession {
    return {
      host,
      observe: async () => [],
      close: async () => undefined,
      run: async (script) => {
        const isLock = script.reveal().includes('mkdir "$L"');
        await this.#arrival(run, isLock ? 'lock' : 'unlock', host);
        if (isLock) return this.#lock(run, host, script);
        if (this.locks.get(host)?.run === run) this.#free(host);
        return result(0);
      },
    };
  }

  #lock(run: string, host: string, script: ShellScript): CommandResult {
    const held = this.locks.get(host);
    if (held && held.run !== run) {
      this.#refused.set(`${run} ${host}`, this.#changes);
      return result(3, `run 7\n${held.first}\n${held.run}\n`);
    }
    this.locks.set(host, { run, first: /^first='?(.*?)'?$/m.exec(script.reveal())?.[1] ?? '' });
    this.#changes += 1;
    return result(0, host);
  }

  #free(host: string): void {
    this.locks.delete(host);
    this.#changes += 1;
  }

  #arrival(run: string, what: Message['what'], host: string): Promise<void> {
    return new Promise((resolve) => this.#sent.push({ run, what, host, arrive: resolve }));
  }
}

const states = new Map<string, HostState>();

function stateOf(text: string): HostState {
  const known = states.get(text);
  if (known) return known;
  const [name = '', address] = text.split('=');
  const problems = new Problems();
  const host = loadInventory([`${name},`], problems)?.hosts.get(name);
  if (!host) throw new Error(`there is no host ${name}`);
  const compiled = hostCompiler(problems)(host);
  const vars = new Map(compiled.vars);
  if (address !== undefined) vars.set('ansible_host', { kind: 'constant', value: address });
  const state = initialState({ ...compiled, vars }, new Map());
  states.set(text, state);
  return state;
}

function result(exitCode: number, stdout = ''): CommandResult {
  return { exitCode, stdout, stderr: '', truncated: false, timedOut: false };
}
