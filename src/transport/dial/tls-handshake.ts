/** Content types and handshake types of TLS (RFC 5246, sections 6.2.1 and 7.4). */
const HANDSHAKE_RECORD = 22;
const CERTIFICATE_MESSAGE = 11;
export const SERVER_KEY_EXCHANGE = 12;
export const CLIENT_KEY_EXCHANGE = 16;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
/** A certificate message may contain up to 16 MB; no real chain is larger than this. */
const MAX_BYTES = 256 * 1024;

/**
 * Follows the unencrypted part of one side of a TLS handshake, and finds the certificates that it presents: those of servers
 * up to TLS 1.2, including servers that refuse the handshake afterwards because the client has no certificate.
 */
export class HandshakeReader {
  /** The presented certificates as DER, the leaf first; undefined before that message, or without one. */
  chain: readonly Uint8Array[] | undefined;
  readonly #types = new Set<number>();
  #records: Buffer = Buffer.alloc(0);
  #handshake: Buffer = Buffer.alloc(0);
  #received = 0;
  #finished = false;

  /** Whether a message of this type was sent. */
  has(type: number): boolean {
    return this.#types.has(type);
  }

  push(bytes: Uint8Array): void {
    if (this.#finished) return;
    this.#received += bytes.length;
    this.#records = Buffer.concat([this.#records, bytes]);
    this.#readRecords();
    if (this.#received > MAX_BYTES) this.#finished = true;
  }

  /** Extracts the handshake messages from the records; one may span several records, and one record may contain several. */
  #readRecords(): void {
    while (!this.#finished && this.#records.length >= RECORD_HEADER) {
      const end = RECORD_HEADER + this.#records.readUInt16BE(3);
      if (this.#records.length < end) return;
      if (this.#records[0] !== HANDSHAKE_RECORD) {
        this.#finished = true;
        return;
      }
      this.#handshake = Buffer.concat([this.#handshake, this.#records.subarray(RECORD_HEADER, end)]);
      this.#records = this.#records.subarray(end);
      this.#readMessages();
    }
  }

  #readMessages(): void {
    while (!this.#finished && this.#handshake.length >= MESSAGE_HEADER) {
      const end = MESSAGE_HEADER + this.#handshake.readUIntBE(1, 3);
      if (this.#handshake.length < end) return;
      const [type = 0] = this.#handshake;
      if (type === CERTIFICATE_MESSAGE && !this.#types.has(type))
        this.chain = certificates(this.#handshake.subarray(MESSAGE_HEADER, end));
      this.#types.add(type);
      this.#handshake = this.#handshake.subarray(end);
    }
  }
}

/** The list in a certificate message; undefined if its lengths are inconsistent or it is empty. */
function certificates(body: Buffer): readonly Uint8Array[] | undefined {
  if (body.length < 3 || body.readUIntBE(0, 3) !== body.length - 3) return undefined;
  const chain: Uint8Array[] = [];
  let at = 3;
  while (at < body.length) {
    if (at + 3 > body.length) return undefined;
    const end = at + 3 + body.readUIntBE(at, 3);
    if (end > body.length) return undefined;
    chain.push(Uint8Array.from(body.subarray(at + 3, end)));
    at = end;
  }
  return chain.length > 0 ? chain : undefined;
}
