import { createPrivateKey } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { type Certificate, readCertificate, readCertificates } from '../../src/pki/certificate.ts';
import {
  type DerNode,
  encodeDer,
  octetString,
  oid,
  primitive,
  sequence,
  TAG,
  unsignedInteger,
} from '../../src/pki/der.ts';
import { encodePem } from '../../src/pki/pem.ts';
import { matchPublicHalf } from '../../src/pki/public-half.ts';
import { needing } from '../support/programs.ts';
import { fc } from '../support/random-cases.ts';
import { AWKS, publicHalf } from './support/awk.ts';
import { craft, rsaPublicKey } from './support/craft.ts';
import { Workbench } from './support/openssl.ts';

const bench = new Workbench();
afterAll(() => bench.remove());

/** No two random runs of so many bytes are equal by accident. */
const REVEALING_RUN = 6;

interface KeyFile {
  readonly kind: string;
  readonly text: string;
  readonly certificate: Certificate;
}

bench.openssl('genrsa', '-traditional', '-out', 'rsa1', '2048');
bench.openssl('genrsa', '-traditional', '-primes', '3', '-out', 'rsa3', '2048');
bench.openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'p256');
bench.openssl('ecparam', '-genkey', '-name', 'secp384r1', '-out', 'p384');
bench.openssl('ecparam', '-genkey', '-name', 'secp521r1', '-noout', '-out', 'p521');
const FILES = needing('openssl').skip ? [] : ['rsa1', 'rsa3', 'p256', 'p384', 'p521'];
const KEYS: readonly KeyFile[] = FILES.flatMap((file) => {
  bench.openssl('req', '-x509', '-key', file, '-subj', `/CN=${file}`, '-out', 'certificate');
  bench.openssl('pkcs8', '-topk8', '-nocrypt', '-in', file, '-out', 'pkcs8');
  const [certificate] = readCertificates(bench.read('certificate'));
  if (!certificate) throw new Error('openssl made no certificate');
  const [family, form] = file.startsWith('rsa') ? ['rsa', 'pkcs1'] : ['ec', 'sec1'];
  return [
    { kind: `${family}-${form}`, text: bench.read(file), certificate },
    { kind: `${family}-pkcs8`, text: bench.read('pkcs8'), certificate },
  ];
});

