import type { Duplex } from 'node:stream';
import type { UnreachableError } from '../../core/session.ts';
import { asError } from '../../core/system-error.ts';
import type { HostKeyCheck, Trust } from './host-keys.ts';

type Verified = (trusted: boolean) => void;

/** Answers ssh2 whether the key of a host is trusted: at login, and whenever keys are exchanged again. */
export class HostKeyAnswer {
  readonly #check: HostKeyCheck;
  readonly #socket: Duplex;
  readonly #onChange: () => void;
  #trusted: Buffer | undefined;
  #trust: Trust = 'no password';
  #problem: UnreachableError | undefined;

  /** @param onChange called when the host shows another key than at login */
  constructor(check: HostKeyCheck, socket: Duplex, onChange: () => void) {
    this.#check = check;
    this.#socket = socket;
    this.#onChange = onChange;
  }

  /** Why the key was refused at login; undefined if it was not. */
  get problem(): UnreachableError | undefined {
    return this.#problem;
  }

  /** What the host may be sent, once its key has been accepted. */
  get trust(): Trust {
    return this.#trust;
  }

  give(key: Buffer, verified: Verified): void {
    if (this.#trusted) this.#giveAgain(this.#trusted, key, verified);
    else
      this.#check.verify(key).then(
        (trust) => {
          this.#trusted = Buffer.from(key);
          this.#trust = trust;
          this.#answer(verified, true);
        },
        (error: UnreachableError) => {
          this.#problem = error;
          this.#answer(verified, false);
        },
      );
  }

  /**
   * Keys are exchanged again in a long connection. ssh2 must be answered at once then: it goes on reading, and what it sends
   * before the answer is not what the host expects.
   */
  #giveAgain(trusted: Buffer, key: Buffer, verified: Verified): void {
    const isSame = trusted.equals(key);
    if (!isSame) this.#onChange();
    verified(isSame);
  }

  #answer(verified: Verified, trusted: boolean): void {
    if (this.#socket.destroyed) return;
    try {
      verified(trusted);
    } catch (error) {
      this.#socket.destroy(asError(error));
    }
  }
}
