import { type Misbehaviour, MOMENTS } from './hostile-sshd.ts';
import { Random } from './random.ts';

/** A misbehaviour, and what to call it. */
interface Case {
  readonly name: string;
  readonly misbehaviour: Misbehaviour;
}

const VERSION = 'SSH-2.0-OpenSSH_9.2\r\n';

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** A packet in the clear (RFC 4253, section 6), its lengths as they should be or as told. */
function packet(payload: Buffer, length?: number, padding?: number): Buffer {
  const pad = 16 - ((payload.length + 5) % 8);
  return Buffer.concat([
    uint32(length ?? payload.length + pad + 1),
    Buffer.from([padding ?? pad]),
    payload,
    Buffer.alloc(pad),
  ]);
}

const LISTS = [
  'curve25519-sha256',
  'ssh-ed25519',
  'aes128-ctr',
  'aes128-ctr',
  'hmac-sha2-256',
  'hmac-sha2-256',
  'none',
  'none',
  '',
  '',
];

function kexInit(change: Readonly<Record<number, string>> = {}): Buffer {
  const lists = LISTS.map((list, index) => text(change[index] ?? list));
  return Buffer.concat([Buffer.from([20]), Buffer.alloc(16, 7), ...lists, Buffer.alloc(5)]);
}

/** What a host may say instead of a version and an offer. */
function openings(random: Random): readonly [string, Buffer][] {
  const versions: [string, string][] = [
    ['nothing', ''],
    ['an empty line', '\r\n'],
    ['SSH 1', 'SSH-1.5-old\r\n'],
    ['SSH 1.99', 'SSH-1.99-old\r\n'],
    ['no software', 'SSH-2.0-\r\n'],
    ['half a version', 'SSH-2.0-Open'],
    ['NUL in the version', 'SSH-2.0-\0\0\r\n'],
    ['a very long version', `SSH-2.0-${'x'.repeat(70_000)}\r\n`],
    ['a line without end', 'x'.repeat(300_000)],
    ['lines without end', 'hello\r\n'.repeat(50_000)],
    ['returns without newlines', '\r\r\r\r'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['a terminal sequence', '\x1b]0;owned\x07\r\nSSH-2.0-x\r\n'],
  ];
  const offers: [string, Buffer][] = LISTS.slice(0, 8).flatMap((_list, index): [string, Buffer][] => [
    [`nothing in list ${index}`, packet(kexInit({ [index]: '' }))],
    [`unknown names in list ${index}`, packet(kexInit({ [index]: 'rot13,\x1b[31m' }))],
    [`20 000 names in list ${index}`, packet(kexInit({ [index]: 'x,'.repeat(10_000) }))],
  ]);
  const packets: [string, Buffer][] = [
    ['an empty packet', packet(Buffer.alloc(0), 1)],
    ['a packet of no length', packet(kexInit(), 0)],
    ['a packet of 4 GB', packet(kexInit(), 0xffffffff)],
    ['a packet of 300 KB', packet(kexInit(), 300_000)],
    ['an odd packet', packet(kexInit(), 333)],
    ['nothing but padding', packet(kexInit(), undefined, 255)],
    ['half an offer', packet(kexInit().subarray(0, 60))],
    ['two offers', Buffer.concat([packet(kexInit()), packet(kexInit())])],
    ['SHA-1 host keys', packet(kexInit({ 1: 'ssh-rsa' }))],
    ['an answer before the question', Buffer.concat([packet(kexInit()), packet(Buffer.from([31, 0, 0, 0, 0]))])],
    ['new keys at once', Buffer.concat([packet(kexInit()), packet(Buffer.from([21]))])],
    ['a goodbye', packet(Buffer.concat([Buffer.from([1]), uint32(2), text('\x1b[2Jgo away'), text('')]))],
    ...Array.from({ length: 8 }, (_, index): [string, Buffer] => [`noise ${index}`, random.bytes(500)]),
  ];
  return [
    ...versions.map(([name, version]): [string, Buffer] => [name, Buffer.from(version, 'latin1')]),
    ...[...offers, ...packets].map(([name, bytes]): [string, Buffer] => [
      name,
      Buffer.concat([Buffer.from(VERSION), bytes]),
    ]),
  ];
}

/** Changes of the bytes of a whole connection, from some byte on. */
function mangled(random: Random, index: number): Case {
  const from = random.below(index % 3 === 0 ? 100 : 3_000);
  const how = random.pick(['flip', 'zero', 'insert', 'drop', 'repeat', 'noise', 'close', 'end', 'hang']);
  const noise = random.bytes(40);
  const size = 1 + random.below(40);
  const mangle = (bytes: Buffer, offset: number): Buffer | 'close' | 'end' => {
    const at = from - offset;
    const isPast = at < 0;
    if (at >= bytes.length) return bytes;
    const split = Math.max(0, at);
    const [before, after] = [bytes.subarray(0, split), bytes.subarray(split)];
    switch (how) {
      case 'close':
      case 'end':
        return how;
      case 'hang':
        return before;
      case 'noise':
        return Buffer.concat([before, noise, noise]);
      default:
        if (isPast) return bytes;
    }
    switch (how) {
      case 'flip':
        return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << (size % 8))]), after.subarray(1)]);
      case 'zero':
        return Buffer.concat([before, Buffer.alloc(Math.min(size, after.length)), after.subarray(size)]);
      case 'insert':
        return Buffer.concat([before, noise.subarray(0, size), after]);
      case 'drop':
        return Buffer.concat([before, after.subarray(size)]);
      default:
        return Buffer.concat([before, after.subarray(0, size), after]);
    }
  };
  return { name: `${how} at byte ${from}`, misbehaviour: { kind: 'mangled', mangle } };
}

