import type { Duplex } from 'node:stream';
import { type HttpAnswer, readAnswer } from './read-answer.ts';

/** The rest of a longer answer is not read. */
const MAX_BODY_BYTES = 256 * 1024;

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
    outgoing.on('response', (incoming) => readAnswer(incoming, MAX_BODY_BYTES, resolve, reject));
    outgoing.end();
  });
}
