/** A member in etcd's database. */
export interface StoredMember {
  readonly name: string;
  readonly peerUrl: string;
  readonly clientUrl: string;
  readonly isLearner?: boolean;
}

const PAGE = 4096;
const HEADER = 16;
const ELEMENT = 16;
const MAGIC = 0xed0cdaed;
const IS_BUCKET = 1;
const KINDS = { leaf: 2, meta: 4 } as const;

/** A bbolt file with nothing but the bucket `members`, stored as etcd does for so few of them: inside the root page. */
export function etcdDatabase(members: readonly StoredMember[]): Buffer {
  const stored = members.map(({ name, peerUrl, clientUrl, isLearner }, index) => ({
    key: (index + 1).toString(16).padStart(16, '0'),
    value: Buffer.from(
      JSON.stringify({
        id: index + 1,
        peerURLs: [peerUrl],
        ...(isLearner && { isLearner }),
        name,
        clientURLs: [clientUrl],
      }),
    ),
    flags: 0,
  }));
  // A bucket inside its parent has no root page of its own: 0, and a sequence.
  const bucket = Buffer.concat([Buffer.alloc(16), leafPage(0, stored)]);
  const root = leafPage(3, [{ key: 'members', value: bucket, flags: IS_BUCKET }]);
  return Buffer.concat([metaPage(0, 1), metaPage(1, 2), Buffer.alloc(PAGE), root].map(padded));
}

function padded(page: Buffer): Buffer {
  return Buffer.concat([page, Buffer.alloc(Math.max(PAGE - page.length, 0))]);
}

function header(id: number, kind: keyof typeof KINDS, count: number): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.writeBigUInt64LE(BigInt(id), 0);
  bytes.writeUInt16LE(KINDS[kind], 8);
  bytes.writeUInt16LE(count, 10);
  return bytes;
}

function metaPage(id: number, transaction: number): Buffer {
  const meta = Buffer.alloc(64);
  meta.writeUInt32LE(MAGIC, 0);
  meta.writeUInt32LE(2, 4);
  meta.writeUInt32LE(PAGE, 8);
  meta.writeBigUInt64LE(3n, 16);
  meta.writeBigUInt64LE(2n, 32);
  meta.writeBigUInt64LE(4n, 40);
  meta.writeBigUInt64LE(BigInt(transaction), 48);
  return Buffer.concat([header(id, 'meta', 0), meta]);
}

interface Entry {
  readonly key: string;
  readonly value: Buffer;
  readonly flags: number;
}

function leafPage(id: number, entries: readonly Entry[]): Buffer {
  const elements: Buffer[] = [];
  const data: Buffer[] = [];
  let at = HEADER + ELEMENT * entries.length;
  for (const [index, { key, value, flags }] of entries.entries()) {
    const element = Buffer.alloc(ELEMENT);
    element.writeUInt32LE(flags, 0);
    // Relative to the element itself.
    element.writeUInt32LE(at - (HEADER + ELEMENT * index), 4);
    element.writeUInt32LE(key.length, 8);
    element.writeUInt32LE(value.length, 12);
    elements.push(element);
    data.push(Buffer.from(key), value);
    at += key.length + value.length;
  }
  return Buffer.concat([header(id, 'leaf', entries.length), ...elements, ...data]);
}
