import { expect, test } from 'vitest';
import { provenPairs } from '../../../src/facts/certificates/proven-pairs.ts';
import { hasSigned } from '../../../src/pki/verify.ts';
import { DAY, NOW, newAuthority, newKey, newLeaf } from '../../kubeadm/support/keys.ts';
import { needing } from '../../support/programs.ts';
import { leakedPieces, privatePieces } from '../support/private-material.ts';
import { ask, describeInShells, probe } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const TEXT = "a text with 'quotes'";
const authority = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
const [own, other] = [await newKey(), await newKey('RSA-2048')];
const leafOf = ({ publicKey }: typeof own): string =>
  newLeaf(authority, { subject: { commonName: 'kube-apiserver' }, notAfter: NOW.getTime() + DAY, publicKey });
const pair = (name: string) => [`/pki/${name}.crt`, `/pki/${name}.key`] as const;

describeInShells('in $name', (shell) => {
  test('a certificate comes with a signature of the key beside it, and with no key', needing('openssl'), () => {
    const tree = Tree.forTest()
      .write('/pki/one.crt', `${leafOf(own)}${own.text}${authority.pem}`)
      .write('/pki/one.key', own.text)
      .write('/pki/other.crt', leafOf(own))
      .write('/pki/other.key', other.text)
      .write('/pki/alone.crt', leafOf(other))
      .write('/pki/broken.crt', 'nothing of the kind\n')
      .write('/pki/broken.key', own.text);
    const question = provenPairs(['one', 'other', 'alone', 'broken', 'missing'].map(pair), TEXT);
    const found = ask(question, tree.root, shell);
    expect(found.map(({ certificate, signature }) => hasSigned(certificate, TEXT, signature))).toEqual([true, false]);
    expect(found.map(({ chain }) => chain.length)).toEqual([1, 0]);
    const pieces = [own, other].flatMap(({ text }) => [...privatePieces(text)]);
    expect(leakedPieces(probe(question, tree.root, shell).stdout, new Set(pieces))).toEqual([]);
  });
});
