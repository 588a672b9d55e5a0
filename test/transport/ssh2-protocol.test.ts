import { connect } from 'node:net';
import ssh2, { type Client } from 'ssh2';
import { afterAll, describe, expect, it } from 'vitest';
import { shortenExchange } from '../../src/transport/ssh2-protocol.ts';
import { Fixture } from './support/fixture.ts';

const fixture = new Fixture();
afterAll(() => fixture.close());

describe('shortenExchange', () => {
  it('finds the ssh2 that it was written for', async () => {
    const server = await fixture.serve();
    const client = new ssh2.Client();
    const ready = new Promise<void>((resolve, reject) => client.on('ready', () => resolve()).on('error', reject));
    client.connect({ sock: connect(server.port, '127.0.0.1'), username: 'admin', password: 'x' });
    expect(shortenExchange(client)).toBe(true);
    await ready;
    client.end();
  });

  const done = (): undefined => undefined;
  const four = (_one: unknown, _two: unknown, _three: unknown, _four: unknown): undefined => undefined;
  it.each<[string, object]>([
    ['no protocol', {}],
    ['an empty protocol', { _protocol: {} }],
    ['no handlers', { _protocol: { authPK: four, requestFailure: done } }],
    [
      'a login with other arguments',
      { _protocol: { authPK: done, requestFailure: done, _handlers: { GLOBAL_REQUEST: four } } },
    ],
    ['other handlers', { _protocol: { authPK: four, requestFailure: done, _handlers: { GLOBAL_REQUEST: done } } }],
    ['another type', { _protocol: 'protocol' }],
  ])('leaves an ssh2 alone that has %s', (_what, client) => {
    const before = JSON.stringify(client, (_key, value: unknown) => (typeof value === 'function' ? `${value}` : value));
    expect(shortenExchange(client as Client)).toBe(false);
    const after = JSON.stringify(client, (_key, value: unknown) => (typeof value === 'function' ? `${value}` : value));
    expect(after).toBe(before);
  });
});
