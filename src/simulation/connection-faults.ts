import type { SshServer } from './ssh-server.ts';

export interface ConnectionCut {
  /**
   * `before`: the script never reaches the host. `after`: it has reached the host and will run there, but nobody hears what
   * came of it.
   */
  readonly when: 'before' | 'after';
  /** Of the scripts that are sent from now on, counted from 1; an observation is one script. */
  readonly script: number;
  /** Count only scripts that hold this text; with `after` only. */
  readonly holding?: string;
}

/** What stands at the end of everything that kplay's transport sends to a host's shell. */
const END_OF_SCRIPT = "e\\n' >&3\n";

/** Cuts the connections to a host where a test wants it. */
export class ConnectionFaults {
  readonly #ssh: SshServer;

  constructor(ssh: SshServer) {
    this.#ssh = ssh;
  }

  /** Now. */
  cut(): void {
    this.#ssh.cut();
  }

  cutAt({ when, script, holding }: ConnectionCut): void {
    const counter = new ScriptCounter(holding);
    if (when === 'after') this.#ssh.cutAfter((input) => counter.take(input) >= script);
    else this.#ssh.cutBefore((input) => counter.seen >= script - 1 || counter.take(input) >= script);
  }
}

/** Counts the scripts in what is sent to a shell. They come one after another, but a long one in several pieces. */
class ScriptCounter {
  seen = 0;
  readonly #holding: string;
  #rest = '';

  constructor(holding = '') {
    this.#holding = holding;
  }

  take(input: Buffer): number {
    this.#rest += input.toString('latin1');
    const scripts = this.#rest.split(END_OF_SCRIPT);
    this.#rest = scripts.pop() ?? '';
    this.seen += scripts.filter((script) => script.includes(this.#holding)).length;
    return this.seen;
  }
}
