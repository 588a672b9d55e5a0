import asn1 from 'node-forge/lib/asn1.js';
import { describe, expect, test } from 'vitest';
import { type Certificate, readCertificate, readCertificates } from '../../src/pki/certificate.ts';
import {
  contextTag,
  type DerNode,
  encodeDer,
  octetString,
  oid,
  primitive,
  sequence,
  setOf,
  TAG,
} from '../../src/pki/der.ts';
import { EXTENSION } from '../../src/pki/extensions.ts';
import { encodePem } from '../../src/pki/pem.ts';
import { PkiError } from '../../src/pki/pki-error.ts';
import { attribute, type Crafted, craft, ecPublicKey, extension, rsaPublicKey, time } from './support/craft.ts';

const read = (parts: Crafted): Certificate => readCertificate(craft(parts));
const pemOf = (serial: number) => encodePem('CERTIFICATE', craft({ serial: Uint8Array.of(serial) }));

describe('PEM texts', () => {
  test('a bundle is read in order, whatever stands around its blocks', () => {
    const text = `Bag Attributes\n  subject=/CN=x\n${pemOf(1)}\n# the old one\n${pemOf(2)}${pemOf(3)}trailing`;
    expect(readCertificates(text).map(({ serial }) => serial)).toEqual(['01', '02', '03']);
  });

  test('lines may end in CR LF, and the last line needs no end', () => {
    const text = `${pemOf(1)}${pemOf(2)}`.replaceAll('\n', '\r\n').trimEnd();
    expect(readCertificates(text)).toHaveLength(2);
  });

  test('a private key beside the certificate is passed over, as in kubelet-client-current.pem', () => {
    const text = `${pemOf(1)}-----BEGIN EC PRIVATE KEY-----\nnot even base64!\n-----END EC PRIVATE KEY-----\n${pemOf(2)}`;
    expect(readCertificates(text)).toHaveLength(2);
  });

  test.each([
    ['an empty file', ' \n', 'it is empty'],
    ['another file', 'apiVersion: v1\nkind: Config\n', 'there is no PEM certificate in it'],
    ['a file that is cut off', pemOf(1).slice(0, 200), 'its CERTIFICATE block has no end: the file is truncated'],
    [
      'two files run together',
      `-----BEGIN CERTIFICATE-----\nMIIB\n${pemOf(1)}`,
      'its CERTIFICATE block has no end: the file is truncated',
    ],
    ['a byte order mark, which Go does not pass over', `\ufeff${pemOf(1)}`, 'there is no PEM certificate in it'],
    [
      'two files without a line break between them',
      `${pemOf(1).trimEnd()}${pemOf(2)}`,
      'something is joined to the last line of its CERTIFICATE block',
    ],
    [
      'bytes that are not base64',
      '-----BEGIN CERTIFICATE-----\nMII$\n-----END CERTIFICATE-----',
      'its CERTIFICATE block is not base64: it is damaged',
    ],
    [
      'an empty block',
      '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----',
      'its CERTIFICATE block is not base64: it is damaged',
    ],
    [
      'base64 of something else',
      '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----',
      'the certificate is not DER: it is damaged or truncated',
    ],
  ])('%s is refused with its reason', (_, text, reason) => {
    expect(() => readCertificates(text)).toThrow(new PkiError(reason));
  });

  test('many unfinished blocks take no more than a moment', () => {
    const text = '-----BEGIN PRIVATE KEY-----\n'.repeat(40_000);
    expect(() => readCertificates(text)).toThrow(PkiError);
  });
});

