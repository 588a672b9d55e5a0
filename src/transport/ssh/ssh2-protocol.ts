import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Client, ParsedKey } from 'ssh2';

/** The part of ssh2's Protocol that is used here. It is private in ssh2: it may only be used to save time. */
interface Protocol {
  authPK(user: string, key: ParsedKey, algorithm?: string, sign?: Sign): void;
  requestFailure(): void;
  readonly _handlers: Handlers;
}

/** Handlers of messages from the host. */
interface Handlers {
  GLOBAL_REQUEST: (protocol: Protocol, name: string, wantsReply: boolean) => void;
  SERVICE_ACCEPT: (protocol: Protocol, service: string) => void;
  EXT_INFO: (protocol: Protocol, extensions: unknown) => void;
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;

/** The hash of each signature algorithm; ed25519 hashes by itself. Others are left to ssh2. */
const HASHES: ReadonlyMap<string, string | null> = new Map([
  ['ssh-ed25519', null],
  ['ecdsa-sha2-nistp256', 'sha256'],
  ['ecdsa-sha2-nistp384', 'sha384'],
  ['ecdsa-sha2-nistp521', 'sha512'],
  ['rsa-sha2-256', 'sha256'],
  ['rsa-sha2-512', 'sha512'],
]);

/** ssh2 keeps keys as text: parsing it again for each signature costs eight times as much as signing. */
const keyObjects = new WeakMap<ParsedKey, KeyObject>();

/**
 * Skips work of ssh2 that kplay does not need.
 *
 * - OpenSSH announces all of its host keys after the login. ssh2 asks it to prove each of them; kplay learns no further keys.
 * A key of a type unknown to ssh2 would end the connection.
 * - ssh2 offers a key before signing with it, in case the key has to ask a person. Keys of kplay are open already: the
 * signature is sent at once (RFC 4252, section 7), which also saves a round trip. Keys of an agent are still offered first.
 * - ssh2 starts the login when the host has accepted the request for it, which every host does. A verified host and its list
 * of signature algorithms (RFC 8308), which OpenSSH sends right after the key exchange, are enough. That saves a round trip.
 * Without the list kplay waits for the host.
 *
 * @param client is already connecting: only then it has its protocol
 * @returns whether ssh2 had the expected form. If not, it is left unchanged, which only costs time.
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
    // After ssh2's request for the login, which it sends after all handlers have run.
    queueMicrotask(() => {
      isVerified = true;
      beginIfReady();
    });
  });
}

/** Whether the methods exist and take as many arguments as in the ssh2 that this was written for. */
function isProtocol(value: unknown): value is Protocol {
  const { authPK, requestFailure, _handlers: handlers } = (value ?? {}) as Partial<Record<keyof Protocol, unknown>>;
  const { GLOBAL_REQUEST, SERVICE_ACCEPT, EXT_INFO } = (handlers ?? {}) as Partial<Record<keyof Handlers, unknown>>;
  return (
    hasParameters(authPK, 4) &&
    hasParameters(requestFailure, 0) &&
    hasParameters(GLOBAL_REQUEST, 4) &&
    hasParameters(SERVICE_ACCEPT, 2) &&
    hasParameters(EXT_INFO, 2)
  );
}

function hasParameters(method: unknown, count: number): boolean {
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
