import type { Problems } from '../../core/diagnostic.ts';
import type { Environment } from '../environment.ts';
import { checkSigning, sign, signaturePath } from '../inputs/plan-signature.ts';
import { OutputFile } from './output-file.ts';

/** The file of `--out`, with the signature beside it if there is a key. Reserved before any host is contacted. */
export class SavedPlanFile {
  readonly #path: string | undefined;
  /** The ssh key that signs the plan. */
  readonly #key: string | undefined;
  readonly #environment: Environment;
  #plan: OutputFile | undefined;
  #signature: OutputFile | undefined;

  /** @param path absent: nothing is saved */
  constructor(path: string | undefined, key: string | undefined, environment: Environment) {
    this.#path = path;
    this.#key = key;
    this.#environment = environment;
  }

  /** Adds to `problems` what would prevent saving the plan. */
  reserve(problems: Problems): void {
    if (this.#path === undefined) {
      if (this.#key !== undefined)
        problems.error('--sign needs --out: only a saved plan is signed', ['--sign'], 'add --out FILE');
      return;
    }
    this.#plan = OutputFile.reserve(this.#path, problems);
    if (this.#key === undefined) return;
    checkSigning(this.#key, this.#environment, problems);
    this.#signature = OutputFile.reserve(signaturePath(this.#path), problems);
  }

  /** @throws {InputError} when it cannot be signed or written after all. */
  write(text: string): void {
    if (!this.#plan) return;
    const files: (readonly [OutputFile, string])[] = [];
    // A new signature beside an old plan would spoil that one.
    if (this.#signature && this.#key !== undefined)
      files.push([this.#signature, sign(text, this.#key, this.#environment)]);
    OutputFile.writeTogether([...files, [this.#plan, text]]);
  }

  /** Gives up what was reserved and has not been written. */
  discard(): void {
    this.#plan?.discard();
    this.#signature?.discard();
  }
}
