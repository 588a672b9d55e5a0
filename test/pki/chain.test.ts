import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificate, readCertificates } from '../../src/pki/certificate.ts';
import { leadsTo, pathFault, trustPath } from '../../src/pki/chain.ts';
import { needing } from '../support/programs.ts';
import { Workbench } from './support/openssl.ts';

const bench = new Workbench();
afterAll(() => bench.remove());

const EXTENSIONS = `
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = CA:FALSE
[dumb]
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature
`;

let root: Certificate;
let middle: Certificate;
let issuing: Certificate;
let leaf: Certificate;
let stranger: Certificate;

beforeAll(() => {
  bench.write('extensions', EXTENSIONS);
  root = made('root', 'root', 'ca');
  middle = made('middle', 'root', 'ca');
  issuing = made('issuing', 'middle', 'ca');
  leaf = made('leaf', 'issuing', 'leaf');
  stranger = made('stranger', 'stranger', 'ca');
});

describe('a path from a certificate to what is trusted', needing('openssl'), () => {
  test('leads through the certificates between, in whatever order, past those that do not belong to it', () => {
    const between = [stranger, middle, leaf, issuing];
    expect(names(trustPath(leaf, between, [stranger, root]))).toEqual(['issuing', 'middle', 'root']);
    bench.write('between.pem', ['middle', 'issuing'].map((name) => bench.read(`${name}.crt`)).join(''));
    expect(bench.openssl('verify', '-CAfile', 'root.crt', '-untrusted', 'between.pem', 'leaf.crt')).toContain('OK');
  });

  test('ends at the first that is trusted', () => {
    expect(names(trustPath(leaf, [issuing, middle], [middle, root]))).toEqual(['issuing', 'middle']);
    expect(names(trustPath(leaf, [], [issuing]))).toEqual(['issuing']);
  });

  test('leads through authorities alone: whoever has a leaf of the CA can sign with its key', () => {
    const forged = made('forged', 'leaf', 'leaf');
    expect(trustPath(forged, [leaf, issuing, middle], [root])).toBeUndefined();
    expect(trustPath(forged, [leaf], [issuing])).toBeUndefined();
    expect(trustPath(forged, [], [leaf])).toEqual([leaf]);
  });

  test('is not searched for without end among authorities that have all signed each other', () => {
    const key = 'maze.key';
    bench.openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key);
    bench.write('maze.pem', Array.from({ length: 14 }, (_, index) => selfSigned(`maze-${index}`, key)).join(''));
    const [first, ...maze] = readCertificates(bench.read('maze.pem'));
    if (!first) throw new Error('there is no certificate');
    const before = process.cpuUsage();
    expect(trustPath(first, maze, [root])).toBeUndefined();
    expect(names(trustPath(leaf, [...maze, middle, issuing], [root]))).toEqual(['issuing', 'middle', 'root']);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2_000);
  });

  test('needs every link, and is not made of the certificate itself', () => {
    expect(trustPath(leaf, [issuing], [root])).toBeUndefined();
    expect(trustPath(leaf, [middle], [root])).toBeUndefined();
    expect(trustPath(leaf, [issuing, middle], [stranger])).toBeUndefined();
    expect(trustPath(root, [root, middle], [])).toBeUndefined();
  });
});

