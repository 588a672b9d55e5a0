import { addressTimeMs } from './address-time.ts';
import { type HttpAnswer, readAnswer } from './read-answer.ts';

/** A request to a server, from the controller. */
interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** False: any certificate of the server is accepted. */
  readonly validatesCertificates: boolean;
  /** Limit on the bytes that are read of the answer; default 4096. */
  readonly maxBytes?: number;
  /** Aborts the request, after its timeout or earlier. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

const DEFAULT_MAX_BYTES = 4096;

/** Sends the request and reads the beginning of the answer, without following redirections. @throws {Error} without an answer */
export async function sendRequest(outgoing: OutgoingRequest): Promise<HttpAnswer> {
  const {
    url,
    method,
    headers,
    body,
    validatesCertificates,
    maxBytes = DEFAULT_MAX_BYTES,
    signal,
    timeoutMs,
  } = outgoing;
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: {
        'user-agent': 'kplay',
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
        ...headers,
      },
      rejectUnauthorized: validatesCertificates,
      agent: false as const,
      signal,
      autoSelectFamilyAttemptTimeout: addressTimeMs(timeoutMs),
    };
    const sent = request(url, options, (incoming) => {
      const done = (answer: HttpAnswer): void => {
        resolve(answer);
        sent.destroy();
      };
      readAnswer(incoming, maxBytes, done, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
