import { createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import ssh2, { type Connection, type Server, type ServerChannel } from 'ssh2';
import { makeSshKey } from '../../../src/simulation/ssh-key.ts';

/** When a hostile sshd sends what it should not. */
export type Moment = 'handshake' | 'login' | 'logged-in' | 'channel' | 'command' | 'input';
export const MOMENTS: readonly [Moment, ...Moment[]] = [
  'handshake',
  'login',
  'logged-in',
  'channel',
  'command',
  'input',
];

/** How an sshd misbehaves. */
export type Misbehaviour =
  /** These bytes and nothing else; then it hangs, or closes. */
  | { readonly kind: 'opening'; readonly bytes: Buffer; readonly closes: boolean }
  /** What it sends is changed on its way, from a byte on. */
  | { readonly kind: 'mangled'; readonly mangle: (bytes: Buffer, offset: number) => Buffer | 'close' | 'end' }
  /** At this moment it sends a message; then it goes on as an sshd does, or never answers that moment. */
  | { readonly kind: 'message'; readonly moment: Moment; readonly payload: Buffer; readonly goesOn: boolean }
  /** It insists on algorithms. */
  | { readonly kind: 'algorithms'; readonly algorithms: ssh2.Algorithms; readonly hostKey?: string }
  /** At this moment it exchanges keys again, and shows another host key. */
  | { readonly kind: 'other-key'; readonly moment: Moment; readonly hostKey: string }
  /** From this moment on it sends a message again and again, and reads nothing. */
  | { readonly kind: 'flood'; readonly moment: Moment; readonly payload: Buffer };

interface Listening {
  readonly port: number;
  readonly hostKey: string;
  close(): Promise<void>;
}

/** ssh2 cannot be asked to send what is not in order; its version is fixed. */
interface Protocol {
  readonly _hostKeys: Record<string, ssh2.ParsedKey>;
  readonly _packetRW: {
    readonly write: { readonly allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
}

/** Sends one message of SSH, whatever is in it. */
function sendMessage(connection: Connection, payload: Buffer): void {
  const { _protocol: protocol } = connection as unknown as { readonly _protocol: Protocol };
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  packet.set(payload, write.allocStart);
  protocol._cipher.encrypt(write.finalize(packet));
}

let hostKey: ReturnType<typeof makeHostKey> | undefined;

async function makeHostKey() {
  return hostKeyOf((await makeSshKey()).privateKey);
}

function hostKeyOf(privateKey: string) {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return { privateKey, key, line: `${key.type} ${key.getPublicSSH().toString('base64')}` };
}

/** An sshd for `admin` with the password `x`, or any key, that misbehaves in one way. Where it behaves, commands say `seen`. */
export async function startHostileSshd(misbehaviour: Misbehaviour): Promise<Listening> {
  hostKey ??= makeHostKey();
  const given = misbehaviour.kind === 'algorithms' ? misbehaviour.hostKey : undefined;
  const { privateKey, line } = given === undefined ? await hostKey : hostKeyOf(given);
  const sockets = new Set<Socket>();
  const sshd = new ssh2.Server({
    hostKeys: [privateKey],
    ...(misbehaviour.kind === 'algorithms' && { algorithms: misbehaviour.algorithms }),
  });
  sshd.on('connection', (connection) => serve(connection, misbehaviour));
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    admit(socket, sshd, misbehaviour);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    hostKey: line,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function admit(socket: Socket, sshd: Server, misbehaviour: Misbehaviour): void {
  switch (misbehaviour.kind) {
    case 'opening':
      socket.resume();
      socket.write(misbehaviour.bytes);
      if (misbehaviour.closes) socket.end();
      return;
    case 'mangled':
      sshd.injectSocket(new MangledSocket(socket, misbehaviour.mangle) as unknown as Socket);
      return;
    default:
      sshd.injectSocket(socket);
  }
}

/** A socket that changes what is written to it. */
class MangledSocket extends Duplex {
  readonly #socket: Socket;
  readonly #mangle: (bytes: Buffer, offset: number) => Buffer | 'close' | 'end';
  #offset = 0;

  constructor(socket: Socket, mangle: (bytes: Buffer, offset: number) => Buffer | 'close' | 'end') {
    super();
    this.#socket = socket;
    this.#mangle = mangle;
    socket.on('data', (bytes) => this.push(bytes));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    const mangled = this.#mangle(bytes, this.#offset);
    this.#offset += bytes.length;
    if (mangled === 'close') this.#socket.destroy();
    else if (mangled === 'end') this.#socket.end();
    else if (mangled.length > 0 && this.#socket.writable) this.#socket.write(mangled);
    done();
  }
}

function serve(connection: Connection, misbehaviour: Misbehaviour): void {
  connection.on('error', () => undefined);
  /** Whether the sshd goes on. */
  const at = (moment: Moment): boolean => {
    if (misbehaviour.kind === 'flood' && misbehaviour.moment === moment) {
      flood(connection, misbehaviour.payload);
      return moment === 'handshake';
    }
    if (misbehaviour.kind === 'other-key' && misbehaviour.moment === moment) {
      const { _protocol: protocol } = connection as unknown as { readonly _protocol: Protocol };
      const { key } = hostKeyOf(misbehaviour.hostKey);
      protocol._hostKeys[key.type] = key;
      connection.rekey();
    }
    if (misbehaviour.kind !== 'message' || misbehaviour.moment !== moment) return true;
    sendMessage(connection, misbehaviour.payload);
    return misbehaviour.goesOn;
  };
  connection.on('handshake', () => void at('handshake'));
  connection.on('authentication', (context) => {
    if (!at('login')) return;
    if (context.method === 'publickey' || (context.method === 'password' && context.password === 'x')) context.accept();
    else context.reject(['password']);
  });
  connection.on('ready', () => void at('logged-in'));
  // Asked for a connection to another host, it says neither yes nor no.
  connection.on('tcpip', () => undefined);
  connection.on('session', (accept) => {
    if (!at('channel')) return;
    const session = accept();
    session.on('exec', (acceptCommand, _reject, { command }) => {
      if (at('command')) pretendShell(acceptCommand(), command, () => at('input'));
    });
  });
}

/** Answers as the sh does that kplay starts, as far as one look needs it. */
function pretendShell(channel: ServerChannel, command: string, mayAnswer: () => boolean): void {
  const [, hello] = /echo (kplay-\w+) /.exec(command) ?? [];
  channel.on('error', () => undefined);
  channel.write(`${hello} 4711\n`);
  channel.stderr.write(`${hello}\n`);
  let said = '';
  channel.on('data', (bytes: Buffer) => {
    said += bytes.toString('latin1');
    const [, marker] = /printf '(\w+\.\d+\.)se%d/.exec(said) ?? [];
    if (marker === undefined) return;
    said = '';
    if (!mayAnswer()) return;
    channel.write(`seen\n${marker}se0\n`);
    channel.stderr.write(`${marker}se\n`);
  });
  channel.on('end', () => {
    channel.exit(0);
    channel.end();
  });
}

function flood(connection: Connection, payload: Buffer): void {
  const { _sock: socket } = connection as unknown as { readonly _sock: Socket };
  socket.pause();
  const more = (): void => {
    for (let count = 0; count < 500 && socket.writable; count += 1) sendMessage(connection, payload);
    if (!socket.writable) return;
    if (socket.writableLength > 1_000_000) socket.once('drain', more);
    else setImmediate(more);
  };
  more();
}