describe('what a certificate may look like', () => {
  test('it is plain data', () => {
    const certificate = read({});
    expect(JSON.parse(JSON.stringify(certificate))).toEqual(certificate);
  });

  test('version 1 has no extensions', () => {
    expect(read({ version: 1 })).toMatchObject({ isAuthority: false, keyUsages: [], dnsNames: [] });
  });

  test('an empty subject is no parts and no text', () => {
    expect(read({ subject: sequence() }).subject).toEqual({ organizations: [], text: '' });
  });

  test.each([
    ['small', [0x0a], '0A'],
    ['with a sign octet', [0x00, 0xff, 0x01], 'FF01'],
    ['zero', [0x00], '00'],
    ['negative', [0xff], '-01'],
    ['negative and long', [0x80, 0x00], '-8000'],
    ['huge', Array.from({ length: 64 }, () => 0x7f), '7F'.repeat(64)],
  ])('a serial number that is %s', (_, octets, hex) => {
    expect(read({ serial: Uint8Array.from(octets) }).serial).toBe(hex);
  });

  test.each([
    ['UTF-8', TAG.utf8String, Buffer.from('köln')],
    ['Latin-1 in a TeletexString', TAG.teletexString, Buffer.from('köln', 'latin1')],
    ['UTF-16 in a BMPString', TAG.bmpString, undefined],
    ['UTF-32 in a UniversalString', TAG.universalString, Buffer.from('\0\0\0k\0\0\0ö\0\0\0l\0\0\0n', 'latin1')],
  ])('names in %s', (_, tag, octets) => {
    const value = octets ? primitive(tag, octets) : asn1.create(0, tag, false, 'köln');
    const subject = sequence(setOf([sequence(oid('2.5.4.3'), value)]));
    expect(read({ subject }).subject).toEqual({ commonName: 'köln', organizations: [], text: 'CN=köln' });
  });

  test('a name keeps its parts and their order, and its text can be printed', () => {
    const subject = sequence(
      setOf([attribute('2.5.4.6', TAG.printableString, 'DE')]),
      setOf([attribute('2.5.4.10', TAG.utf8String, 'b'), attribute('2.5.4.10', TAG.utf8String, 'a, inc.')]),
      setOf([attribute('1.2.3.4', TAG.utf8String, ' #x ')]),
      setOf([attribute('2.5.4.3', TAG.utf8String, 'first')]),
      setOf([attribute('2.5.4.3', TAG.utf8String, 'last\u001b[2J\u202e')]),
    );
    expect(read({ subject }).subject).toEqual({
      commonName: 'last\u001b[2J\u202e',
      organizations: ['b', 'a, inc.'],
      text: 'C=DE, O=b+O=a\\, inc., 1.2.3.4=\\ #x\\ , CN=first, CN=last\\1b[2J\\e2\\80\\ae',
    });
  });

  test.each([
    ['UTCTime of this century', '491231235959Z', '2049-12-31T23:59:59.000Z'],
    ['UTCTime of the last century', '500101000000Z', '1950-01-01T00:00:00.000Z'],
    ['UTCTime without seconds and with a zone', '2606010200+0130', '2026-06-01T00:30:00.000Z'],
    ['GeneralizedTime', '20500101000000Z', '2050-01-01T00:00:00.000Z'],
    ['the end of time of RFC 5280', '99991231235959Z', '9999-12-31T23:59:59.000Z'],
    ['fractions of a second', '20500101000000.5Z', '2050-01-01T00:00:00.000Z'],
  ])('dates: %s', (_, text, iso) => {
    const tag = /^\d{14}/.test(text) ? TAG.generalizedTime : TAG.utcTime;
    expect(new Date(read({ notAfter: primitive(tag, Buffer.from(text)) }).notAfter).toISOString()).toBe(iso);
  });

  test.each(['260230000000Z', '261301000000Z', '260101240000Z', '260101000000', 'xx0101000000Z', ''])(
    'the date %s is refused',
    (text) => {
      expect(() => read({ notBefore: time(text) })).toThrow(new PkiError('its validity is malformed'));
    },
  );

  test('alternative names of every kind', () => {
    const octets = (text: string) => Buffer.from(text, 'latin1');
    const names = sequence(
      primitive(contextTag(2, 'primitive'), octets('*.example.org')),
      primitive(contextTag(7, 'primitive'), Uint8Array.of(10, 96, 0, 1)),
      primitive(contextTag(7, 'primitive'), Uint8Array.from([0xfd, ...new Uint8Array(14), 1])),
      primitive(contextTag(7, 'primitive'), Uint8Array.of(1, 2, 3)),
      primitive(contextTag(6, 'primitive'), octets('spiffe://cluster/ns')),
      primitive(contextTag(1, 'primitive'), octets('root@example.org')),
      primitive(contextTag(8, 'primitive'), Uint8Array.of(0x2a)),
      { ...sequence(sequence(setOf([attribute('2.5.4.3', TAG.utf8String, 'dir')]))), tagClass: 0x80, type: 4 },
    );
    expect(read({ extensions: [extension(EXTENSION.subjectAltName, names)] })).toMatchObject({
      dnsNames: ['*.example.org'],
      ipAddresses: ['10.96.0.1', 'fd00::1'],
      otherNames: [
        'IP:010203',
        'URI:spiffe://cluster/ns',
        'email:root@example.org',
        'GeneralName:88012a',
        'DirName:CN=dir',
      ],
    });
  });

  test('a hundred names', () => {
    const dnsNames = Array.from({ length: 100 }, (_, index) => `host-${index}.example.org`);
    const names = sequence(...dnsNames.map((name) => primitive(contextTag(2, 'primitive'), Buffer.from(name))));
    expect(read({ extensions: [extension(EXTENSION.subjectAltName, names)] }).dnsNames).toEqual(dnsNames);
  });

  test('extensions that nobody knows may hold anything', () => {
    const uuid = primitive(TAG.oid, Buffer.from('6983f6c1c58fd2b6e9f7b2c1a8d0b7e5f3a112', 'hex'));
    const extensions = [
      extension('1.3.6.1.4.1.99999.1', Buffer.from('not DER')),
      sequence(uuid, primitive(TAG.boolean, Uint8Array.of(0xff)), octetString(new Uint8Array())),
    ];
    expect(read({ extensions }).dnsNames).toEqual([]);
  });

  test('usages by name, and by object identifier where there is none', () => {
    const certificate = read({
      extensions: [
        extension(EXTENSION.keyUsage, primitive(TAG.bitString, Uint8Array.of(7, 0x07, 0x80))),
        extension(EXTENSION.extendedKeyUsage, sequence(oid('1.3.6.1.5.5.7.3.2'), oid('1.3.6.1.4.1.311.10.3.4'))),
      ],
    });
    expect(certificate.keyUsages).toEqual(['keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly']);
    expect(certificate.extendedKeyUsages).toEqual(['clientAuth', '1.3.6.1.4.1.311.10.3.4']);
  });

  test('only CA:TRUE makes an authority', () => {
    const constraints = (...children: readonly DerNode[]) =>
      read({ extensions: [extension(EXTENSION.basicConstraints, sequence(...children))] }).isAuthority;
    expect(constraints()).toBe(false);
    expect(constraints(primitive(TAG.boolean, Uint8Array.of(0)))).toBe(false);
    expect(constraints(primitive(TAG.integer, Uint8Array.of(0)))).toBe(false);
    expect(constraints(primitive(TAG.boolean, Uint8Array.of(0xff)), primitive(TAG.integer, Uint8Array.of(0)))).toBe(
      true,
    );
  });

  test.each([
    ['RSA-1024', rsaPublicKey(Uint8Array.from([0, 0x80, ...new Uint8Array(127)]))],
    ['RSA-1021', rsaPublicKey(Uint8Array.from([0x10, ...new Uint8Array(127)]))],
    ['ECDSA-P384', ecPublicKey('1.3.132.0.34', Buffer.alloc(97, 4))],
    ['ECDSA-P521', ecPublicKey('1.3.132.0.35', Buffer.alloc(133, 4))],
    ['ECDSA-1.3.132.0.10', ecPublicKey('1.3.132.0.10', Buffer.alloc(65, 4))],
    ['Ed25519', sequence(sequence(oid('1.3.101.112')), primitive(TAG.bitString, Buffer.alloc(33)))],
    ['1.2.3.4', sequence(sequence(oid('1.2.3.4')), primitive(TAG.bitString, Buffer.alloc(33)))],
  ])('a key of %s', (key, publicKey) => {
    expect(read({ publicKey }).key).toBe(key);
  });
});

