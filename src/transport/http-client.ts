import type { Duplex } from 'node:stream';

/** More of an answer than this is not read. */
const MAX_BODY_BYTES = 256 * 1024;

export interface HttpAnswer {
  readonly status: number;
  /** At most 256 KiB of it. */
  readonly body: string;
}

/** Sends one GET over a stream and reads the answer. */
export async function httpGet(stream: Duplex, address: string, port: number, path: string): Promise<HttpAnswer> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const outgoing = request({
      createConnection: () => stream,
      host: address,
      port,
      path,
      headers: { connection: 'close', accept: '*/*', 'user-agent': 'kplay' },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (): void => {
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES) });
      };
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= MAX_BODY_BYTES) finish();
      });
      incoming.on('end', finish);
      incoming.on('error', reject);
    });
    outgoing.end();
  });
}
