import { describe, expect, it } from 'vitest';
import type { UnreachableCause } from '../../../src/core/session.ts';
import { Authentication } from '../../../src/transport/ssh/authentication.ts';
import { type ConnectStage, connectFailure } from '../../../src/transport/ssh/connection-error.ts';

const DESTINATION = { address: 'm1.example.org', port: 2222, user: 'admin' };

function sort(cause: unknown, stage: ConnectStage) {
  const authentication = new Authentication('admin', {
    keys: [],
    keysAreDefaults: true,
    password: undefined,
    agent: undefined,
    sha1: false,
  });
  return connectFailure(
    { host: 'm1', destination: DESTINATION, stage, timeoutMs: 30_000, authentication, isJump: false },
    cause,
  );
}

function error(properties: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error('words that nobody should rely on'), properties);
}

describe('connectFailure', () => {
  it.each<[string, unknown, ConnectStage, UnreachableCause, boolean, RegExp]>([
    [
      'refused',
      error({ level: 'client-socket', code: 'ECONNREFUSED' }),
      'connecting',
      'refused',
      true,
      /m1.example.org:2222 refuses/,
    ],
    [
      'reset in the handshake',
      error({ level: 'client-socket', code: 'ECONNRESET' }),
      'handshake',
      'refused',
      true,
      /closed the connection during the handshake/,
    ],
    [
      'reset in the login',
      error({ level: 'client-socket', code: 'ECONNRESET' }),
      'authentication',
      'refused',
      false,
      /closed the connection during the authentication/,
    ],
    [
      'no file descriptor left',
      error({ level: 'client-socket', code: 'EMFILE' }),
      'connecting',
      'open-files',
      false,
      /this machine cannot open another connection: too many files are open/,
    ],
    [
      'no name',
      error({ level: 'client-socket', code: 'ENOTFOUND' }),
      'connecting',
      'address',
      false,
      /m1.example.org has no address \(ENOTFOUND\)/,
    ],
    ['no name now', error({ level: 'client-socket', code: 'EAI_AGAIN' }), 'connecting', 'address', false, /EAI_AGAIN/],
    [
      'no route',
      error({ level: 'client-socket', code: 'EHOSTUNREACH' }),
      'connecting',
      'address',
      false,
      /no route to m1.example.org:2222/,
    ],
    [
      'no answer of the network',
      error({ level: 'client-socket', code: 'ETIMEDOUT' }),
      'connecting',
      'timeout',
      false,
      /does not answer/,
    ],
    [
      'no answer in time',
      error({ level: 'client-timeout' }),
      'connecting',
      'timeout',
      false,
      /does not answer within 30 s/,
    ],
    [
      'a handshake that takes too long',
      error({ level: 'client-timeout' }),
      'handshake',
      'timeout',
      false,
      /did not finish the handshake within 30 s/,
    ],
    [
      'no credentials',
      error({ level: 'client-authentication' }),
      'authentication',
      'authentication',
      false,
      /there was no key or password to try/,
    ],
    ['a farewell in the login', error({ code: 2 }), 'authentication', 'authentication', false, /it said: words/],
    [
      'a silent farewell in the login',
      null,
      'authentication',
      'authentication',
      false,
      /rejects the login of user admin/,
    ],
    [
      'no common algorithm',
      error({ level: 'handshake' }),
      'handshake',
      'refused',
      false,
      /cannot agree on an SSH connection/,
    ],
    ['no SSH', error({ level: 'protocol' }), 'handshake', 'refused', true, /closed the connection/],
    ['a silent farewell before', null, 'handshake', 'refused', true, /closed the connection during the handshake$/],
    ['anything else', 'text', 'connecting', 'refused', true, /: text$/],
  ])('sorts: %s', (_what, cause, stage, reason, retry, message) => {
    const failure = sort(cause, stage);
    expect(failure).toMatchObject({ retry, error: { host: 'm1', reason, message: expect.stringMatching(message) } });
    expect(failure.error.remedy).toBeTruthy();
  });
});
