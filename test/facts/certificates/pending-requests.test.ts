import { expect, test } from 'vitest';
import { parseRequests, pendingRequests } from '../../../src/facts/certificates/pending-requests.ts';
import { generateKey, readPrivateKey } from '../../../src/pki/private-key.ts';
import { createCsr } from '../../../src/pki/request.ts';
import { leakedPieces, privatePieces } from '../support/private-material.ts';
import { ask, describeInShells, ORDINARY, probe } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const DIRECTORY = '/etc/kubernetes/.kplay-csr';
const RSA = await generateKey('RSA-2048');
const EC = await generateKey('ECDSA-P256');

const request = (key: typeof RSA, commonName: string, dnsNames: readonly string[] = []): string =>
  createCsr({ subject: { commonName }, dnsNames, privateKey: readPrivateKey(key.privatePem) });

describeInShells('in $name', (shell) => {
  test('keys that wait are found with their requests, and stay where they are', () => {
    const tree = Tree.forTest()
      .write(`${DIRECTORY}/apiserver.key`, RSA.privatePem.reveal(), '0600')
      .write(`${DIRECTORY}/apiserver.csr`, request(RSA, 'kube-apiserver', ['kubernetes']))
      .write(`${DIRECTORY}/admin.conf.key`, EC.privatePem.reveal(), '0600')
      .write(`${DIRECTORY}/admin.conf.csr`, request(EC, 'kubernetes-admin'));
    const before = tree.state();
    const found = ask(pendingRequests, tree.root, shell);
    expect(found.map(({ name, pem, keyFile }) => [name, pem, keyFile.path, keyFile.mode])).toEqual([
      [
        'admin.conf',
        expect.stringContaining('-----BEGIN CERTIFICATE REQUEST-----'),
        `${DIRECTORY}/admin.conf.key`,
        '0600',
      ],
      [
        'apiserver',
        expect.stringMatching(/-----END CERTIFICATE REQUEST-----\n$/),
        `${DIRECTORY}/apiserver.key`,
        '0600',
      ],
    ]);
    expect(found[1]?.request).toMatchObject({ subject: { commonName: 'kube-apiserver' }, dnsNames: ['kubernetes'] });
    const said = JSON.stringify(found);
    const pieces = [RSA, EC].flatMap(({ privatePem }) => [...privatePieces(privatePem.reveal())]);
    expect(leakedPieces(said, new Set(pieces))).toEqual([]);
    expect(tree.state()).toEqual(before);
  });

  test('what is only half there, or does not belong together, is none', () => {
    const tree = Tree.forTest()
      .write(`${DIRECTORY}/apiserver.csr`, request(RSA, 'kube-apiserver'))
      .write(`${DIRECTORY}/etcd-peer.key`, RSA.privatePem.reveal())
      .write(`${DIRECTORY}/etcd-server.key`, EC.privatePem.reveal())
      .write(`${DIRECTORY}/etcd-server.csr`, request(RSA, 'm1'))
      .write(`${DIRECTORY}/scheduler.conf.key`, RSA.privatePem.reveal())
      .write(`${DIRECTORY}/scheduler.conf.csr`, request(RSA, 'system:kube-scheduler').slice(0, 300))
      .write(`${DIRECTORY}/other.key`, RSA.privatePem.reveal())
      .write(`${DIRECTORY}/other.csr`, request(RSA, 'other'));
    expect(ask(pendingRequests, tree.root, shell)).toEqual([]);
    expect(ask(pendingRequests, Tree.forTest().root, shell)).toEqual([]);
  });
});

test('a host that tells two requests of one name has told none', () => {
  const tree = Tree.forTest()
    .write(`${DIRECTORY}/kubelet-client.key`, RSA.privatePem.reveal(), '0600')
    .write(`${DIRECTORY}/kubelet-client.csr`, request(RSA, 'system:node:worker-1'))
    .write(`${DIRECTORY}/admin.conf.key`, EC.privatePem.reveal(), '0600')
    .write(`${DIRECTORY}/admin.conf.csr`, request(EC, 'kubernetes-admin'));
  const { stdout } = probe(pendingRequests, tree.root, ORDINARY);
  const other = request(RSA, 'kubernetes-admin').replace(/^/gm, '|');
  const names = (text: string): readonly string[] => parseRequests(text).map(({ name }) => name);
  expect(names(stdout)).toEqual(['admin.conf', 'kubelet-client']);
  expect(names(stdout.replace('=Q kubelet-client.csr\n', `=Q kubelet-client.csr\n${other}\n$&`))).toEqual([
    'admin.conf',
  ]);
});
