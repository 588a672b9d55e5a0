import {
  constructed,
  contents,
  contextTag,
  type DerNode,
  decodeDer,
  elements,
  encodeDer,
  octetString,
  oid,
  primitive,
  sequence,
  TAG,
  tagOf,
} from './der.ts';
import { EXTENDED_KEY_USAGES, EXTENSION, KEY_USAGES } from './extensions.ts';
import { ipBytes } from './ip-address.ts';
import { PkiError } from './pki-error.ts';

/** The allowed uses of a key, as a critical extension. */
export function keyUsageExtension(usages: readonly (typeof KEY_USAGES)[number][]): DerNode {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  const octets = new Uint8Array(Math.floor(Math.max(...bits) / 8) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  // DER omits the trailing zero bits of such a list.
  const unused = 7 - (Math.max(...bits) % 8);
  return extension(EXTENSION.keyUsage, primitive(TAG.bitString, Uint8Array.of(unused, ...octets)), 'critical');
}

/** The purposes of a certificate, by name or object identifier; undefined if there are none. */
export function extendedKeyUsageExtension(usages: readonly string[]): DerNode | undefined {
  if (usages.length === 0) return undefined;
  return extension(
    EXTENSION.extendedKeyUsage,
    sequence(...usages.map((usage) => oid(EXTENDED_KEY_USAGES.get(usage) ?? usage))),
  );
}

/** Whether the certificate is a CA's, as a critical extension; DER omits the default `false`. */
export function basicConstraintsExtension({ isAuthority }: { readonly isAuthority: boolean }): DerNode {
  const flag = isAuthority ? primitive(TAG.boolean, Uint8Array.of(0xff)) : undefined;
  return extension(EXTENSION.basicConstraints, sequence(flag), 'critical');
}

/** RFC 5280, 4.2.1.2. @param id usually a digest of the public key */
export function subjectKeyIdExtension(id: Uint8Array): DerNode {
  return extension(EXTENSION.subjectKeyIdentifier, octetString(id));
}

/** RFC 5280, 4.2.1.1, with nothing but the key. @param id the subject key id of the CA */
export function authorityKeyIdExtension(id: Uint8Array): DerNode {
  return extension(EXTENSION.authorityKeyIdentifier, sequence(primitive(contextTag(0, 'primitive'), id)));
}

/**
 * The names of a server, DNS names first, in Go's order; undefined if there are none. Behind those of an existing extension, which are
 * kept byte by byte.
 * @throws {PkiError} for a DNS name that is not printable ASCII, or an invalid IP address
 */
export function subjectAltNameExtension(
  dnsNames: readonly string[],
  ipAddresses: readonly string[],
  existing?: DerNode,
): DerNode | undefined {
  const names = [...dnsNames.map(dnsName), ...ipAddresses.map(ipAddress)];
  if (names.length === 0) return existing;
  if (!existing) return extension(EXTENSION.subjectAltName, sequence(...names));
  const fields = elements(existing, TAG.sequence, ALTERNATIVE_NAMES);
  return sequence(
    ...fields.map((field) =>
      tagOf(field) === TAG.octetString
        ? octetString(
            encodeDer(sequence(...elements(extensionValue(field), TAG.sequence, ALTERNATIVE_NAMES), ...names)),
          )
        : field,
    ),
  );
}

const ALTERNATIVE_NAMES = 'the alternative names';

function extensionValue(field: DerNode): DerNode {
  return decodeDer(contents(field, TAG.octetString, ALTERNATIVE_NAMES), ALTERNATIVE_NAMES);
}

/** `Extensions`, without undefined ones. */
export function extensionList(extensions: readonly (DerNode | undefined)[]): DerNode {
  return constructed(TAG.sequence, extensions);
}

function extension(id: string, value: DerNode, critical?: 'critical'): DerNode {
  const flag = critical && primitive(TAG.boolean, Uint8Array.of(0xff));
  return sequence(oid(id), flag, octetString(encodeDer(value)));
}

function dnsName(name: string): DerNode {
  if (!/^[\x21-\x7e]+$/.test(name)) throw new PkiError(`'${name}' is not a DNS name that a certificate can contain`);
  return primitive(contextTag(2, 'primitive'), Buffer.from(name, 'latin1'));
}

function ipAddress(text: string): DerNode {
  const bytes = ipBytes(text);
  if (!bytes) throw new PkiError(`'${text}' is not an IP address`);
  return primitive(contextTag(7, 'primitive'), bytes);
}
