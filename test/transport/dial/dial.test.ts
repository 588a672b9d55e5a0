import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../../../src/transport/dial/dial.ts';
import { LocalLink } from '../../../src/transport/local-link.ts';
import { connectorFor, host } from '../support/sessions.ts';

const TIMEOUT_MS = 200;

/** Nothing in this process goes on for so long, as when its machine is suspended. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function link(): LocalLink {
  const opened = new LocalLink({});
  onTestFinished(() => opened.close());
  return opened;
}

test('an answer that came while this process stood still counts', async () => {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = ask({ kind: 'http', address: '127.0.0.1', port, path: '/health' }, link(), TIMEOUT_MS);
  standStill(5 * TIMEOUT_MS);
  expect(await answer).toEqual({ kind: 'http', status: 200, body: 'ok' });
});

test('none at all is late also when this process stands still', async () => {
  const server = createTcpServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = ask({ kind: 'http', address: '127.0.0.1', port, path: '/health' }, link(), TIMEOUT_MS);
  standStill(5 * TIMEOUT_MS);
  expect(await answer).toEqual({ kind: 'closed', reason: 'no answer within 0.2 s', isLate: true });
});

test('nobody waits for answers that are no longer wanted, nor for those that have not been asked for yet', async () => {
  const abort = new AbortController();
  const server = createTcpServer(() => abort.abort(new Error('interrupted'))).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const machine = host('m', { ansible_connection: 'local' });
  const session = await (await connectorFor([machine], { dialTimeoutMs: 600_000 })).openForReading(machine);
  onTestFinished(() => session.close());
  const probe = { dials: [{ kind: 'http', address: '127.0.0.1', port, path: '/health' }] } as const;
  const answers = session.observe(Array(24).fill(probe), { signal: abort.signal });
  await expect(answers).rejects.toThrow('interrupted');
});