describe('what is not a certificate', () => {
  const der = craft();

  test.each([
    ['bytes after it', Buffer.concat([der, Buffer.of(0)])],
    ['a long form of a length that has a short one', withLongLength(der)],
    ['an open end', Buffer.concat([Buffer.of(0x30, 0x80), der.subarray(4), Buffer.of(0, 0)])],
    ['a padded integer', craft({ serial: Uint8Array.of(0, 0, 1) })],
    ['a text', Buffer.from('-----BEGIN CERTIFICATE-----')],
    ['nothing', Buffer.alloc(0)],
    ['another structure', encodeDer(sequence(oid('1.2.3')))],
    ['depth without end', Buffer.alloc(2_000, 0x30)],
  ])('%s is refused', (_, bytes) => {
    expect(() => readCertificate(bytes)).toThrow(PkiError);
  });

  test('an extension that stands there twice, which one would count?', () => {
    const constraints = extension(EXTENSION.basicConstraints, sequence());
    expect(() => read({ extensions: [constraints, constraints] })).toThrow(
      new PkiError('it has the extension 2.5.29.19 twice'),
    );
  });
});

/** The same structure, the length of the outermost element in one byte more than it needs. */
function withLongLength(der: Buffer): Buffer {
  expect([...der.subarray(0, 2)]).toEqual([0x30, 0x82]);
  return Buffer.concat([Buffer.of(0x30, 0x83, 0), der.subarray(2)]);
}