/** What messages of the protocol may hold (RFC 4252 to 4254, and OpenSSH's own). */
function payloads(random: Random): readonly [string, Buffer][] {
  const channel = (): Buffer => uint32(random.pick([0, 0, 1, 2, 77, 0xffffffff]));
  const type = (number: number, ...parts: readonly Buffer[]): Buffer =>
    Buffer.concat([Buffer.from([number]), ...parts]);
  const yes = Buffer.from([1]);
  return [
    ['a disconnect', type(1, uint32(random.below(20)), text('\x1b[31mbye'), text(''))],
    ['an unknown disconnect', type(1, uint32(0xdeadbeef), text(''), text(''))],
    ['a service accepted', type(6, text('ssh-connection'))],
    ['extensions', type(7, uint32(0xffff), text('server-sig-algs'), text('\0'))],
    ['no signature algorithms', type(7, uint32(1), text('server-sig-algs'), text(''))],
    ['a new key exchange', kexInit()],
    ['a new key exchange with zlib', kexInit({ 6: 'zlib', 7: 'zlib@openssh.com' })],
    ['new keys', type(21)],
    ['a refusal', type(51, text('password,publickey,\x07'), yes)],
    ['an empty refusal', type(51, text(''), Buffer.from([0]))],
    ['a welcome', type(52)],
    ['a banner', type(53, text(`${'\x1b[2J'.repeat(2_000)}`), text(''))],
    ['a password change', type(60, text('change it'), text(''))],
    ['a million questions', type(60, text(''), text(''), text(''), uint32(1_000_000), text('x'), yes)],
    ['a global request', type(80, text('keepalive@openssh.com'), yes)],
    ['host keys', type(80, text('hostkeys-00@openssh.com'), yes, text('nonsense'), text(random.bytes(30)))],
    ['a success', type(81, random.bytes(random.below(40)))],
    ['a failure', type(82)],
    ['an x11 channel', type(90, text('x11'), channel(), uint32(1), uint32(1), text('::1'), uint32(6000))],
    ['an agent channel', type(90, text('auth-agent@openssh.com'), channel(), uint32(1), uint32(1))],
    [
      'a forwarded channel',
      type(90, text('forwarded-tcpip'), channel(), uint32(1), uint32(1), text('a'), uint32(1), text('b'), uint32(2)),
    ],
    ['a strange channel', type(90, text('\0'.repeat(50)), channel(), uint32(0), uint32(0))],
    ['a confirmation', type(91, channel(), channel(), uint32(0xffffffff), uint32(0))],
    ['a refused channel', type(92, channel(), uint32(random.below(6)), text('\x1b'), text(''))],
    ['a window', type(93, channel(), uint32(0xffffffff))],
    ['data', type(94, channel(), text(random.bytes(200)))],
    ['empty data', type(94, channel(), text(''))],
    ['data of a length that lies', type(94, channel(), uint32(0xfffffff0))],
    ['other data', type(95, channel(), uint32(random.pick([0, 1, 2])), text('x'.repeat(5_000)))],
    ['an end of data', type(96, channel())],
    ['a close', type(97, channel())],
    ['an exit status', type(98, channel(), text('exit-status'), Buffer.from([0]), uint32(0xffffffff))],
    ['half an exit status', type(98, channel(), text('exit-status'), Buffer.from([0]))],
    [
      'an exit signal',
      type(98, channel(), text('exit-signal'), Buffer.from([0]), text('\x1b'), yes, text('x'), text('y')),
    ],
    ['a request', type(98, channel(), text('shell'), yes)],
    ['a channel success', type(99, channel())],
    ['a channel failure', type(100, channel())],
    ...Array.from({ length: 14 }, (_, index): [string, Buffer] => {
      const number = random.pick([
        0, 2, 3, 4, 5, 6, 7, 20, 21, 30, 31, 33, 50, 51, 52, 53, 60, 80, 90, 91, 94, 98, 127, 192, 255,
      ]);
      return [`noise ${index} of type ${number}`, type(number, random.bytes(random.below(60)))];
    }),
  ];
}

/** Four hundred kinds of sshds that break the rules, the same for the same seed. */
export function misbehaviours(seed: number, count: number): readonly Case[] {
  const random = new Random(seed);
  const opened = openings(random).map(
    ([name, bytes], index): Case => ({
      name: `opens with ${name}`,
      misbehaviour: { kind: 'opening', bytes, closes: index % 2 === 0 },
    }),
  );
  const messages = MOMENTS.flatMap((moment) =>
    payloads(random).flatMap(([name, payload]) =>
      [true, false].map(
        (goesOn): Case => ({
          name: `${name} at ${moment}${goesOn ? '' : ', and then nothing'}`,
          misbehaviour: { kind: 'message', moment, payload, goesOn },
        }),
      ),
    ),
  );
  const rest = Array.from({ length: count }, (_, index) => mangled(random, index));
  const chosen: Case[] = [...opened];
  while (chosen.length < count) {
    const pool = chosen.length % 3 === 0 ? rest : messages;
    const [next] = pool.splice(random.below(pool.length), 1);
    if (next) chosen.push(next);
  }
  return chosen;
}
