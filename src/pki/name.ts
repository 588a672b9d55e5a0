import {
  contents,
  type DerNode,
  elements,
  malformed,
  oid,
  primitive,
  readOid,
  sequence,
  setOf,
  TAG,
  tagOf,
} from './der.ts';
import { PkiError } from './pki-error.ts';

/** A distinguished name: the parts that Kubernetes uses, and the whole as text. */
export interface Name {
  /** The user name for Kubernetes. Of several the last, as in Go. */
  readonly commonName?: string;
  /** The groups for Kubernetes. */
  readonly organizations: readonly string[];
  /**
   * All parts in the order of the certificate: `O=system:masters, CN=kubernetes-admin`. Escaped as in RFC 4514, so it is
   * printable.
   */
  readonly text: string;
}

interface Attribute {
  readonly type: string;
  readonly value: string;
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SHORT_NAMES = new Map([
  [COMMON_NAME, 'CN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  [ORGANIZATION, 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.17', 'postalCode'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
]);
/** The characters that Go's encoding/asn1 writes as PrintableString: X.680's set without `*` and `&`. */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

export function readName(node: DerNode): Name {
  const what = 'a name in it';
  const sets = elements(node, TAG.sequence, what).map((set) => elements(set, TAG.set, what).map(readAttribute));
  const values = (type: string) => sets.flat().flatMap((attribute) => (attribute.type === type ? attribute.value : []));
  const commonName = values(COMMON_NAME).at(-1);
  return {
    ...(commonName !== undefined && { commonName }),
    organizations: values(ORGANIZATION),
    text: sets.map((set) => set.map(formatAttribute).join('+')).join(', '),
  };
}

/** The printed form of such a name: `O=system:masters, CN=kubernetes-admin`. */
export function nameText(name: { readonly commonName?: string; readonly organizations?: readonly string[] }): string {
  return readName(encodeName(name)).text;
}

/** The parts of a name's text: `O=system:masters` and `CN=kubernetes-admin`. */
export function nameParts(text: string): readonly string[] {
  return text.split(/(?<!\\)(?:, |\+)/);
}

/**
 * A name in the encoding of Go's crypto/x509/pkix: O before CN, all organizations in one SET (`Name.ToRDNSequence`).
 * @throws {PkiError} for an empty name
 */
export function encodeName(name: {
  readonly commonName?: string;
  readonly organizations?: readonly string[];
}): DerNode {
  const organizations = name.organizations ?? [];
  const sets = [
    ...(organizations.length > 0 ? [setOf(organizations.map((value) => attribute(ORGANIZATION, value)))] : []),
    ...(name.commonName ? [setOf([attribute(COMMON_NAME, name.commonName)])] : []),
  ];
  if (sets.length === 0) throw new PkiError('the subject has neither a common name nor an organization');
  return sequence(...sets);
}

function readAttribute(node: DerNode): Attribute {
  const what = 'an attribute of a name in it';
  const [type, value, ...more] = elements(node, TAG.sequence, what);
  if (!type || !value || more.length > 0) throw malformed(what);
  return { type: readOid(type, what), value: readText(value) };
}

/** The text of any of ASN.1's string types; for other types `#` and its octets in hex. */
function readText(node: DerNode): string {
  if (typeof node.value !== 'string') return '#';
  const octets = contents(node, tagOf(node), 'a text in it');
  switch (tagOf(node)) {
    case TAG.utf8String:
      return octets.toString('utf8');
    // Teletex is in practice Latin-1, which is how Go and openssl read it.
    case TAG.printableString:
    case TAG.teletexString:
    case TAG.ia5String:
    case TAG.visibleString:
      return octets.toString('latin1');
    case TAG.bmpString:
      return node.value;
    case TAG.universalString:
      return utf32(octets);
    default:
      return `#${octets.toString('hex')}`;
  }
}

function utf32(octets: Buffer): string {
  let text = '';
  for (let at = 0; at + 4 <= octets.length; at += 4) {
    const code = octets.readUInt32BE(at);
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}

function attribute(type: string, value: string): DerNode {
  const tag = PRINTABLE.test(value) ? TAG.printableString : TAG.utf8String;
  return sequence(oid(type), primitive(tag, Buffer.from(value, 'utf8')));
}

function formatAttribute({ type, value }: Attribute): string {
  const escaped = value.replace(/[\\,+"<>;]/g, '\\$&').replace(/^[ #]|(?<!^) $/g, '\\$&');
  return `${SHORT_NAMES.get(type) ?? type}=${printable(escaped)}`;
}

/**
 * A text from a certificate, safe to print: control and format characters, which could move the cursor or reorder the line,
 * are replaced by `\` and hex.
 */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, (character) => Buffer.from(character, 'utf8').toString('hex').replace(/../g, '\\$&'));
}
