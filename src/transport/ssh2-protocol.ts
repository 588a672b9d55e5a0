import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Client, ParsedKey } from 'ssh2';

/** The part of ssh2's Protocol that is used here. It is private there: nothing may depend on it that is not merely faster. */
interface Protocol {
  authPK(user: string, key: ParsedKey, algorithm?: string, sign?: Sign): void;
  requestFailure(): void;
  readonly _handlers: { GLOBAL_REQUEST: (protocol: Protocol, name: string, wantsReply: boolean) => void };
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
  const offer = protocol.authPK;
  protocol.authPK = (user, key, algorithm = key.type, sign = signer(key, algorithm)) =>
    offer.call(protocol, user, key, algorithm, sign);
  return true;
}

/** The methods are there, and take as many arguments as in the ssh2 that this was written for. */
function isProtocol(value: unknown): value is Protocol {
  const { authPK, requestFailure, _handlers: handlers } = (value ?? {}) as Partial<Record<keyof Protocol, unknown>>;
  const { GLOBAL_REQUEST: request } = (handlers ?? {}) as { readonly GLOBAL_REQUEST?: unknown };
  return takes(authPK, 4) && takes(requestFailure, 0) && takes(request, 4);
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
