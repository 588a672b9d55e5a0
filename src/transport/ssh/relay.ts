import { Duplex } from 'node:stream';
import { endpointText } from '../../core/endpoint.ts';
import { quoteWord } from '../../core/shell.ts';
import { onAbort } from '../abort.ts';
import { DialError, type HostProcess, type Link, type ProcessEnd } from '../link.ts';

/** Printed just before the relay starts: anything that the login shell prints earlier does not belong to the connection. */
const READY = 'kplay-relay-ready';
/** Exit code if the host has no program that can relay. */
const NO_RELAY = 127;
/** Exit code if nothing accepts a connection: one that shells do not use by themselves. */
const CLOSED = 99;

/**
 * Becomes a program that ends with 0 if something accepts a connection. `$1` address, `$2` port, `$3` both in socat's format, `$4`
 * for bash. Only busybox's nc does not support -z.
 */
const TRY = [
  'command -v bash >/dev/null && exec bash -c "$4" "$1" "$2"',
  'command -v socat >/dev/null && exec socat -u OPEN:/dev/null "$3"',
  'command -v ncat >/dev/null && exec ncat -z "$1" "$2"',
  `command -v nc >/dev/null || exit ${NO_RELAY}`,
  'nc -h 2>&1 | grep -q -e -z && exec nc -z "$1" "$2"',
  'exec nc "$1" "$2" -e true',
].join('; ');
const BASH_TRY = 'exec 3<>"/dev/tcp/$0/$1"';

/** A program that is still trying ends with its standard input: sshd does not signal processes of root. */
const CHECK_PORT = ['exec 4<&0 </dev/null', '{ cat <&4; kill $$; } >/dev/null 2>&1 & exec 4<&-', TRY].join('; ');

/**
 * Tries the port, then runs the first available relay program of the host, `$5` for bash. By itself, a relay tries for two minutes,
 * whether or not it is still wanted. Up to `READY` nothing is sent: what watches the standard input takes none of it away.
 */
const RELAY = [
  'exec 4<&0',
  `( ${TRY} ) </dev/null >/dev/null 2>&1 4<&- & try=$!`,
  '{ read -r end <&4 || kill $try; } >/dev/null 2>&1 & watch=$!',
  'result=0; wait $try || result=$?',
  '{ kill $watch; wait $watch; } 2>/dev/null || :; exec 4<&-',
  `test $result = ${NO_RELAY} && exit ${NO_RELAY}`,
  `test $result = 0 || exit ${CLOSED}`,
  `command -v socat >/dev/null && echo ${READY} && exec socat - "$3"`,
  `command -v nc >/dev/null && echo ${READY} && exec nc "$1" "$2"`,
  `command -v ncat >/dev/null && echo ${READY} && exec ncat "$1" "$2"`,
  `command -v bash >/dev/null && echo ${READY} && exec bash -c "$5" "$1" "$2"`,
  `exit ${NO_RELAY}`,
].join('; ');
const BASH_RELAY = 'exec 3<>"/dev/tcp/$0/$1" || exit 1; { cat <&3; kill $$; } & cat >&3';

/** Limit on what a login shell prints before the relay. */
const MAX_GREETING_BYTES = 64 * 1024;

/** Starts command lines on a host. */
type Spawner = Pick<Link, 'spawn'>;

/**
 * A TCP connection from the host through a program on it, for hosts whose sshd forbids forwarding. The stream is destroyed
 * with a {@link DialError} if nothing answers.
 * @param signal ends the attempt when it is aborted
 * @throws {DialError} `forbidden` if the host has no such program, or does not start it; `closed` if nothing accepts a connection
 */
export async function relay(host: Spawner, address: string, port: number, signal: AbortSignal): Promise<Duplex> {
  const process = await start(host, RELAY, address, port, signal);
  await untilReady(process);
  return new RelayStream(process);
}

/**
 * Resolves if something accepts a TCP connection from the host. A program on the host makes it. When `signal` is aborted, the program is
 * ended: by itself it may try for two minutes, and a host allows only so many programs at once.
 * @throws {DialError} as {@link relay}; `closed` if nothing does
 */
export async function checkTcpPortFromHost(
  host: Spawner,
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  const process = await start(host, CHECK_PORT, address, port, signal);
  process.stdout.resume();
  const end = await process.ended;
  if (exitedWith(end, 0)) return;
  throw exitedWith(end, NO_RELAY) ? noRelay() : closed();
}

async function start(
  host: Spawner,
  script: string,
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<HostProcess> {
  const socatAddress = `TCP:${endpointText({ address, port })}`;
  const words = [script, 'sh', address, String(port), socatAddress, BASH_TRY, BASH_RELAY].map(quoteWord);
  try {
    const process = await host.spawn(`exec sh -c ${words.join(' ')}`);
    process.stdin.on('error', () => undefined);
    process.stderr.resume();
    onAbort(signal, () => process.abandon());
    return process;
  } catch (error) {
    throw new DialError(
      'forbidden',
      `sshd forbids forwarding, and no relay could be started on the host: ${String(error)}`,
    );
  }
}

function exitedWith(end: ProcessEnd, code: number): boolean {
  return end.kind === 'exited' && end.code === code;
}

function closed(): DialError {
  return new DialError('closed', 'connection refused');
}

function noRelay(): DialError {
  return new DialError('forbidden', 'sshd forbids forwarding, and the host has none of socat, nc, ncat and bash');
}

function untilReady(process: HostProcess): Promise<void> {
  const failed = new DialError('forbidden', 'sshd forbids forwarding, and no relay could be started on the host');
  return new Promise<void>((resolve, reject) => {
    let output = '';
    const settle = (error?: DialError): void => {
      process.stdout.off('data', listen);
      if (!error) {
        resolve();
        return;
      }
      process.abandon();
      process.stdout.resume();
      reject(error);
    };
    const listen = (chunk: Buffer): void => {
      output += chunk.toString('latin1');
      const at = output.indexOf(`${READY}\n`);
      if (at < 0) {
        if (output.length > MAX_GREETING_BYTES) settle(failed);
        return;
      }
      process.stdout.pause();
      settle();
      const first = output.slice(at + READY.length + 1);
      if (first !== '') process.stdout.unshift(Buffer.from(first, 'latin1'));
    };
    process.stdout.on('data', listen);
    void process.ended.then((end) => {
      if (exitedWith(end, CLOSED)) settle(closed());
      else settle(exitedWith(end, NO_RELAY) ? noRelay() : failed);
    });
  });
}

/** The standard streams of a process as one stream. */
class RelayStream extends Duplex {
  readonly #process: HostProcess;
  #answered = false;

  constructor(process: HostProcess) {
    super();
    this.#process = process;
    process.stdout.on('data', (bytes: Buffer) => {
      this.#answered = true;
      if (!this.push(bytes)) process.stdout.pause();
    });
    void process.ended.then(() => {
      if (this.#answered) this.push(null);
      else this.destroy(new DialError('closed', 'connection refused, or closed without an answer'));
    });
  }

  override _read(): void {
    this.#process.stdout.resume();
  }

  override _write(bytes: Buffer, encoding: BufferEncoding, done: () => void): void {
    // Write errors are explained better by the end of the process.
    this.#process.stdin.write(bytes, encoding, () => done());
  }

  override _final(done: () => void): void {
    this.#process.stdin.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#process.abandon();
    this.#process.stdout.resume();
    done(error);
  }
}
