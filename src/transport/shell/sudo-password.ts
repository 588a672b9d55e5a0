import type { Writable } from 'node:stream';
import { onlyLine } from '../../core/only-line.ts';
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
   * Sends the password once sudo has asked for it.
   * @param stderr what was received on standard error since sudo's announcement, or the end of it
   * @returns false if the password is wrong: sudo has asked a second time, or it has several lines and is not sent
   */
  answer(stderr: string, stdin: Writable): boolean {
    const prompts = stderr.split(this.#prompt).length - 1;
    if (!this.#password || prompts === 0) return true;
    const line = this.#password.reveal();
    // The shell that sudo starts would run a second line.
    if (onlyLine(line) !== line) return false;
    if (!this.#isSent) {
      this.#isSent = true;
      stdin.write(`${line}\n`);
    }
    return prompts === 1;
  }
}
