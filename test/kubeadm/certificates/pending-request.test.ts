import { afterAll, describe, expect, test } from 'vitest';
import type { LeafIdentity } from '../../../src/kubeadm/certificates/leaf-identity.ts';
import { answers } from '../../../src/kubeadm/certificates/pending-request.ts';
import { publicKeyNode } from '../../../src/pki/certificate-encoding.ts';
import { constructed, contextTag, type DerNode, oid, primitive, sequence, setOf, TAG } from '../../../src/pki/der.ts';
import {
  extendedKeyUsageExtension,
  extensionList,
  subjectAltNameExtension,
} from '../../../src/pki/extension-encoding.ts';
import { encodeIdentity, type Identity } from '../../../src/pki/identity.ts';
import { encodePem } from '../../../src/pki/pem.ts';
import { generateKey, publicHalfOf, readPrivateKey } from '../../../src/pki/private-key.ts';
import { EXTENSION_REQUEST } from '../../../src/pki/request.ts';
import { readRequest } from '../../../src/pki/request-reading.ts';
import { signStructure } from '../../../src/pki/signing.ts';
import { Workbench } from '../../pki/support/openssl.ts';
import { needing } from '../../support/programs.ts';

const NODE: Identity = { subject: { commonName: 'system:node:worker-1', organizations: ['system:nodes'] } };
const IDENTITY = {
  subject: 'O=system:nodes, CN=system:node:worker-1',
  commonName: 'system:node:worker-1',
  organizations: ['system:nodes'],
  dnsNames: [],
  ipAddresses: [],
  otherNames: [],
  usages: ['clientAuth'],
  remarks: [],
};
/** Microsoft's own attribute for extensions, from which openssl takes them, too (X509_REQ_get_extensions). */
const MICROSOFTS = '1.3.6.1.4.1.311.2.1.14';
const privateKey = readPrivateKey((await generateKey('ECDSA-P256')).privatePem);
const NAMES = extensionList([subjectAltNameExtension(['kubernetes.default.svc'], [])]);

const bench = new Workbench();
afterAll(() => bench.remove());

type Attribute = readonly [id: string, value: DerNode];

/** A request in PEM for the node, with these attributes. */
function requestWith(...attributes: readonly Attribute[]): string {
  const { subject } = encodeIdentity(NODE);
  const set = attributes.map(([id, value]) => sequence(oid(id), setOf([value])));
  const info = sequence(
    primitive(TAG.integer, Uint8Array.of(0)),
    subject,
    publicKeyNode(publicHalfOf(privateKey)),
    constructed(contextTag(0, 'constructed'), set),
  );
  return encodePem('CERTIFICATE REQUEST', signStructure(info, privateKey));
}

function isAnswer(identity: LeafIdentity, ...attributes: readonly Attribute[]): boolean {
  const pem = requestWith(...attributes);
  const keyFile = { path: '', mode: '0600', uid: 0, gid: 0, size: 1, modifiedAt: 0, sha256: '' };
  return answers({ name: 'kubelet-client', request: readRequest(pem), pem, publicHalf: '', keyFile }, identity);
}

const answersWith = (...attributes: readonly Attribute[]): boolean => isAnswer(IDENTITY, ...attributes);

describe('a request that waits on a host', () => {
  test('is for a node when it asks for that and for nothing else', () => {
    expect(answersWith()).toBe(true);
    expect(answersWith([EXTENSION_REQUEST, NAMES])).toBe(false);
  });

  test.each<[usages: readonly string[], isReused: boolean]>([
    [[], true],
    [['clientAuth', 'serverAuth'], true],
    [['serverAuth'], false],
    [['serverAuth', 'clientAuth', 'codeSigning'], false],
  ])('for %j is reused where both usages are needed: %s', (usages, isReused) => {
    const asked: readonly Attribute[] =
      usages.length === 0 ? [] : [[EXTENSION_REQUEST, extensionList([extendedKeyUsageExtension(usages)])]];
    expect(isAnswer({ ...IDENTITY, usages: ['serverAuth', 'clientAuth'] }, ...asked)).toBe(isReused);
  });

  test('asks for something else where some authorities find it', needing('openssl'), () => {
    bench.openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=ca',
      '-keyout',
      'ca.key',
      '-out',
      'ca',
    );
    bench.write('csr', requestWith([MICROSOFTS, NAMES]));
    const signed = [
      'x509',
      '-req',
      '-in',
      'csr',
      '-CA',
      'ca',
      '-CAkey',
      'ca.key',
      '-copy_extensions',
      'copyall',
      '-text',
    ];
    expect(bench.openssl(...signed)).toContain('DNS:kubernetes.default.svc');
    expect(answersWith([MICROSOFTS, NAMES])).toBe(false);
  });

  test('has no attribute that nobody has asked it to have', () => {
    const password = primitive(TAG.utf8String, Buffer.from('secret'));
    expect(answersWith(['1.2.840.113549.1.9.7', password])).toBe(false);
  });
});
