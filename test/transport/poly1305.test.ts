import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSshKey } from '../../src/simulation/ssh-key.ts';
import { fc } from '../support/random-cases.ts';

// In a build, ssh2 has the authentication code of the cipher chacha20-poly1305 from JavaScript, not from WebAssembly.

const require = createRequire(import.meta.url);

/** What both offer to ssh2. */
interface Poly1305 {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  cwrap(name: string, result: null, parameters: readonly string[]): (...parts: readonly unknown[]) => void;
}

type Code = (first: Uint8Array, second: Uint8Array, key: Uint8Array) => string;

/** Asks as ssh2 does. */
async function codeOf(path: string): Promise<Code> {
  const program: Poly1305 = await require(path)();
  const place = program._malloc(16);
  const parameters = ['number', 'array', 'number', 'array', 'number', 'array'];
  const poly1305 = program.cwrap('poly1305_auth', null, parameters);
  return (first, second, key) => {
    poly1305(place, first, first.length, second, second.length, key);
    return Buffer.from(program.HEAPU8.buffer, place, 16).toString('hex');
  };
}

describe('the authentication code', () => {
  it('is that of RFC 8439, section 2.5.2', async () => {
    const ours = await codeOf('../../scripts/poly1305.cjs');
    const key = Buffer.from('85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b', 'hex');
    const text = Buffer.from('Cryptographic Forum Research Group');
    expect(ours(text.subarray(0, 4), text.subarray(4), key)).toBe('a8061dc1305136c6c22b8baf0c0127a9');
  });

  it("is ssh2's own, of every message", async () => {
    const ours = await codeOf('../../scripts/poly1305.cjs');
    const theirs = await codeOf('ssh2/lib/protocol/crypto/poly1305.js');
    const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
    fc.assert(
      fc.property(bytes(4, 4), bytes(0, 300), bytes(32, 32), (length, packet, key) => {
        expect(ours(length, packet, key)).toBe(theirs(length, packet, key));
      }),
    );
    const packet = Buffer.alloc(35_000, 255);
    expect(ours(packet.subarray(0, 4), packet, packet.subarray(0, 32))).toBe(
      theirs(packet.subarray(0, 4), packet, packet.subarray(0, 32)),
    );
  });
});

describe('ssh2 in a build', () => {
  let directory: string;
  let file: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kplay-ssh2-'));
    file = join(directory, 'ssh2.cjs');
    const { bundle } = await import(new URL('../../scripts/bundle.mjs', import.meta.url).href);
    await bundle({ entryPoints: ['ssh2'], outfile: file, format: 'cjs' });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('needs no WebAssembly', () => {
    expect(readFileSync(file, 'utf8').includes('WebAssembly')).toBe(false);
  });

  it('speaks chacha20-poly1305 with a library that has it as it was', async () => {
    const own: typeof Ssh2 = require(file);
    const original: typeof Ssh2 = require('ssh2');
    const message = 'x'.repeat(100_000);
    expect(await echo(own.Client, original.Server, message)).toBe(message);
    expect(await echo(original.Client, own.Server, message)).toBe(message);
  });
});

/** What a server says back, over that cipher alone. */
async function echo(Client: typeof Ssh2.Client, Server: typeof Ssh2.Server, message: string): Promise<string> {
  const { privateKey } = await makeSshKey();
  const algorithms: Ssh2.Algorithms = { cipher: ['chacha20-poly1305@openssh.com'] };
  const server = new Server({ hostKeys: [privateKey], algorithms }, (connection) => {
    connection.on('authentication', (attempt) => attempt.accept());
    connection.on('session', (accept) =>
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.pipe(channel);
      }),
    );
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  const client = new Client();
  try {
    return await new Promise<string>((resolve, reject) => {
      client.on('error', reject).on('ready', () =>
        client.exec('echo', (error, channel) => {
          if (error) return reject(error);
          let said = '';
          channel.on('data', (chunk: Buffer) => (said += chunk)).on('close', () => resolve(said));
          channel.end(message);
          return undefined;
        }),
      );
      client.connect({ host: '127.0.0.1', port, username: 'u', password: 'p', algorithms });
    });
  } finally {
    client.end();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
