import asn1 from 'node-forge/lib/asn1.js';
import { PkiError } from './pki-error.ts';

/** One element of a DER structure. */
export type DerNode = asn1.Asn1;

/** First octets of the elements used in X.509: class, constructed bit and number. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

const CONSTRUCTED = 0x20;
const CLASS_BITS = 0xc0;
const NUMBER_BITS = 0x1f;
/** Certificates nest about ten levels deep. */
const MAX_DEPTH = 40;
/** A certificate with 100 names takes 4 kB; decoding this much of the worst input takes a fifth of a second. */
const MAX_BYTES = 262_144;

/** The first octet of `[number]` of a structure: constructed if it is EXPLICIT or contains elements. */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return 0x80 | number | (form === 'constructed' ? CONSTRUCTED : 0);
}

export function tagOf(node: DerNode): number {
  return node.tagClass | node.type | (node.constructed ? CONSTRUCTED : 0);
}

/**
 * Parses DER bytes. `what` names them in errors: `the certificate`.
 *
 * Forge also reads BER: long forms of lengths, open ends, padded integers. Anything that does not encode to the same bytes
 * again is rejected, so that for every node from here `encodeDer(node)` is exactly the input.
 * @throws {PkiError} for anything but a single DER element
 */
export function decodeDer(bytes: Uint8Array, what: string): DerNode {
  if (bytes.length > MAX_BYTES) throw new PkiError(`${what} is too large: ${bytes.length} bytes`);
  const text = binaryString(bytes);
  let node: DerNode;
  let encodedAgain: string;
  try {
    node = asn1.fromDer(text, { decodeBitStrings: false, maxDepth: MAX_DEPTH });
    encodedAgain = asn1.toDer(node).getBytes();
  } catch {
    throw new PkiError(`${what} is not DER: it is damaged or truncated`);
  }
  if (encodedAgain !== text) throw new PkiError(`${what} is not DER: its encoding is not the shortest`);
  return node;
}

export function encodeDer(node: DerNode): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1');
}

/** The elements of a constructed element. */
export function elements(node: DerNode, tag: number, what: string): readonly DerNode[] {
  if (tagOf(node) !== tag || typeof node.value === 'string') throw malformed(what);
  return node.value;
}

/** The content octets of a primitive element. */
export function contents(node: DerNode, tag: number, what: string): Buffer {
  if (tagOf(node) !== tag || typeof node.value !== 'string') throw malformed(what);
  // Forge decodes anything with the number of a BMPString, of any class, as text; everything else as binary strings.
  return node.type === TAG.bmpString ? Buffer.from(node.value, 'utf16le').swap16() : Buffer.from(node.value, 'latin1');
}

/** The octets of a BIT STRING without unused bits, such as keys and signatures. */
export function wholeBitString(node: DerNode, what: string): Buffer {
  const octets = contents(node, TAG.bitString, what);
  if (octets[0] !== 0) throw malformed(what);
  return octets.subarray(1);
}

/** An OBJECT IDENTIFIER in dotted form; a broken one, or one with an arc above 2^53, as `OID:` and hex. */
export function readOid(node: DerNode, what: string): string {
  const octets = contents(node, TAG.oid, what);
  const complete = ((octets.at(-1) ?? 0x80) & 0x80) === 0;
  try {
    const dotted = complete ? asn1.derToOid(octets.toString('latin1')) : undefined;
    if (dotted !== undefined) return dotted;
  } catch {
    // An arc too large for forge.
  }
  return `OID:${octets.toString('hex')}`;
}

/** Takes the elements of a structure in order. */
export class DerFields {
  readonly #nodes: readonly DerNode[];
  readonly #what: string;
  #next = 0;

  constructor(node: DerNode, tag: number, what: string) {
    this.#nodes = elements(node, tag, what);
    this.#what = what;
  }

  /** @throws {PkiError} if the next element is missing or has another tag */
  take(tag: number): DerNode {
    const node = this.takeIf(tag);
    if (!node) throw malformed(this.#what);
    return node;
  }

  /** The next element if it has this tag. */
  takeIf(tag: number): DerNode | undefined {
    const node = this.peek();
    if (!node || tagOf(node) !== tag) return undefined;
    this.#next += 1;
    return node;
  }

  /** The next element, whatever it is. */
  takeAny(): DerNode {
    const node = this.peek();
    if (!node) throw malformed(this.#what);
    this.#next += 1;
    return node;
  }

  peek(): DerNode | undefined {
    return this.#nodes[this.#next];
  }

  /** @throws {PkiError} if there are elements left */
  end(): void {
    if (this.peek()) throw malformed(this.#what);
  }
}

export function malformed(what: string): PkiError {
  return new PkiError(`${what} is malformed`);
}

/** A primitive element. */
export function primitive(tag: number, octets: Uint8Array): DerNode {
  // Forge expects the content of a BMPString as text; none is made here.
  return asn1.create(tag & CLASS_BITS, tag & NUMBER_BITS, false, binaryString(octets));
}

/** A constructed element; undefined children are omitted. */
export function constructed(tag: number, children: readonly (DerNode | undefined)[]): DerNode {
  return asn1.create(
    tag & CLASS_BITS,
    tag & NUMBER_BITS,
    true,
    children.filter((child) => child !== undefined),
  );
}

export function sequence(...children: readonly (DerNode | undefined)[]): DerNode {
  return constructed(TAG.sequence, children);
}

/** A SET OF, in the order required by DER: by encoding. */
export function setOf(children: readonly DerNode[]): DerNode {
  const ordered = children.map((node) => ({ node, octets: encodeDer(node) }));
  ordered.sort((a, b) => Buffer.compare(a.octets, b.octets));
  return constructed(
    TAG.set,
    ordered.map(({ node }) => node),
  );
}

/** `dotted` as OBJECT IDENTIFIER. @throws {PkiError} if it is invalid */
export function oid(dotted: string): DerNode {
  if (!/^\d+(\.\d+)+$/.test(dotted)) throw new PkiError(`'${dotted}' is not an object identifier`);
  try {
    return asn1.create(0, TAG.oid, false, asn1.oidToDer(dotted).getBytes());
  } catch {
    throw new PkiError(`'${dotted}' is not an object identifier that can be encoded`);
  }
}

/** A non-negative INTEGER from big-endian octets. */
export function unsignedInteger(octets: Uint8Array): DerNode {
  const first = octets.findIndex((octet) => octet !== 0);
  const significant = first < 0 ? Uint8Array.of(0) : octets.subarray(first);
  const sign = (significant[0] ?? 0) & 0x80 ? [0] : [];
  return primitive(TAG.integer, Uint8Array.from([...sign, ...significant]));
}

export function octetString(octets: Uint8Array): DerNode {
  return primitive(TAG.octetString, octets);
}

/** A BIT STRING of whole octets. */
export function bitString(octets: Uint8Array): DerNode {
  return primitive(TAG.bitString, Uint8Array.from([0, ...octets]));
}

function binaryString(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1');
}
