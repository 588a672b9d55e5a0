import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Client, ParsedKey } from 'ssh2';

/** The part of ssh2's Protocol that is used here. It is private there: nothing may depend on it that is not merely faster. */
interface Protocol {
  authPK(user: string, key: ParsedKey, algorithm?: string, sign?: Sign): void;
  requestFailure(): void;
  readonly _handlers: Handlers;
}

/** Of messages from the host. */
interface Handlers {
  GLOBAL_REQUEST: (protocol: Protocol, name: string, wantsReply: boolean) => void;
  SERVICE_ACCEPT: (protocol: Protocol, service: string) => void;
  EXT_INFO: (protocol: Protocol, extensions: unknown) => void;
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;

/** What is signed is hashed with, by signature algorithm; ed25519 does that itself. Others are left to ssh2. */
const HASHES: ReadonlyMap<string, string | null> = new Map([
  ['ssh-ed25519', null],
  ['ecdsa-sha2-nistp256', 'sha256'],
  ['ecdsa-sha2-nistp384', 'sha384'],
  ['ecdsa-sha2-nistp521', 'sha512'],
  ['rsa-sha2-256', 'sha256'],
  ['rsa-sha2-512', 'sha512'],
]);

/** ssh2 keeps keys as text: to read that again for each signature costs eight times the signing. */
const keyObjects = new WeakMap<ParsedKey, KeyObject>();

/**
 * Spares a connection what ssh2 always does and kplay has no use for.
 *
 * - OpenSSH announces all of its host keys after the login. ssh2 asks it to prove each of them; kplay learns no further keys.
 *   A key of a type that ssh2 does not know would end the connection.
 * - A key is offered before it is signed with, for the sake of keys that ask a person. Ours are open: the signature goes out at
 *   once (RFC 4252, section 7), which saves a round trip as well. Keys of an agent are offered as ever.
 * - ssh2 begins the login when the host has answered that there may be one, which each does. All that it needs is a verified host
 *   that has said how keys may sign (RFC 8308), as OpenSSH does right behind the exchange of keys. That saves a round trip. A host that
 *   does not say it is waited for.
 *
 * @param client connecting already: only then it has its protocol.
 * @returns whether ssh2 was as expected. When it is not, it is left as it is, which costs time and nothing else.
 */
export function shortenExchange(client: Client): boolean {
  const { _protocol: protocol } = client as unknown as { readonly _protocol?: unknown };
  if (!isProtocol(protocol)) return false;
  protocol._handlers.GLOBAL_REQUEST = (_protocol, _name, wantsReply) => {
    if (wantsReply) protocol.requestFailure();
  };
  beginLoginEarly(client, protocol);
  const offer = protocol.authPK;
  protocol.authPK = (user, key, algorithm = key.type, sign = signer(key, algorithm)) =>
    offer.call(protocol, user, key, algorithm, sign);
  return true;
}

function beginLoginEarly(client: Client, protocol: Protocol): void {
  const { _handlers: handlers } = protocol;
  const { SERVICE_ACCEPT: begin, EXT_INFO: learn } = handlers;
  let isVerified = false;
  let hasExtensions = false;
  let isStarted = false;
  const beginOnce: Handlers['SERVICE_ACCEPT'] = (_protocol, service) => {
    if (!isStarted) begin(protocol, service);
    isStarted = true;
  };
  const beginIfReady = (): void => {
    if (isVerified && hasExtensions) beginOnce(protocol, 'ssh-userauth');
  };
  handlers.SERVICE_ACCEPT = beginOnce;
  handlers.EXT_INFO = (_protocol, extensions) => {
    learn(protocol, extensions);
    hasExtensions = true;
    beginIfReady();
  };
  client.once('handshake', () => {
    // Behind ssh2's request for the login, which it makes when all have heard of this.
    queueMicrotask(() => {
      isVerified = true;
      beginIfReady();
    });
  });
}

/** The methods are there, and take as many arguments as in the ssh2 that this was written for. */
function isProtocol(value: unknown): value is Protocol {
  const { authPK, requestFailure, _handlers: handlers } = (value ?? {}) as Partial<Record<keyof Protocol, unknown>>;
  const { GLOBAL_REQUEST, SERVICE_ACCEPT, EXT_INFO } = (handlers ?? {}) as Partial<Record<keyof Handlers, unknown>>;
  return (
    takes(authPK, 4) &&
    takes(requestFailure, 0) &&
    takes(GLOBAL_REQUEST, 4) &&
    takes(SERVICE_ACCEPT, 2) &&
    takes(EXT_INFO, 2)
  );
}

function takes(method: unknown, count: number): boolean {
  return typeof method === 'function' && method.length === count;
}

function signer(key: ParsedKey, algorithm: string): Sign | undefined {
  const hash = HASHES.get(algorithm);
  if (hash === undefined || !key.isPrivateKey()) return undefined;
  return (data, done) => done(sign(hash, data, keyObjectOf(key)));
}

function keyObjectOf(key: ParsedKey): KeyObject {
  const known = keyObjects.get(key) ?? createPrivateKey(key.getPrivatePEM());
  keyObjects.set(key, known);
  return known;
}
