import {
  contents,
  contextTag,
  DerFields,
  type DerNode,
  decodeDer,
  elements,
  encodeDer,
  malformed,
  readOid,
  TAG,
  tagOf,
} from './der.ts';
import { formatIp } from './ip-address.ts';
import { readName } from './name.ts';
import { PkiError } from './pki-error.ts';

/** Object identifiers of the extensions of RFC 5280 that kplay reads or writes. */
export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/**
 * Those that Go's crypto/x509 handles, or at least parses, where they are critical: besides these, constraints on names, places of CRLs,
 * policies with their mappings and constraints, and authority information access.
 */
const HANDLED: ReadonlySet<string> = new Set([
  ...Object.values(EXTENSION),
  ...['2.5.29.30', '2.5.29.31', '2.5.29.32', '2.5.29.33', '2.5.29.36', '2.5.29.54', '1.3.6.1.5.5.7.1.1'],
]);

/** Names of the bits of a keyUsage, from bit 0 (RFC 5280 section 4.2.1.3). */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** Names of the purposes of an extendedKeyUsage, and their object identifiers. */
export const EXTENDED_KEY_USAGES: ReadonlyMap<string, string> = new Map([
  ['serverAuth', '1.3.6.1.5.5.7.3.1'],
  ['clientAuth', '1.3.6.1.5.5.7.3.2'],
  ['codeSigning', '1.3.6.1.5.5.7.3.3'],
  ['emailProtection', '1.3.6.1.5.5.7.3.4'],
  ['timeStamping', '1.3.6.1.5.5.7.3.8'],
  ['OCSPSigning', '1.3.6.1.5.5.7.3.9'],
  ['anyExtendedKeyUsage', '2.5.29.37.0'],
]);

/** The names of a subjectAltName. */
interface AltNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly otherNames: readonly string[];
}

/** The contents of a certificate's extensions. */
export interface ExtensionValues extends AltNames {
  readonly isAuthority: boolean;
  readonly keyUsages: readonly string[];
  readonly extendedKeyUsages: readonly string[];
  readonly subjectKeyId?: string;
  readonly authorityKeyId?: string;
}

/** The extensions of a certificate by object identifier, each as its complete `Extension` element. */
export function extensionNodes(list: DerNode | undefined): ReadonlyMap<string, DerNode> {
  const what = 'its list of extensions';
  const nodes = new Map<string, DerNode>();
  if (!list) return nodes;
  for (const node of elements(list, TAG.sequence, what)) {
    const id = readOid(new DerFields(node, TAG.sequence, what).take(TAG.oid), what);
    if (nodes.has(id)) throw new PkiError(`it has the extension ${id} twice`);
    nodes.set(id, node);
  }
  return nodes;
}

/** Reads the extensions that kplay uses; the others are not parsed. */
export function readExtensions(nodes: ReadonlyMap<string, DerNode>): ExtensionValues {
  const read = <T>(id: string, reader: (value: DerNode) => T): T | undefined => {
    const node = nodes.get(id);
    return node && reader(extensionValue(node));
  };
  const subjectKeyId = read(EXTENSION.subjectKeyIdentifier, (value) =>
    contents(value, TAG.octetString, 'its subject key identifier').toString('hex'),
  );
  const authorityKeyId = read(EXTENSION.authorityKeyIdentifier, readAuthorityKeyId);
  return {
    ...(read(EXTENSION.subjectAltName, readAltNames) ?? { dnsNames: [], ipAddresses: [], otherNames: [] }),
    isAuthority: read(EXTENSION.basicConstraints, readIsAuthority) ?? false,
    keyUsages: read(EXTENSION.keyUsage, readKeyUsages) ?? [],
    extendedKeyUsages: read(EXTENSION.extendedKeyUsage, readExtendedKeyUsages) ?? [],
    ...(subjectKeyId !== undefined && { subjectKeyId }),
    ...(authorityKeyId !== undefined && { authorityKeyId }),
  };
}

/** The first critical extension that Go does not handle: it rejects such a certificate. */
export function unhandledExtension(nodes: ReadonlyMap<string, DerNode>): string | undefined {
  return [...nodes].find(([id, node]) => !HANDLED.has(id) && isCritical(node))?.[0];
}

