import type { Writable } from 'node:stream';
import type { Secret } from '../../core/secret.ts';

/** The password for sudo: written to its standard input once, and only when it asks. */
export class SudoPassword {
  readonly #password: Secret | undefined;
  readonly #prompt: string;
  #isSent = false;

  /** @param prompt the prompt that sudo was told to use */
  constructor(password: Secret | undefined, prompt: string) {
    this.#password = password;
    this.#prompt = prompt;
  }

  get isSent(): boolean {
    return this.#isSent;
  }

  /**
   * @param stderr everything received on standard error so far
   * @returns whether the password was wrong: sudo has asked a second time
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