describe.each(AWKS.map((awk) => [awk.join(' '), awk] as const))('in %s', needing('openssl'), (_, awk) => {
  test.each(KEYS.map((key) => [`${key.kind} of ${key.certificate.key}`, key] as const))(
    '%s belongs to its own certificate and to no other',
    (_, { kind, text, certificate }) => {
      const line = publicHalf(text, awk);
      expect(line).toMatch(new RegExp(`^${kind} \\d+ [A-Za-z0-9+/]+\n$`));
      for (const other of KEYS) {
        const isOwn = other.certificate.fingerprint === certificate.fingerprint;
        expect(matchPublicHalf(other.certificate, line)).toBe(isOwn ? 'match' : 'mismatch');
      }
    },
  );

  test.each(KEYS.map((key) => [`${key.kind} of ${key.certificate.key}`, key] as const))(
    '%s shows nothing private',
    (_, { text }) => expectNothingPrivate(text, publicHalf(text, awk)),
  );

  test('the key is found between other blocks, with other ends of lines and other widths', () => {
    const [key] = KEYS;
    const text = key?.text ?? '';
    const line = publicHalf(text, awk);
    const certificate = encodePem('CERTIFICATE', craft());
    const [begin = '', ...body] = text.trimEnd().split('\n');
    const end = body.pop() ?? '';
    const disguises = [
      text.replaceAll('\n', '\r\n'),
      text.trimEnd(),
      `Bag Attributes: x\n${certificate}${text}${KEYS[4]?.text}`,
      `${certificate.replaceAll('\n', '\r\n')}\r\n${text}`,
      [begin, body.join(''), end].join('\n'),
      [begin, ...(body.join('').match(/.{1,7}/g) ?? []).map((part) => `  ${part}`), end]
        .map((part) => `${part} `)
        .join('\n'),
    ];
    for (const disguise of disguises) expect(publicHalf(disguise, awk)).toBe(line);
  });

  test('of a kubeconfig each embedded key has its line, in order', () => {
    const [one, other] = KEYS;
    const embed = (text = '') => `client-key-data: ${Buffer.from(text).toString('base64')}\n`;
    const users = [`- name: a\n  user:\n    ${embed(one?.text)}`, `- name: b\n  user:\n    token: x\n`];
    const text = `kind: Config\nusers:\n${users.join('')}- ${embed(other?.text)}    ${embed()}    client-key: /x.key\n`;
    const lines = [one, other].map((key) => publicHalf(key?.text ?? '', awk));
    expect(publicHalf(text, awk)).toBe([...lines, 'none\n'].join(''));
  });

  test.each([
    ['nothing at all', '', 'none'],
    ['a certificate', encodePem('CERTIFICATE', craft()), 'none'],
    [
      'parameters without a key',
      '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n',
      'none',
    ],
    ['a key in PKCS#8, encrypted', encrypted('pkcs8', '-topk8', '-in', 'p256'), 'encrypted'],
    ['a key in PKCS#1, encrypted', encrypted('rsa', '-in', 'rsa1', '-traditional', '-aes128'), 'encrypted'],
    ['a key in SEC1, encrypted', encrypted('ec', '-in', 'p256', '-aes128'), 'encrypted'],
    ['Ed25519', bench.openssl('genpkey', '-algorithm', 'ED25519'), 'unknown'],
    ['DSA', dsaKey(), 'unknown'],
    ['DSA in PKCS#8', dsaKey('-pkcs8'), 'unknown'],
    ['a compressed point', bench.openssl('ec', '-in', 'p256', '-conv_form', 'compressed'), 'unknown'],
    ['a scalar without its point', bench.openssl('ec', '-in', 'p256', '-no_public'), 'unknown'],
    ['a key of ssh', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n', 'unknown'],
    ['a file cut off between lines', KEYS[0]?.text.split('\n').slice(0, 20).join('\n') ?? '', 'unknown'],
    ['a key without its last line', KEYS[0]?.text.replace(/.*\n(?=-----END)/, '') ?? '', 'unknown'],
    ['what is not base64', '-----BEGIN PRIVATE KEY-----\nMII*\n-----END PRIVATE KEY-----\n', 'unknown'],
    // Go's encoding/pem, and so Kubernetes, finds no block that does not begin its line.
    ['a key behind a byte order mark', `\ufeff${KEYS[0]?.text}`, 'none'],
    ['a key whose first line is indented', ` ${KEYS[0]?.text}`, 'none'],
    ['an empty block', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n', 'unknown'],
  ])('of %s it says so', (_, text, answer) => {
    expect(publicHalf(text, awk)).toBe(`${answer}\n`);
  });

  test('a key after lines of other text, or with the line ends of Windows, is read', () => {
    const [{ text } = { text: '' }] = KEYS;
    expect(publicHalf(`\ufeff\nsome text\n${text}`, awk)).toBe(publicHalf(text, awk));
    expect(publicHalf(text.replaceAll('\n', ' \r\n'), awk)).toBe(publicHalf(text, awk));
  });

  // The numbers of these keys are random: only their sizes are those of RSA, and sizes are all that the program goes by.
  test('RSA keys of any size, of 2 or 3 primes, with any exponent', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1024, 1536, 2048, 3072, 4096, 8192),
        fc.constantFrom(1, 3, 128, 256),
        fc.constantFrom(2, 3),
        fc.boolean(),
        fc.noBias(fc.infiniteStream(fc.integer({ min: 1, max: 255 }))),
        (bits, exponentBytes, primes, pkcs8, random) => {
          const take = (count: number) => Uint8Array.from({ length: count }, () => random.next().value ?? 1);
          const modulus = Uint8Array.of(0x80 | (take(1)[0] ?? 0), ...take(bits / 8 - 1));
          const file = rsaKeyFile(modulus, take, exponentBytes, primes, pkcs8);
          const line = publicHalf(file.text, awk);
          expect(matchPublicHalf(certificateOf(modulus), line)).toBe('match');
          expect(matchPublicHalf(certificateOf(take(bits / 8)), line)).toBe('mismatch');
          const printed = printedBytes(line);
          expect(modulus.length - printed.length).toBeLessThanOrEqual(4);
          for (const secret of file.secrets) expect(sharedRun(printed, secret)).toBe(false);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('a key file that is damaged', needing('openssl'), () => {
  test('shows nothing private, whichever bytes were changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KEYS.filter(({ certificate }) => certificate.subject.commonName !== 'rsa3')),
        fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 }),
        ({ text }, changes) => {
          const { label, der } = blockOf(text);
          // The headers of all elements before the private ones stand in the first bytes.
          for (const [at, octet] of changes) der[at] = octet;
          const line = publicHalf(encodePem(label, der));
          if (line !== 'unknown\n') expectNothingPrivate(text, line);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('is told by its public half alone: private bytes make no difference to the line', () => {
    const text = KEYS[0]?.text ?? '';
    const { label, der } = blockOf(text);
    const { d } = createPrivateKey(text).export({ format: 'jwk' });
    const secret = Buffer.from(String(d), 'base64url');
    der.fill(0x55, der.indexOf(secret), der.indexOf(secret) + secret.length);
    expect(publicHalf(encodePem(label, der))).toBe(publicHalf(text));
  });
});

describe('a line that does not say enough', needing('openssl'), () => {
  const key = KEYS[0];
  const certificate = key?.certificate ?? readCertificate(craft());
  const line = publicHalf(key?.text ?? '');

  test.each([
    'none',
    'encrypted',
    'unknown',
    '',
    'awk: syntax error at line 1',
    'rsa-pkcs1 1592 ',
    'rsa-pkcs1 1592 not-base64',
    line.slice(0, 100),
    line.slice(0, 200),
  ])('%j is unknown', (text) => {
    expect(matchPublicHalf(certificate, text)).toBe('unknown');
  });

  test('a certificate with a compressed point cannot be compared', () => {
    bench.openssl('ec', '-in', 'p256', '-conv_form', 'compressed', '-out', 'compressed');
    bench.openssl('req', '-x509', '-key', 'compressed', '-subj', '/CN=compressed', '-out', 'certificate');
    const [compressed] = readCertificates(bench.read('certificate'));
    expect(compressed && matchPublicHalf(compressed, publicHalf(bench.read('p256')))).toBe('unknown');
  });
});

function expectNothingPrivate(keyFile: string, line: string): void {
  const printed = printedBytes(line);
  const { d, p, q, dp, dq, qi } = createPrivateKey(keyFile).export({ format: 'jwk' });
  for (const secret of [d, p, q, dp, dq, qi]) {
    if (secret !== undefined) expect(sharedRun(printed, Buffer.from(secret, 'base64url'))).toBe(false);
  }
}

function printedBytes(line: string): Buffer {
  return Buffer.from(line.trim().split(' ')[2] ?? '', 'base64');
}

function sharedRun(printed: Buffer, secret: Uint8Array): boolean {
  for (let at = 0; at + REVEALING_RUN <= secret.length; at += 1) {
    if (printed.includes(Buffer.from(secret.subarray(at, at + REVEALING_RUN)))) return true;
  }
  return false;
}

function blockOf(pem: string): { readonly label: string; readonly der: Buffer } {
  const [, label = '', body = ''] = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]+)/.exec(pem) ?? [];
  return { label, der: Buffer.from(body, 'base64') };
}

function certificateOf(modulus: Uint8Array): Certificate {
  return readCertificate(craft({ publicKey: rsaPublicKey(Uint8Array.of(0, ...modulus)) }));
}

/** RSAPrivateKey of RFC 8017, in PKCS#1 or PKCS#8. */
function rsaKeyFile(
  modulus: Uint8Array,
  take: (count: number) => Uint8Array,
  exponentBytes: number,
  primes: number,
  pkcs8: boolean,
): { readonly text: string; readonly secrets: readonly Uint8Array[] } {
  const secrets = [take(modulus.length)];
  const small = (): DerNode => {
    const octets = take(Math.ceil(modulus.length / primes));
    secrets.push(octets);
    return unsignedInteger(octets);
  };
  const key = sequence(
    primitive(TAG.integer, Uint8Array.of(primes - 2)),
    unsignedInteger(modulus),
    unsignedInteger(take(exponentBytes)),
    unsignedInteger(secrets[0] ?? new Uint8Array()),
    ...Array.from({ length: 5 }, small),
    primes > 2 ? sequence(sequence(small(), small(), small())) : undefined,
  );
  const algorithm = sequence(oid('1.2.840.113549.1.1.1'), primitive(TAG.null, new Uint8Array()));
  const wrapped = sequence(primitive(TAG.integer, Uint8Array.of(0)), algorithm, octetString(encodeDer(key)));
  const text = pkcs8 ? encodePem('PRIVATE KEY', encodeDer(wrapped)) : encodePem('RSA PRIVATE KEY', encodeDer(key));
  return { text, secrets };
}

function encrypted(...command: readonly string[]): string {
  return bench.openssl(...command, '-passout', 'pass:secret');
}

function dsaKey(pkcs8?: '-pkcs8'): string {
  bench.openssl('dsaparam', '-out', 'dsa-parameters', '1024');
  bench.openssl('gendsa', '-out', 'dsa', 'dsa-parameters');
  return pkcs8 ? bench.openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'dsa') : bench.openssl('dsa', '-in', 'dsa');
}
