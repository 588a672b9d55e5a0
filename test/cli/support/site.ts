import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fleet } from '../../../src/simulation/fleet.ts';
import { Bench } from '../../simulation/support/bench.ts';
import { Controller } from './controller.ts';
import { secretsIn } from './secrets.ts';

export const RENEW = fileURLToPath(new URL('../../../playbooks/renew-certs.yml', import.meta.url));

/** Fleets, and accounts from which kplay is run on them, for one test file. What must never be seen is remembered. */
export class Site {
  readonly controller = new Controller();
  readonly #bench: Bench;
  readonly #fleets = new Set<Fleet>();
  readonly #secrets = new Map<string, string>();

  private constructor(bench: Bench) {
    this.#bench = bench;
  }

  static async open(): Promise<Site> {
    return new Site(new Bench());
  }

  async fleet(options: Parameters<Bench['fleet']>[0] = {}): Promise<Fleet> {
    const fleet = await this.#bench.fleet(options);
    this.#fleets.add(fleet);
    this.noteSecrets();
    return fleet;
  }

  /** Remembers what is none of a host's keys: a password. */
  keepSecret(text: string, what: string): void {
    this.#secrets.set(text, what);
  }

  /** Writes over a file of a host, as somebody does who works on it by hand. */
  write(path: string, text: string): void {
    writeFileSync(path, text);
  }

  /** Remembers every line of every private key that is on a host now. */
  noteSecrets(): void {
    for (const { hosts } of this.#fleets) {
      for (const { name, root } of hosts) {
        for (const path of filesBelow(root)) {
          for (const secret of secretsIn(readFileSync(join(root, path), 'utf8'))) {
            this.#secrets.set(secret, `${name}:${path}`);
          }
        }
      }
    }
  }

  /** The secrets that kplay has shown or written on its own machine, by where they come from; there must be none. */
  leaks(): readonly string[] {
    this.noteSecrets();
    const { traces } = this.controller;
    return [...this.#secrets].flatMap(([secret, from]) => (traces.includes(secret) ? [from] : []));
  }

  get knownSecrets(): number {
    return this.#secrets.size;
  }

  async close(): Promise<void> {
    await this.#bench.close();
    this.controller.close();
  }
}

/** Files of a host, /proc and links left out. */
function filesBelow(root: string, below = ''): readonly string[] {
  return readdirSync(join(root, below)).flatMap((name) => {
    const path = `${below}/${name}`;
    const status = lstatSync(join(root, path));
    if (status.isDirectory()) return path === '/proc' || path === '/usr' ? [] : filesBelow(root, path);
    return status.isFile() ? [path] : [];
  });
}
