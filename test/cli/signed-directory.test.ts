import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSignedDirectory, writeRequests } from '../../src/cli/inputs/signed-directory.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { makeForeignAuthority } from '../../src/simulation/authorities.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kplay-signed-'));
  mkdirSync(join(directory, 'm1'));
  writeFileSync(join(directory, 'm1/apiserver.crt'), 'no certificate');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The errors, without the name of the directory. */
function errors(): readonly string[] {
  const problems = new Problems();
  readSignedDirectory(directory, ['m1'], problems);
  return problems.all.map(({ message }) => message.replaceAll(`${directory}/`, ''));
}

describe('the directory of signed certificates', () => {
  it('may have links that lead nowhere beside those of hosts', () => {
    symlinkSync('somebody@somewhere.1234', join(directory, '.#lock'));
    expect(errors()).toEqual([expect.stringMatching(/^m1\/apiserver\.crt: /)]);
  });

  it('may have the certificates of etcd behind a link', () => {
    mkdirSync(join(directory, 'm1/elsewhere'));
    rmSync(join(directory, 'm1/apiserver.crt'));
    symlinkSync('elsewhere', join(directory, 'm1/etcd'));
    writeFileSync(join(directory, 'm1/elsewhere/server.crt'), 'no certificate');
    expect(errors()).toEqual([
      expect.stringMatching(/^m1\/elsewhere\/server\.crt is not named after a certificate/),
      expect.stringMatching(/^m1\/etcd\/server\.crt: /),
    ]);
  });

  it('is refused where a part of it cannot be read', () => {
    symlinkSync('loop', join(directory, 'm1/loop'));
    expect(errors()).toEqual([expect.stringMatching(/^cannot read .*m1: .*(?:link|loop)/i)]);
  });

  it('has a directory of its own for each host, whatever it is called', async () => {
    const { certificatePem } = await makeForeignAuthority('ca', {
      keyAlgorithm: 'ECDSA-P256',
      now: new Date(),
      daysLeft: 1,
    });
    const hosts = ['m1', 'a+1', 'a%1', 'a_1', 'mü1', 'mö1', '.', '..', '...', '_.', '漢/../..'];
    const requests = join(directory, 'requests');
    for (const name of hosts) expect(writeRequests(requests, name, { 'apiserver.csr': name })).toBe(1);
    expect(readdirSync(requests)).toHaveLength(hosts.length);
    for (const name of readdirSync(requests)) writeFileSync(join(requests, name, 'apiserver.crt'), certificatePem);
    const problems = new Problems();
    const read = readSignedDirectory(requests, hosts, problems);
    expect(problems.all).toEqual([]);
    expect(Object.keys(read).sort()).toEqual([...hosts].sort());
  });
});
