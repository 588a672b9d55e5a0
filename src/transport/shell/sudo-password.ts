import type { Writable } from 'node:stream';
import type { Secret } from '../../core/secret.ts';

/** The password that sudo asks for: sent on its standard input, once, and only when it asks. */
export class SudoPassword {
  readonly #password: Secret | undefined;
  readonly #prompt: string;
  #isSent = false;

  /** @param prompt what sudo was told to ask with */
  constructor(password: Secret | undefined, prompt: string) {
    this.#password = password;
    this.#prompt = prompt;
  }

  get isSent(): boolean {
    return this.#isSent;
  }

  /**
   * @param stderr all that came on standard error so far
   * @returns whether it was wrong: sudo has asked a second time
   */
  answer(stderr: string, stdin: Writable): boolean {
    const prompts = stderr.split(this.#prompt).length - 1;
    if (!this.#password || prompts === 0) return false;
    if (!this.#isSent) {
      this.#isSent = true;
      stdin.write(`${this.#password.reveal()}\n`);
    }
    return prompts > 1;
  }
}
