import type { SshServer } from './ssh-server.ts';

export interface ConnectionCut {
  /** `before`: the script never reaches the host. `after`: it has reached the host and will run there, but its result is lost. */
  readonly when: 'before' | 'after';
  /** The number of the script, from 1, counted from now on; an observation is one script. */
  readonly script: number;
  /** Count only scripts that contain this text; with `after` only. */
  readonly holding?: string;
}

/** The end of everything that kplay's transport sends to a host's shell. */
const END_OF_SCRIPT = "e\\n' >&3\n";

/** Cuts the connections to a host at a point chosen by a test. */
export class ConnectionFaults {
  readonly #ssh: SshServer;

  constructor(ssh: SshServer) {
    this.#ssh = ssh;
  }

  /** Cuts immediately. */
  cut(): void {
    this.#ssh.cut();
  }

  cutAt({ when, script, holding }: ConnectionCut): void {
    const counter = new ScriptCounter(holding);
    if (when === 'after') this.#ssh.cutAfter((input) => counter.take(input) >= script);
    else this.#ssh.cutBefore((input) => counter.seen >= script - 1 || counter.take(input) >= script);
  }
}

/** Counts the scripts in the input of a shell. They come one after another, but long ones in several chunks. */
class ScriptCounter {
  seen = 0;
  readonly #holding: string;
  #incomplete = '';

  constructor(holding = '') {
    this.#holding = holding;
  }

  take(input: Buffer): number {
    this.#incomplete += input.toString('latin1');
    const scripts = this.#incomplete.split(END_OF_SCRIPT);
    this.#incomplete = scripts.pop() ?? '';
    this.seen += scripts.filter((script) => script.includes(this.#holding)).length;
    return this.seen;
  }
}