function isCritical(node: DerNode): boolean {
  const what = 'an extension of it';
  const fields = new DerFields(node, TAG.sequence, what);
  fields.take(TAG.oid);
  const flag = fields.takeIf(TAG.boolean);
  return flag !== undefined && contents(flag, TAG.boolean, what)[0] !== 0;
}

/** The decoded content of `Extension ::= SEQUENCE { id, critical DEFAULT FALSE, OCTET STRING }`. */
function extensionValue(node: DerNode): DerNode {
  const what = 'an extension of it';
  const fields = new DerFields(node, TAG.sequence, what);
  fields.take(TAG.oid);
  fields.takeIf(TAG.boolean);
  const octets = contents(fields.take(TAG.octetString), TAG.octetString, what);
  fields.end();
  return decodeDer(octets, what);
}

function readIsAuthority(value: DerNode): boolean {
  const what = 'its basic constraints extension';
  const flag = new DerFields(value, TAG.sequence, what).takeIf(TAG.boolean);
  return flag !== undefined && contents(flag, TAG.boolean, what)[0] !== 0;
}

/** How many authorities may be between one and a leaf, by its basic constraints; undefined without a limit. */
export function pathLengthOf(nodes: ReadonlyMap<string, DerNode>): number | undefined {
  const node = nodes.get(EXTENSION.basicConstraints);
  if (!node) return undefined;
  const what = 'its basic constraints extension';
  const fields = new DerFields(extensionValue(node), TAG.sequence, what);
  fields.takeIf(TAG.boolean);
  const length = fields.takeIf(TAG.integer);
  return length && Number(BigInt(`0x${contents(length, TAG.integer, what).toString('hex') || '0'}`));
}

function readKeyUsages(value: DerNode): readonly string[] {
  const octets = contents(value, TAG.bitString, 'its key usage extension').subarray(1);
  return KEY_USAGES.filter((_, bit) => ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

function readExtendedKeyUsages(value: DerNode): readonly string[] {
  const what = 'its extended key usage extension';
  const names = new Map([...EXTENDED_KEY_USAGES].map(([name, id]) => [id, name]));
  return elements(value, TAG.sequence, what).map((node) => {
    const id = readOid(node, what);
    return names.get(id) ?? id;
  });
}

function readAuthorityKeyId(value: DerNode): string | undefined {
  const what = 'its authority key identifier';
  const id = new DerFields(value, TAG.sequence, what).takeIf(contextTag(0, 'primitive'));
  return id && contents(id, tagOf(id), what).toString('hex');
}

function readAltNames(value: DerNode): AltNames {
  const dnsNames: string[] = [];
  const ipAddresses: string[] = [];
  const otherNames: string[] = [];
  for (const node of elements(value, TAG.sequence, 'its alternative names')) {
    const { kind, text } = readGeneralName(node);
    if (kind === 'dns') dnsNames.push(text);
    else if (kind === 'ip') ipAddresses.push(text);
    else otherNames.push(text);
  }
  return { dnsNames, ipAddresses, otherNames };
}

/** `GeneralName` of RFC 5280 section 4.2.1.6; those without a textual form as the hex of their encoding. */
function readGeneralName(node: DerNode): { readonly kind: 'dns' | 'ip' | 'other'; readonly text: string } {
  const what = 'an alternative name of it';
  const tag = tagOf(node);
  const octets = () => contents(node, tag, what);
  switch (tag) {
    case contextTag(1, 'primitive'):
      return { kind: 'other', text: `email:${octets().toString('latin1')}` };
    case contextTag(2, 'primitive'):
      return { kind: 'dns', text: octets().toString('latin1') };
    case contextTag(4, 'constructed'): {
      const [name] = elements(node, tag, what);
      if (!name) throw malformed(what);
      return { kind: 'other', text: `DirName:${readName(name).text}` };
    }
    case contextTag(6, 'primitive'):
      return { kind: 'other', text: `URI:${octets().toString('latin1')}` };
    case contextTag(7, 'primitive'): {
      const address = formatIp(octets());
      return address ? { kind: 'ip', text: address } : { kind: 'other', text: `IP:${octets().toString('hex')}` };
    }
    default:
      return { kind: 'other', text: `GeneralName:${encodeDer(node).toString('hex')}` };
  }
}
