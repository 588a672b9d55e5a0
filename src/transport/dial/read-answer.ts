import type { IncomingMessage } from 'node:http';

/** A server's answer, as far as it was read. */
export interface HttpAnswer {
  readonly status: number;
  /** Its beginning. */
  readonly body: string;
}

/**
 * Reads a limited number of bytes of an answer. `done` is called immediately when they have arrived, not a turn later: a
 * connection may fail as soon as its answer has ended.
 */
export function readAnswer(
  incoming: IncomingMessage,
  maxBytes: number,
  done: (answer: HttpAnswer) => void,
  fail: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (): void =>
    done({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8', 0, maxBytes) });
  incoming.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) finish();
  });
  incoming.on('end', finish);
  incoming.on('error', fail);
}
