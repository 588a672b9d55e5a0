import type { IncomingMessage } from 'node:http';

/** What a server answers, as far as it is read. */
export interface HttpAnswer {
  readonly status: number;
  /** The beginning of it. */
  readonly body: string;
}

/**
 * Reads at most so many bytes of an answer. `done` is called at once when it has them, not a turn later: a connection may fail
 * as soon as its answer has ended.
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
