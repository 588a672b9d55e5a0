import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Client, ParsedKey } from 'ssh2';

/** The part of ssh2's Protocol that is used here: private there, and the version of ssh2 is fixed. */
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
 * Spares a connection what ssh2 always does and kplay has no use for: a fifth of what connecting to a host costs the controller.
 *
 * - Packets reach the socket in three pieces, each a segment of its own that wakes the sshd up. They go out together.
 * - OpenSSH announces all of its host keys after the login. ssh2 asks it to prove each of them; kplay learns no further keys.
 * - A key is offered before it is signed with, for the sake of keys that ask a person. Ours are open: the signature goes out at
 *   once (RFC 4252, section 7), which saves a round trip as well. Keys of an agent are offered as ever.
 *
 * @param client connecting already: only then it has its protocol.
 */
export function shortenExchange(client: Client): void {
  const { _protocol: protocol, _sock: socket } = client as unknown as { _protocol: Protocol; _sock: Duplex };
  writeTogether(socket);
  protocol._handlers.GLOBAL_REQUEST = (_protocol, _name, wantsReply) => {
    if (wantsReply) protocol.requestFailure();
  };
  const offer = protocol.authPK;
  protocol.authPK = (user, key, algorithm = key.type, sign = signer(key, algorithm)) =>
    offer.call(protocol, user, key, algorithm, sign);
}

/** What is written before the program waits for something again is one write of the system. */
function writeTogether(socket: Duplex): void {
  const write = socket.write.bind(socket);
  // Nobody but ssh2 writes to it, and it gives nothing but bytes.
  socket.write = (bytes: Buffer) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      queueMicrotask(() => socket.uncork());
    }
    return write(bytes);
  };
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
