import {
  bitString,
  constructed,
  contextTag,
  type DerNode,
  encodeDer,
  octetString,
  oid,
  primitive,
  sequence,
  setOf,
  TAG,
} from '../../../src/pki/der.ts';

/** Parts of a certificate that no well-behaved tool makes. */
export interface Crafted {
  readonly version?: number;
  readonly serial?: Uint8Array;
  readonly subject?: DerNode;
  readonly notBefore?: DerNode;
  readonly notAfter?: DerNode;
  readonly publicKey?: DerNode;
  readonly extensions?: readonly DerNode[];
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/** A certificate of any shape, in DER; its signature is a sham. */
export function craft(parts: Crafted = {}): Buffer {
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const name = sequence(setOf([attribute('2.5.4.3', TAG.utf8String, 'crafted')]));
  const tbsCertificate = sequence(
    parts.version === 1
      ? undefined
      : constructed(contextTag(0, 'constructed'), [primitive(TAG.integer, Uint8Array.of((parts.version ?? 3) - 1))]),
    primitive(TAG.integer, parts.serial ?? Uint8Array.of(1)),
    algorithm,
    name,
    sequence(parts.notBefore ?? time('260101000000Z'), parts.notAfter ?? time('270101000000Z')),
    parts.subject ?? name,
    parts.publicKey ?? ecPublicKey('1.2.840.10045.3.1.7', Buffer.alloc(65, 4)),
    parts.extensions && constructed(contextTag(3, 'constructed'), [sequence(...parts.extensions)]),
  );
  return encodeDer(sequence(tbsCertificate, algorithm, bitString(Buffer.alloc(70, 1))));
}

/** UTCTime when it has 13 characters, else GeneralizedTime. */
export function time(text: string): DerNode {
  return primitive(text.length <= 13 ? TAG.utcTime : TAG.generalizedTime, Buffer.from(text));
}

export function attribute(type: string, tag: number, value: string | Uint8Array): DerNode {
  return sequence(oid(type), primitive(tag, Buffer.from(value)));
}

export function ecPublicKey(curve: string, point: Uint8Array): DerNode {
  return sequence(sequence(oid('1.2.840.10045.2.1'), oid(curve)), bitString(point));
}

export function rsaPublicKey(modulus: Uint8Array): DerNode {
  const key = sequence(primitive(TAG.integer, modulus), primitive(TAG.integer, Uint8Array.of(1, 0, 1)));
  return sequence(
    sequence(oid('1.2.840.113549.1.1.1'), primitive(TAG.null, new Uint8Array())),
    bitString(encodeDer(key)),
  );
}

export function extension(id: string, value: DerNode | Uint8Array): DerNode {
  return sequence(oid(id), octetString(value instanceof Uint8Array ? value : encodeDer(value)));
}
