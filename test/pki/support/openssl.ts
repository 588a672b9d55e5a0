import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needing } from '../../support/programs.ts';

/** A directory of its own to run openssl in, the judge of these tests. */
export class Workbench {
  readonly #directory = mkdtempSync(join(tmpdir(), 'kplay-pki-'));

  /**
   * Runs `openssl` and returns what it printed; nothing where there is none: what is to be judged by it is skipped then.
   * @throws {Error} when it fails, with all that it said.
   */
  openssl(...parameters: readonly string[]): string {
    if (needing('openssl').skip) return '';
    const { status, stdout, stderr } = spawnSync('openssl', parameters, { cwd: this.#directory, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${parameters.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Writes a file and returns its name. */
  write(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.#directory, name), content);
    return name;
  }

  /** A file of it; nothing where there is no openssl to make it. */
  read(name: string): string {
    if (needing('openssl').skip && !existsSync(join(this.#directory, name))) return '';
    return readFileSync(join(this.#directory, name), 'utf8');
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}
