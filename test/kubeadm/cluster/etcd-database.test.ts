import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { membersInDatabase } from '../../../src/kubeadm/cluster/etcd-database.ts';
import type { EtcdPeer } from '../../../src/kubeadm/cluster/etcd-peers.ts';
import { etcdDatabase } from '../../../src/simulation/etcd-database.ts';
import { fc } from '../../support/random-cases.ts';

/** Hands out the pages of a file, as a host does. */
function read(file: Uint8Array): { readonly members: readonly EtcdPeer[] | undefined; readonly reads: number } {
  const reading = membersInDatabase();
  let turn = reading.next();
  let reads = 0;
  while (!turn.done) {
    const { blockSize, block, count } = turn.value;
    reads += 1;
    turn = reading.next(file.subarray(block * blockSize, (block + count) * blockSize));
  }
  return { members: turn.value, reads };
}

/** The pages that a real etcd has written, in their places; what stands between them is of no matter. */
function recorded(): Buffer {
  const url = new URL('recordings/etcd-database.json', import.meta.url);
  const { pageSize, pages } = JSON.parse(readFileSync(url, 'utf8'));
  const numbers = Object.keys(pages).map(Number);
  const file = Buffer.alloc((Math.max(...numbers) + 1) * pageSize);
  for (const number of numbers) file.write(pages[number], number * pageSize, 'hex');
  return file;
}

const member = (name: string, address: string) => ({
  name,
  peerUrl: `https://${address}:2380`,
  clientUrl: `https://${address}:2379`,
});

describe('the members in the database of an etcd', () => {
  test('are read from what a real etcd has written', () => {
    const { members, reads } = read(recorded());
    expect(members).toEqual([
      { name: 'ha-m2', url: 'https://10.77.2.12:2380' },
      { name: 'ha-m3', url: 'https://10.77.2.13:2380' },
      { name: 'ha-m1', url: 'https://10.77.2.11:2380' },
    ]);
    expect(reads).toBe(2);
  });

  test('are those of the newer of its two states, and of the older when the newer is no state', () => {
    const file = recorded();
    const newer = file.readBigUInt64LE(16 + 48) > file.readBigUInt64LE(4096 + 16 + 48) ? 0 : 4096;
    const older = 4096 - newer;
    const misleading = Buffer.from(file);
    misleading.writeBigUInt64LE(0n, older + 16 + 16);
    expect(read(misleading).members).toHaveLength(3);
    misleading.writeBigUInt64LE(0n, newer + 16 + 16);
    expect(read(misleading).members).toBeUndefined();
    // Nothing of the newer one's magic number is left: the older one leads to its own root page.
    file.fill(0, newer + 16, newer + 20);
    expect(read(file).members).toHaveLength(3);
    file.fill(0, 0, 8192);
    expect(read(file).members).toBeUndefined();
  });

  test('are read as the simulated hosts have them', () => {
    const members = [member('m1', '10.0.0.1'), member('m2', 'fd00::2')];
    expect(read(etcdDatabase(members)).members).toEqual(members.map(({ name, peerUrl: url }) => ({ name, url })));
  });

  test('may be one that has joined and not begun: it has no name yet', () => {
    expect(read(etcdDatabase([member('', '10.0.0.1')])).members).toEqual([
      { name: 'https://10.0.0.1:2380', url: 'https://10.0.0.1:2380' },
    ]);
  });

  test('are also those that it calls learners, without a name: etcd 3.5.16 has stored these two so, and both vote', () => {
    const promoted = ['10.0.0.2', '10.0.0.3'].map((address) => ({ ...member('', address), isLearner: true }));
    expect(read(etcdDatabase([member('m1', '10.0.0.1'), ...promoted])).members).toEqual([
      { name: 'm1', url: 'https://10.0.0.1:2380' },
      { name: 'https://10.0.0.2:2380', url: 'https://10.0.0.2:2380' },
      { name: 'https://10.0.0.3:2380', url: 'https://10.0.0.3:2380' },
    ]);
  });

  test('are not known where there is no file, or one that ends early', () => {
    const file = recorded();
    expect(read(Buffer.alloc(0)).members).toBeUndefined();
    expect(read(file.subarray(0, 4096)).members).toBeUndefined();
    expect(read(file.subarray(0, file.length - 4096)).members).toBeUndefined();
  });

  test('are not known where its bytes are others: whatever they are, an end is found', () => {
    const file = etcdDatabase([member('m1', '10.0.0.1'), member('m2', '10.0.0.2')]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        (bytes) => {
          const damaged = Buffer.from(file);
          for (const [at, byte] of bytes) damaged[at] = byte;
          const { members, reads } = read(damaged);
          expect(reads).toBeLessThan(20);
          for (const { name, url } of members ?? []) expect([typeof name, typeof url]).toEqual(['string', 'string']);
        },
      ),
    );
  });
});
