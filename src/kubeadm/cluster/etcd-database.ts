import type { EtcdPeer } from './etcd-peers.ts';

/** A requested part of the database file: `count` blocks of `blockSize` bytes, from block `block` on. */
export interface PageRequest {
  readonly blockSize: number;
  readonly block: number;
  readonly count: number;
}

/*
 * bbolt's file format (go.etcd.io/bbolt: internal/common/page.go, meta.go, bucket.go), as far as needed to find a bucket:
 * pages of one size, each with a header; two meta pages, of which the newer counts; a tree of branch and leaf pages.
 */
const HEADER_BYTES = 16;
const ELEMENT_BYTES = 16;
const META_MAGIC = 0xed0cdaed;
const META_BYTES = 64;
const BRANCH = 0x01;
const LEAF = 0x02;
const MAX_PAGE_BYTES = 64 * 1024;
/** The tree of buckets is one or two pages deep. */
const MAX_DEPTH = 4;
const FIRST_READ = { blockSize: 4096, block: 0, count: 2 };

type Reading<Value> = Generator<PageRequest, Value, Uint8Array>;

/**
 * The members of etcd according to a member's database (its bucket `members`, etcd's server/etcdserver/api/membership):
 * available even if it does not run, or reaches nobody. Yields the pages that it needs. Those that it calls learners are among them:
 * etcd 3.5.1 to 3.5.19 stores neither that one was promoted nor its name, and kubeadm joins members as learners.
 * @returns undefined if it is not such a database, or was changed while it was read
 */
export function* membersInDatabase(): Reading<readonly EtcdPeer[] | undefined> {
  try {
    const meta = yield* newestMeta();
    if (!meta) return undefined;
    const place = yield* find(meta.pageSize, meta.root, 'members');
    return place && (yield* membersIn(meta.pageSize, place));
  } catch (error) {
    // Offsets that point out of a page, and members that are not JSON.
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

interface Meta {
  readonly pageSize: number;
  readonly root: number;
  readonly transaction: number;
}

function* newestMeta(): Reading<Meta | undefined> {
  const start = yield FIRST_READ;
  const first = metaOf(start);
  const pageSize = first?.pageSize ?? FIRST_READ.blockSize;
  const second = metaOf(
    pageSize === FIRST_READ.blockSize ? start.subarray(pageSize) : yield { blockSize: pageSize, block: 1, count: 1 },
  );
  if (!first || !second) return first ?? second;
  return first.transaction > second.transaction ? first : second;
}

function metaOf(page: Uint8Array): Meta | undefined {
  if (page.length < HEADER_BYTES + META_BYTES) return undefined;
  const view = viewOf(page, HEADER_BYTES);
  const pageSize = view.getUint32(8, true);
  const isOne = view.getUint32(0, true) === META_MAGIC && pageSize >= 512 && pageSize <= MAX_PAGE_BYTES;
  return isOne ? { pageSize, root: readUint64(view, 16), transaction: readUint64(view, 48) } : undefined;
}

/** The value of a key in the tree with this root page. */
function* find(pageSize: number, root: number, key: string): Reading<Uint8Array | undefined> {
  let at = root;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const page = yield* wholePage(pageSize, at);
    const kind = viewOf(page).getUint16(8, true);
    if (kind === LEAF) return leavesOf(page).find((leaf) => leaf.key === key)?.value;
    if (kind !== BRANCH) return undefined;
    const child = branchesOf(page).findLast((branch, index) => index === 0 || branch.key <= key);
    if (!child) return undefined;
    at = child.page;
  }
  return undefined;
}

/** A page with its overflow pages. */
function* wholePage(pageSize: number, at: number): Reading<Uint8Array> {
  const page = yield { blockSize: pageSize, block: at, count: 1 };
  const overflow = viewOf(page).getUint32(12, true);
  if (overflow === 0) return page;
  if (overflow * pageSize > MAX_PAGE_BYTES) throw new RangeError('a page that goes on for too long');
  return yield { blockSize: pageSize, block: at, count: 1 + overflow };
}

interface Leaf {
  readonly key: string;
  readonly value: Uint8Array;
}

function leavesOf(page: Uint8Array): readonly Leaf[] {
  return elementsOf(page).map((start) => {
    const view = viewOf(page, start);
    const at = start + view.getUint32(4, true);
    const keyLength = view.getUint32(8, true);
    const key = slice(page, at, keyLength);
    return { key: toLatin1(key), value: slice(page, at + keyLength, view.getUint32(12, true)) };
  });
}

function branchesOf(page: Uint8Array): readonly { readonly key: string; readonly page: number }[] {
  return elementsOf(page).map((start) => {
    const view = viewOf(page, start);
    const key = slice(page, start + view.getUint32(0, true), view.getUint32(4, true));
    return { key: toLatin1(key), page: readUint64(view, 8) };
  });
}

/** The offsets of a page's elements. */
function elementsOf(page: Uint8Array): readonly number[] {
  const count = viewOf(page).getUint16(10, true);
  return Array.from({ length: count }, (_, index) => HEADER_BYTES + index * ELEMENT_BYTES);
}

/** A bucket as stored in its parent: the number of its root page, or 0 followed by the page itself. */
function* membersIn(pageSize: number, bucket: Uint8Array): Reading<readonly EtcdPeer[] | undefined> {
  const root = readUint64(viewOf(bucket), 0);
  const page = root === 0 ? bucket.subarray(HEADER_BYTES) : yield* wholePage(pageSize, root);
  if (viewOf(page).getUint16(8, true) !== LEAF) return undefined;
  const members = leavesOf(page).map(({ value }) => memberOf(JSON.parse(Buffer.from(value).toString('utf8'))));
  return members.length > 0 && members.every((member) => member !== undefined) ? members : undefined;
}

/**
 * `{"id":1268979142380137674,"peerURLs":["https://10.0.0.12:2380"],"name":"m2","clientURLs":[…]}`; a joining member has no
 * name.
 */
function memberOf(value: unknown): EtcdPeer | undefined {
  const { name = '', peerURLs } = (value ?? {}) as { readonly name?: unknown; readonly peerURLs?: unknown };
  const url: unknown = Array.isArray(peerURLs) ? peerURLs[0] : undefined;
  if (typeof name !== 'string' || typeof url !== 'string') return undefined;
  return { name: name === '' ? url : name, url: url.replace(/\/$/, '') };
}

function viewOf(bytes: Uint8Array, offset = 0): DataView {
  if (offset > bytes.length) throw new RangeError('beyond the page');
  return new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.length - offset);
}

function slice(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.length) throw new RangeError('beyond the page');
  return bytes.subarray(start, start + length);
}

function toLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function readUint64(view: DataView, offset: number): number {
  const value = view.getBigUint64(offset, true);
  if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number that cannot be in such a file');
  return Number(value);
}
