import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Connector, ReadSession, WriteSession } from '../../src/core/session.ts';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import { secretsIn } from '../cli/support/secrets.ts';
import { Bench } from './support/bench.ts';
import { applyFleet } from './support/engine.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let bench: Bench;
beforeAll(async () => {
  bench = new Bench();
});
afterAll(() => bench.close());

const EXPIRED = { all: { condition: 'expired' } } as const;

/** All that hosts answer, in whatever form kplay is to see it. */
class Wiretap {
  readonly #heard: string[] = [];

  through(connector: Connector): Connector {
    return {
      openForReading: async (...at) => this.#reading(await connector.openForReading(...at)),
      openForWriting: async (...at) => {
        const session = await connector.openForWriting(...at);
        const run: WriteSession['run'] = async (...order) => this.#note(await session.run(...order));
        return { ...this.#reading(session), run };
      },
    };
  }

  /** Which of these secrets have been answered, by what they belong to. */
  heard(secrets: ReadonlyMap<string, string>): readonly string[] {
    const text = this.#heard.join('\n');
    return [...new Set([...secrets].flatMap(([secret, of]) => (text.includes(secret) ? [of] : [])))].sort();
  }

  #reading(session: ReadSession): ReadSession {
    return {
      host: session.host,
      observe: async (...question) => (await session.observe(...question)).map((answer) => this.#note(answer)),
      close: () => session.close(),
    };
  }

  #note<Answer extends { readonly stdout: string; readonly stderr: string }>(answer: Answer): Answer {
    this.#heard.push(answer.stdout, answer.stderr);
    return answer;
  }
}

/** Every line of every private key on these hosts, with the file that it is in. */
function keysOn(hosts: readonly EmbeddedHost[]): ReadonlyMap<string, string> {
  const found = hosts.flatMap(({ name, root }) =>
    ['etc', 'root', 'var']
      .flatMap((top) => readdirSync(join(root, top), { recursive: true }).map((path) => `${top}/${String(path)}`))
      .filter((path) => lstatSync(join(root, path)).isFile())
      .flatMap((path) =>
        secretsIn(readFileSync(join(root, path), 'utf8')).map((key) => [key, `${name} ${path}`] as const),
      ),
  );
  return new Map(found);
}

/** Of whose private keys kplay has got something while it renewed a master and a worker. */
async function carried(method: string): Promise<readonly string[]> {
  const { hosts, inventoryFile } = await bench.fleet({
    workers: 1,
    stateOf: () => EXPIRED,
    workerStateOf: () => EXPIRED,
  });
  const before = keysOn(hosts);
  const wiretap = new Wiretap();
  const { result } = await applyFleet(inventoryFile, { method }, undefined, (connector) => wiretap.through(connector));
  expect(result).toMatchObject({ failed: [], refused: [] });
  return wiretap.heard(new Map([...before, ...keysOn(hosts)]));
}

const isOfAuthority = (file: string): boolean => /ca[.]key$/.test(file);

describe('of the private keys of a cluster that is renewed', () => {
  it.each(['auto', 'renew', 'phase'])(
    'kplay gets that of a worker, which a master has made, and no other: %s',
    async (method) => {
      const files = await carried(method);
      expect(files).toEqual([expect.stringMatching(/^demo-w1 var[/]lib[/]kubelet[/]pki[/]kubelet-client-.*[.]pem$/)]);
    },
  );

  it('kplay reads those of CAs when it is told to sign by itself', async () => {
    expect((await carried('native')).filter(isOfAuthority)).toEqual(
      ['ca.key', 'etcd/ca.key', 'front-proxy-ca.key'].map((name) => `demo-m1 etc/kubernetes/pki/${name}`),
    );
  });
});
