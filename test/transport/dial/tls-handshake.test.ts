import { rmSync } from 'node:fs';
import { createServer, connect as tcpConnect } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTls, TlsRefusal } from '../../../src/transport/dial/tls-client.ts';
import { HandshakeReader } from '../../../src/transport/dial/tls-handshake.ts';
import { fc } from '../../support/random-cases.ts';
import { makeIdentity } from '../support/certificates.ts';
import { temporaryDirectory } from '../support/hosts-under-test.ts';
import { openPorts, type Ports } from '../support/ports.ts';

const directory = temporaryDirectory();
const identity = await makeIdentity();
let ports: Ports;

beforeAll(async () => {
  ports = await openPorts(identity);
});
afterAll(async () => {
  await ports.close();
  rmSync(directory, { recursive: true });
});

/** Everything that a TLS server sends to a client without a certificate. */
function recordHandshake(port: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const middle = createServer((inner) => {
      const outer = tcpConnect(port, '127.0.0.1');
      outer.on('data', (chunk: Buffer) => chunks.push(chunk));
      outer.pipe(inner).on('error', () => undefined);
      inner.pipe(outer).on('error', () => undefined);
    });
    middle.listen(0, '127.0.0.1', () => {
      const address = middle.address();
      if (typeof address !== 'object' || !address) return reject(new Error('no address'));
      const socket = tlsConnect({ port: address.port, host: '127.0.0.1', rejectUnauthorized: false });
      socket.on('error', () => undefined);
      socket.on('secureConnect', () => socket.end());
      socket.on('close', () => {
        middle.close();
        resolve(Buffer.concat(chunks));
      });
    });
  });
}

function read(chunks: readonly Uint8Array[]): readonly Uint8Array[] | undefined {
  const reader = new HandshakeReader();
  for (const chunk of chunks) reader.push(chunk);
  return reader.chain;
}

/** The same handshake messages in records of another size. */
function reframe(stream: Buffer, size: number): Buffer {
  const payloads: Buffer[] = [];
  for (let at = 0; at + 5 <= stream.length && stream[at] === 22; ) {
    const end = at + 5 + stream.readUInt16BE(at + 3);
    payloads.push(stream.subarray(at + 5, end));
    at = end;
  }
  const messages = Buffer.concat(payloads);
  const records: Buffer[] = [];
  for (let at = 0; at < messages.length; at += size) {
    const payload = messages.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 3, payload.length >> 8, payload.length & 0xff]), payload);
  }
  return Buffer.concat(records);
}

describe('HandshakeReader', () => {
  it.each(['tls12', 'tls12Mutual'] as const)('reads the chain of a TLS 1.2 server: %s', async (name) => {
    expect(read([await recordHandshake(ports[name])])).toEqual(identity.chain);
  });

  it('reads nothing of a TLS 1.3 server, which presents its chain encrypted', async () => {
    expect(read([await recordHandshake(ports.tls13)])).toBeUndefined();
  });

  it('reads the same however chunks and records are cut', async () => {
    const stream = await recordHandshake(ports.tls12Mutual);
    const size = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(size, size, (recordSize, chunkSize) => {
        const reframed = reframe(stream, recordSize);
        const chunks: Buffer[] = [];
        for (let at = 0; at < reframed.length; at += chunkSize) chunks.push(reframed.subarray(at, at + chunkSize));
        expect(read(chunks)).toEqual(identity.chain);
      }),
      { numRuns: 50 },
    );
  });

  it('never throws, whatever comes', async () => {
    const stream = await recordHandshake(ports.tls12);
    fc.assert(
      fc.property(fc.nat(stream.length - 1), fc.nat(255), fc.nat(stream.length), (at, byte, length) => {
        const damaged = Buffer.from(stream.subarray(0, length));
        if (at < damaged.length) damaged[at] = byte;
        read([damaged]);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read([bytes])));
  });
});

describe('what a TLS 1.2 server presents without a finished handshake', () => {
  /** What a server comes to that sends these bytes, whatever it is asked. */
  function refusalOf(bytes: Buffer): Promise<unknown> {
    const stream = new Duplex({
      read: () => undefined,
      write(_chunk, _encoding, done) {
        done();
      },
    });
    setImmediate(() => stream.push(bytes) && setImmediate(() => stream.push(null)));
    return connectTls(stream, '127.0.0.1').then(
      () => 'connected',
      (error: unknown) => (error instanceof TlsRefusal ? (error.chain ?? 'not believed') : error),
    );
  }

  it('is believed when it wants a certificate of the client and gets none', async () => {
    const socket = tcpConnect(ports.tls12Mutual, '127.0.0.1');
    await expect(connectTls(socket, '127.0.0.1')).rejects.toMatchObject({ chain: identity.chain });
  });

  it('is not believed of somebody who repeats what another server has said', async () => {
    const stream = await recordHandshake(ports.tls12Mutual);
    expect(read([stream])).toEqual(identity.chain);
    expect(await refusalOf(stream)).toBe('not believed');
  });

  it('is not believed when nothing follows the certificate', async () => {
    const stream = await recordHandshake(ports.tls12Mutual);
    // ServerHello and Certificate, each in records of its own.
    const messages = reframe(stream, 16_000).subarray(5);
    const helloEnd = 4 + messages.readUIntBE(1, 3);
    const certificateEnd = helloEnd + 4 + messages.readUIntBE(helloEnd + 1, 3);
    const payload = messages.subarray(0, certificateEnd);
    const record = Buffer.concat([Buffer.from([22, 3, 3, payload.length >> 8, payload.length & 0xff]), payload]);
    expect(read([record])).toEqual(identity.chain);
    expect(await refusalOf(record)).toBe('not believed');
  });
});
