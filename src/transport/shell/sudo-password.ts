import type { Writable } from 'node:stream';
import { onlyLine } from '../../core/only-line.ts';
import type { Secret } from '../../core/secret.ts';

/** What became of it; `withheld`: the host must not be sent it. */
export type PasswordUse = 'sent' | 'withheld' | 'not sent';

/** The password for sudo: written to its standard input once, and only when it asks. */
export class SudoPassword {
  readonly #password: Secret | undefined;
  readonly #prompt: string;
  #use: PasswordUse = 'not sent';

  /**
   * @param prompt the prompt that sudo was told to use
   * @param maySend whether the host may be sent it
   */
  constructor(password: Secret | undefined, prompt: string, maySend: boolean) {
    this.#password = maySend ? password : undefined;
    this.#prompt = prompt;
    if (password && !maySend) this.#use = 'withheld';
  }

  get use(): PasswordUse {
    return this.#use;
  }

  /**
   * Sends the password once sudo has asked for it.
   * @param stderr what was received on standard error since sudo's announcement, or the end of it
   * @returns false if the password is wrong: sudo has asked a second time, or the password has several lines, and is not sent
   */
  answer(stderr: string, stdin: Writable): boolean {
    const prompts = stderr.split(this.#prompt).length - 1;
    if (!this.#password || prompts === 0) return true;
    const line = this.#password.reveal();
    // The shell that sudo starts would run a second line.
    if (onlyLine(line) !== line) return false;
    if (this.#use !== 'sent') {
      this.#use = 'sent';
      stdin.write(`${line}\n`);
    }
    return prompts === 1;
  }
}
