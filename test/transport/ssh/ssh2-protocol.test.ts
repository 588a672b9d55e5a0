import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import ssh2, { type Client } from 'ssh2';
import { afterAll, describe, expect, it } from 'vitest';
import { shortenExchange } from '../../../src/transport/ssh/ssh2-protocol.ts';
import { Fixture } from '../support/fixture.ts';

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
  const two = (_one: unknown, _two: unknown): undefined => undefined;
  const four = (_one: unknown, _two: unknown, _three: unknown, _four: unknown): undefined => undefined;
  const HANDLERS = { GLOBAL_REQUEST: four, SERVICE_ACCEPT: two, EXT_INFO: two };
  it.each<[string, object]>([
    ['no protocol', {}],
    ['an empty protocol', { _protocol: {} }],
    ['no handlers', { _protocol: { authPK: four, requestFailure: done } }],
    ['a login with other arguments', { _protocol: { authPK: done, requestFailure: done, _handlers: HANDLERS } }],
    ...Object.keys(HANDLERS).map((name): [string, object] => [
      `another ${name}`,
      { _protocol: { authPK: four, requestFailure: done, _handlers: { ...HANDLERS, [name]: done } } },
    ]),
    ['another type', { _protocol: 'protocol' }],
  ])('leaves an ssh2 alone that has %s', (_what, client) => {
    const before = JSON.stringify(client, (_key, value: unknown) => (typeof value === 'function' ? `${value}` : value));
    expect(shortenExchange(client as Client)).toBe(false);
    const after = JSON.stringify(client, (_key, value: unknown) => (typeof value === 'function' ? `${value}` : value));
    expect(after).toBe(before);
  });

  describe('begins the login once', () => {
    /** What ssh2 does at each of these moments, in order. */
    async function begun(
      ...moments: readonly ('handshake' | 'EXT_INFO' | 'SERVICE_ACCEPT')[]
    ): Promise<readonly string[]> {
      const done: string[] = [];
      const handlers = {
        GLOBAL_REQUEST: four,
        SERVICE_ACCEPT: (_protocol: unknown, service: string) => void done.push(`login to ${service}`),
        EXT_INFO: (_protocol: unknown, extensions: string) => void done.push(`learns ${extensions}`),
      };
      const protocol = { authPK: four, requestFailure: () => undefined, _handlers: handlers };
      const client = Object.assign(new EventEmitter(), { _protocol: protocol });
      expect(shortenExchange(client as unknown as Client)).toBe(true);
      for (const moment of moments) {
        if (moment === 'EXT_INFO') handlers.EXT_INFO(protocol, 'algorithms');
        if (moment === 'SERVICE_ACCEPT') handlers.SERVICE_ACCEPT(protocol, 'ssh-userauth');
        if (moment === 'handshake') {
          client.emit('handshake');
          done.push('asks for a login');
          await Promise.resolve();
        }
      }
      return done;
    }
    const EARLY = ['asks for a login', 'login to ssh-userauth'];

    it('when the host is verified and has said how keys may sign', async () => {
      expect(await begun('EXT_INFO', 'handshake', 'SERVICE_ACCEPT')).toEqual(['learns algorithms', ...EARLY]);
      expect(await begun('handshake', 'EXT_INFO', 'SERVICE_ACCEPT')).toEqual([
        'asks for a login',
        'learns algorithms',
        'login to ssh-userauth',
      ]);
    });

    it('when the host allows it, where it does not say that', async () => {
      expect(await begun('handshake')).toEqual(['asks for a login']);
      expect(await begun('handshake', 'SERVICE_ACCEPT')).toEqual(EARLY);
      expect(await begun('handshake', 'SERVICE_ACCEPT', 'EXT_INFO')).toEqual([...EARLY, 'learns algorithms']);
    });

    it('and not before the host is verified, whatever comes', async () => {
      expect(await begun('EXT_INFO')).toEqual(['learns algorithms']);
    });
  });
});
