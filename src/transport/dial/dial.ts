import type { Duplex } from 'node:stream';
import type { Dial, DialOutcome } from '../../core/probe.ts';
import { onAbort } from '../abort.ts';
import { DialError, type Link } from '../link.ts';
import { reasonOf } from '../network-error.ts';

/** A dial that exchanges data once it is connected. */
type Conversation = Exclude<Dial, { kind: 'tcp' }>;

/** The time of a dial passes in so many parts: while this process stands still, suspended or overloaded, only one of them does. */
const PARTS = 10;

const INTERRUPTED: DialOutcome = { kind: 'closed', reason: 'interrupted' };

/**
 * Runs a dial from a host. Never rejects: every failure is an outcome.
 * @param timeoutMs for connecting, and again for the answer; hardly counted while this process stands still and cannot listen
 * @param signal aborted when the outcome is no longer wanted, and then does not matter
 */
export function ask(dial: Dial, link: Link, timeoutMs: number, signal?: AbortSignal): Promise<DialOutcome> {
  if (signal?.aborted) return Promise.resolve(INTERRUPTED);
  return new Promise((resolve) => {
    let stream: Duplex | undefined;
    let settled = false;
    const unwanted = new AbortController();
    const finish = (outcome: DialOutcome): void => {
      if (settled) return;
      settled = true;
      forget();
      clearInterval(timer);
      stream?.destroy();
      unwanted.abort();
      resolve(outcome);
    };
    const forget = onAbort(signal, () => finish(INTERRUPTED));
    const fail = (error: unknown): void => finish(failure(error));
    let left = PARTS;
    const timer = setInterval(() => {
      left -= 1;
      if (left === 0) finish({ kind: 'closed', reason: `no answer within ${timeoutMs / 1_000} s`, isLate: true });
    }, timeoutMs / PARTS);
    if (dial.kind === 'tcp') {
      link.checkTcpPort(dial.address, dial.port, unwanted.signal).then(() => finish({ kind: 'open' }), fail);
      return;
    }
    link.dial(dial.address, dial.port, unwanted.signal).then((opened) => {
      opened.on('error', fail);
      stream = opened;
      if (settled) {
        opened.destroy();
        return;
      }
      left = PARTS;
      exchange(dial, opened).then(finish, fail);
    }, fail);
  });
}

async function exchange(dial: Conversation, stream: Duplex): Promise<DialOutcome> {
  switch (dial.kind) {
    case 'tls':
      return presentedChain(stream, dial.address);
    case 'http':
      return get(stream, dial);
    case 'https': {
      const { connectTls } = await import('./tls-client.ts');
      const { socket } = await connectTls(stream, dial.address);
      return get(socket, dial);
    }
  }
}

async function presentedChain(stream: Duplex, address: string): Promise<DialOutcome> {
  const { connectTls, TlsRefusal } = await import('./tls-client.ts');
  try {
    const { socket, chain } = await connectTls(stream, address);
    socket.end();
    return { kind: 'tls', chain };
  } catch (error) {
    if (error instanceof TlsRefusal && error.chain) return { kind: 'tls', chain: error.chain };
    throw error;
  }
}

async function get(stream: Duplex, { address, port, path }: Extract<Dial, { path: string }>): Promise<DialOutcome> {
  const { httpGet } = await import('./http-client.ts');
  return { kind: 'http', ...(await httpGet(stream, address, port, path)) };
}

function failure(error: unknown): DialOutcome {
  if (error instanceof DialError && error.kind === 'forbidden') return { kind: 'unavailable', reason: error.message };
  return { kind: 'closed', reason: reasonOf(error) };
}
