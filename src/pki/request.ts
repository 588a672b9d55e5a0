import { publicKeyNode } from './certificate-encoding.ts';
import { constructed, contextTag, type DerNode, oid, primitive, sequence, setOf, TAG } from './der.ts';
import { extensionList } from './extension-encoding.ts';
import { encodeIdentity, type Identity, type IdentityCopy } from './identity.ts';
import { encodePem } from './pem.ts';
import { type PrivateKey, publicHalfOf } from './private-key.ts';
import { signStructure } from './signing.ts';

/** PKCS#9 extensionRequest (RFC 2985 section 5.4.2). */
export const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

export type CsrRequest = (Identity | IdentityCopy) & { readonly privateKey: PrivateKey };

/**
 * Makes a certificate signing request (PKCS#10, RFC 2986), in PEM, for an authority whose key kplay does not have: with the
 * subject and its alternative names, like kubeadm's `certs generate-csr`; the authority sets the purposes.
 */
export function createCsr(request: CsrRequest): string {
  const { subject, subjectAltName } = encodeIdentity(request);
  const info = sequence(
    primitive(TAG.integer, Uint8Array.of(0)),
    subject,
    publicKeyNode(publicHalfOf(request.privateKey)),
    constructed(contextTag(0, 'constructed'), [subjectAltName && extensionRequest(subjectAltName)]),
  );
  return encodePem('CERTIFICATE REQUEST', signStructure(info, request.privateKey));
}

function extensionRequest(extension: DerNode): DerNode {
  return sequence(oid(EXTENSION_REQUEST), setOf([extensionList([extension])]));
}
