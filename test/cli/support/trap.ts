import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { SshServer } from '../../../src/simulation/ssh-server.ts';
import { makeKey } from '../../transport/support/keys.ts';
import { type BadInput, GOOD_INVENTORY, GOOD_PLAYBOOK, HUGE } from '../bad-input/case.ts';
import { Controller, type Ended } from './controller.ts';

const PORT = '55555';

/** A host that can be logged in to, and that notices whoever comes near it. */
export class Trap {
  readonly #controller = new Controller();
  readonly #server: SshServer;

  private constructor(server: SshServer) {
    this.#server = server;
    const key = (name: string, passphrase: string): void => {
      makeKey(this.#controller.home, name, 'ed25519', passphrase);
    };
    key('id', '');
    key('locked', 'unknown');
    this.#controller.file('home/open', this.#controller.read('home/id'), 0o644);
    this.#controller.file('home/none', 'no key\n', 0o600);
    mkdirSync(join(this.#controller.home, 'directory'), { mode: 0o700 });
    this.#controller.file('home/known_hosts', `[127.0.0.1]:${server.port} ${server.hostKey}\n`);
    truncateSync(this.#controller.file(`${HUGE}.yml`, ''), 100_000_000);
  }

  static async set(): Promise<Trap> {
    return new Trap(await SshServer.start({ users: { ops: {} }, environment: { PATH: process.env['PATH'] } }));
  }

  get connections(): number {
    return this.#server.traffic.connections;
  }

  /** Runs kplay on some input; in what it says the directory and the port are as in the input. */
  async run({ playbook, inventory, files = {}, argv }: Omit<BadInput, 'name' | 'says'>): Promise<Ended> {
    const { directory } = this.#controller;
    const all = { 'play.yml': playbook ?? GOOD_PLAYBOOK, 'hosts.yml': inventory ?? GOOD_INVENTORY, ...files };
    for (const [name, text] of Object.entries(all)) this.#controller.file(name, this.#fill(text));
    const words = argv ?? ['run', 'play.yml', '-i', 'hosts.yml'];
    const { exitCode, stdout, stderr } = await this.#controller.run(words.map((word) => this.#place(word)));
    for (const name of Object.keys(files)) this.#controller.remove(name.split('/')[0] ?? name);
    const plain = (text: string): string =>
      text.replaceAll(`${directory}/`, '').replaceAll(directory, 'DIR').replaceAll(String(this.#server.port), PORT);
    return { exitCode, stdout: plain(stdout), stderr: plain(stderr) };
  }

  #fill(text: string): string {
    return text.replaceAll(PORT, String(this.#server.port));
  }

  /** `play.yml`, `@vars.yml` and the like stand in the directory of the files. */
  #place(word: string): string {
    const [, at = '', name = ''] =
      /^(@?)([a-z_]+(?:\.(?:yml|ini|json|kplan))|@[a-z]+|inventory|group|secret|none)$/.exec(word) ?? [];
    if (name === '') return word;
    return name.startsWith('@')
      ? `@${join(this.#controller.directory, name.slice(1))}`
      : at + join(this.#controller.directory, name);
  }

  async close(): Promise<void> {
    await this.#server.close();
    this.#controller.close();
  }
}