describe('clients follow a path', needing('openssl'), () => {
  /** After they were made. */
  const later = (days = 0): number => Date.now() + 1_000 + days * 86_400_000;

  test('of authorities that may sign and are valid', () => {
    expect(pathFault(leaf, [issuing, middle, root], later())).toBeUndefined();
  });

  test('not when one of them has expired, or is not valid yet', () => {
    expect(pathFault(leaf, [issuing, middle, root], later(40))).toMatch(/^the authority 'CN=issuing' expired \d{4}-/);
    expect(pathFault(leaf, [issuing], later(-40))).toBe("the authority 'CN=issuing' is not valid yet");
  });

  test('not through what is no authority, or may not sign', () => {
    const dumb = made('dumb', 'root', 'dumb');
    expect(pathFault(made('under-dumb', 'dumb', 'leaf'), [dumb, root], later())).toBe(
      "the authority 'CN=dumb' is not allowed to sign certificates",
    );
    expect(pathFault(made('under-leaf', 'leaf', 'leaf'), [leaf, issuing, middle, root], later())).toBe(
      "the authority 'CN=leaf' is not allowed to sign certificates",
    );
  });

  test('not to an authority that has the key and another name', () => {
    bench.openssl('req', '-x509', '-key', 'issuing.key', '-subj', '/CN=renamed', '-days', '30', '-out', 'renamed.crt');
    const renamed = readOne('renamed.crt');
    expect(names(trustPath(leaf, [], [renamed]))).toEqual(['renamed']);
    expect(pathFault(leaf, [renamed], later())).toBe(
      "it names 'CN=issuing' as its issuer, which is not the authority 'CN=renamed'",
    );
    expect(leadsTo(leaf, [], [renamed])).toBe(false);
  });

  test('not to one of the same key and text in another encoding, as openssl makes of a CA of kubeadm, unless the old one is there, too', () => {
    const again = (name: string, ...terms: readonly string[]) => {
      bench.openssl('req', '-x509', '-key', 'root.key', '-days', '40', '-out', `${name}.crt`, ...terms);
      return readOne(`${name}.crt`);
    };
    bench.write('printable', '[req]\ndistinguished_name=dn\nstring_mask=default\n[dn]\n');
    const printable = again('printable', '-config', 'printable', '-subj', '/CN=kubernetes');
    const utf8 = again('utf8', '-subj', '/CN=kubernetes');
    expect(printable.subject).toEqual(utf8.subject);
    const terms = ['-days', '30', '-extfile', 'extensions', '-extensions', 'leaf', '-set_serial', '1'];
    const by = ['-CA', 'printable.crt', '-CAkey', 'root.key'];
    bench.openssl('x509', '-req', '-in', 'leaf.csr', ...by, ...terms, '-out', 'of-printable.crt');
    const signed = readOne('of-printable.crt');
    expect(trustPath(signed, [], [utf8])).toEqual([utf8]);
    expect(leadsTo(signed, [], [utf8])).toBe(false);
    expect(trustPath(signed, [], [utf8, printable])).toEqual([printable]);
    expect(leadsTo(signed, [], [utf8, printable])).toBe(true);
  });

  test('through what the signed one names, past others of the same key: an intermediate authority was made again, and its chains still have the old one', () => {
    bench.openssl('req', '-new', '-key', 'issuing.key', '-subj', '/CN=renamed', '-out', 'again.csr');
    const renamed = signed('again', 'middle', 'ca');
    expect(renamed.publicKeyHash).toBe(issuing.publicKeyHash);
    expect(names(trustPath(leaf, [renamed, issuing], [middle]))).toEqual(['issuing', 'middle']);
    expect(leadsTo(leaf, [renamed, issuing], [middle])).toBe(true);
    expect(names(trustPath(leaf, [issuing], [renamed, middle]))).toEqual(['issuing', 'middle']);
    expect(leadsTo(leaf, [issuing], [renamed, middle])).toBe(true);
    expect(names(trustPath(leaf, [renamed], [middle]))).toEqual(['renamed', 'middle']);
    expect(leadsTo(leaf, [renamed], [middle])).toBe(false);
  });
});

function names(path: readonly Certificate[] | undefined) {
  return path?.map(({ subject }) => subject.commonName);
}

function made(name: string, signer: string, section: string): Certificate {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
  bench.openssl('req', '-new', ...key, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
  return signed(name, signer, section);
}

/** Of the request with that name. */
function signed(name: string, signer: string, section: string): Certificate {
  const by = name === signer ? ['-signkey', `${name}.key`] : ['-CA', `${signer}.crt`, '-CAkey', `${signer}.key`];
  const terms = ['-days', '30', '-extfile', 'extensions', '-extensions', section, '-set_serial', '1'];
  bench.openssl('x509', '-req', '-in', `${name}.csr`, ...by, ...terms, '-out', `${name}.crt`);
  return readOne(`${name}.crt`);
}

function readOne(file: string): Certificate {
  const [certificate] = readCertificates(bench.read(file));
  if (!certificate) throw new Error(`no certificate in ${file}`);
  return certificate;
}

/** An authority, in PEM, with a key that others have too: each of them has signed each other. */
function selfSigned(name: string, key: string): string {
  bench.openssl('req', '-x509', '-new', '-key', key, '-subj', `/CN=${name}`, '-days', '9', '-out', `${name}.crt`);
  return bench.read(`${name}.crt`);
}
