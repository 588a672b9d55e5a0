import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { AuthContext, AuthenticationType, Connection, ParsedKey, Server, ServerChannel, Session } from 'ssh2';
import { sendOutput } from './process-output.ts';
import { makeSshKey } from './ssh-key.ts';

/** A user who may log in, with the accepted credentials. */
export interface SimulatedUser {
  /** Public keys in the format of authorized_keys. */
  readonly publicKeys?: readonly string[];
  readonly password?: string;
  /** Questions of keyboard-interactive, with the accepted answers. */
  readonly questions?: readonly { readonly prompt: string; readonly answer: string }[];
}

export interface SshServerOptions {
  readonly users: Readonly<Record<string, SimulatedUser>>;
  /** The login shell, called with `-c COMMAND`; default `/bin/sh`. */
  readonly shell?: readonly [string, ...string[]];
  /** The environment of processes, without any other variables. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly directory?: string;
  /** The local port behind a forwarded address; undefined: nothing listens there. */
  readonly resolve?: (address: string, port: number) => { readonly port: number } | undefined;
  readonly refuseForwarding?: boolean;
  /** Shown before the login. */
  readonly banner?: string;
  /** A private key in OpenSSH's format; by default an ed25519 key is made. */
  readonly hostKey?: string;
  /** Delay of input from clients to processes. */
  readonly delayMs?: number;
}

/** Input received from clients since the start. */
export interface SshTraffic {
  readonly connections: number;
  readonly commands: readonly string[];
  readonly forwards: number;
  /** Messages to the standard input of processes. */
  readonly inputs: number;
}

/**
 * An sshd inside this process, on 127.0.0.1: commands run in a real local shell, forwarded ports go where `resolve` says. It
 * can simulate failures of networks and hosts.
 */
export class SshServer {
  readonly port: number;
  /** In the format of known_hosts, without the names. */
  readonly hostKey: string;
  readonly #options: SshServerOptions;
  readonly #listener: NetServer;
  readonly #sockets = new Set<Socket>();
  readonly #processes = new Set<ChildProcess>();
  /** Process groups whose first process has ended before the others. */
  readonly #orphanedGroups = new Set<ChildProcess>();
  readonly #traffic = { connections: 0, commands: [] as string[], forwards: 0, inputs: 0 };
  readonly #parseKey: (key: string) => ParsedKey;
  #pendingCut: { readonly isEnough: (input: Buffer) => boolean; readonly delivers: boolean } | undefined;

  private constructor(options: SshServerOptions, listener: NetServer, port: number, tools: Tools) {
    this.#options = options;
    this.#listener = listener;
    this.port = port;
    this.hostKey = tools.hostKey;
    this.#parseKey = tools.parseKey;
  }

  /** Starts to listen on a free port. */
  static async start(options: SshServerOptions): Promise<SshServer> {
    const { Server: Sshd, utils } = (await import('ssh2')).default;
    const privateKey = options.hostKey ?? (await makeSshKey()).privateKey;
    const parseKey = (key: string): ParsedKey => {
      const parsed = utils.parseKey(key);
      if (parsed instanceof Error) throw parsed;
      return parsed;
    };
    const publicKey = parseKey(privateKey);
    const hostKey = `${publicKey.type} ${publicKey.getPublicSSH().toString('base64')}`;
    const listener = createServer();
    const port = await listen(listener);
    const server = new SshServer(options, listener, port, { hostKey, parseKey });
    const sshd = new Sshd({ hostKeys: [privateKey], ...(options.banner !== undefined && { banner: options.banner }) });
    sshd.on('connection', (connection) => server.#serve(connection));
    listener.on('connection', (socket) => server.#admit(socket, sshd));
    return server;
  }

  get traffic(): SshTraffic {
    return { ...this.#traffic, commands: [...this.#traffic.commands] };
  }

  /** The number of open connections. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Cuts all connections without notice, as a network failure does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Cuts all connections once, right after a process received an input for which `isEnough` is true. */
  cutAfter(isEnough: (input: Buffer) => boolean): void {
    this.#pendingCut = { isEnough, delivers: true };
  }

  /** The same, but the process does not receive that input. */
  cutBefore(isEnough: (input: Buffer) => boolean): void {
    this.#pendingCut = { isEnough, delivers: false };
  }

  /** Ends everything, including processes that clients left behind. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    this.cut();
    const exits = [...this.#processes].map((child) => new Promise((resolve) => child.once('close', resolve)));
    for (const child of [...this.#processes, ...this.#orphanedGroups]) signalGroup(child, 'SIGKILL');
    await Promise.all([closed, ...exits]);
  }

  #admit(socket: Socket, sshd: Server): void {
    this.#traffic.connections += 1;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    sshd.injectSocket(socket);
  }

  #serve(connection: Connection): void {
    // Broken connections and rejected host keys are the client's problem.
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => this.#authenticate(context));
    connection.on('session', (accept) => this.#serveSession(accept()));
    if (this.#options.refuseForwarding) return;
    connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
      this.#traffic.forwards += 1;
      const target = this.#options.resolve?.(destIP, destPort);
      if (!target) return void reject();
      const socket = connect({ host: '127.0.0.1', port: target.port, noDelay: true });
      socket.once('error', () => reject());
      socket.once('connect', () => join(socket, accept()));
    });
  }

  #authenticate(context: AuthContext): void {
    const { publicKeys = [], password, questions } = this.#options.users[context.username] ?? {};
    const methods: AuthenticationType[] = [];
    if (publicKeys.length > 0) methods.push('publickey');
    if (password !== undefined) methods.push('password');
    if (questions) methods.push('keyboard-interactive');
    const decide = (isRight: boolean): void => (isRight ? context.accept() : context.reject(methods));
    switch (context.method) {
      case 'publickey': {
        const { key: offered, blob, signature, hashAlgo } = context;
        const key = publicKeys.map(this.#parseKey).find((candidate) => candidate.getPublicSSH().equals(offered.data));
        decide(key !== undefined && (!signature || (!!blob && key.verify(blob, signature, hashAlgo))));
        return;
      }
      case 'password':
        decide(context.password === password);
        return;
      case 'keyboard-interactive':
        if (!questions) {
          decide(false);
          return;
        }
        context.prompt(
          questions.map(({ prompt }) => ({ prompt, echo: false })),
          (answers) => decide(questions.every(({ answer }, index) => answers[index] === answer)),
        );
        return;
      default:
        decide(false);
    }
  }

  #serveSession(session: Session): void {
    // By this name, which a bundle has shortened, ssh2 finds the sessions of a client that is gone and has run nothing yet.
    Object.defineProperty(session.constructor, 'name', { value: 'Session' });
    let child: ChildProcess | undefined;
    session.on('exec', (accept, _reject, { command }) => {
      this.#traffic.commands.push(command);
      child = this.#execute(command, accept());
    });
    session.on('signal', (accept, _reject, { name }) => {
      accept?.();
      if (child) signalGroup(child, `SIG${name}` as NodeJS.Signals);
    });
  }

  #execute(command: string, channel: ServerChannel): ChildProcess {
    const [file, ...args] = this.#options.shell ?? ['/bin/sh'];
    const child = spawn(file, [...args, '-c', command], {
      env: { ...this.#options.environment },
      ...(this.#options.directory !== undefined && { cwd: this.#options.directory }),
      stdio: 'pipe',
      // A session of its own, as sshd creates for every command.
      detached: true,
    });
    channel.on('error', () => undefined);
    // It has no streams, and never closes, if this machine may open no more files.
    const hasStreams = child.stdin !== undefined;
    child.on('error', (error) => {
      channel.stderr.write(`${error.message}\n`);
      if (!hasStreams) endWith(channel, 127);
    });
    if (!hasStreams) return child;
    this.#processes.add(child);
    child.stdin.on('error', () => undefined);
    channel.pipe(this.#intake()).pipe(child.stdin);
    sendOutput(child.stdout, child.stderr, channel);
    child.on('close', (code, signal) => {
      this.#processes.delete(child);
      if (signalGroup(child, 0)) this.#orphanedGroups.add(child);
      endWith(channel, signal?.slice('SIG'.length) ?? code ?? 127);
    });
    return child;
  }

  /** Counts and delays input of a process, and cuts the connection if requested. */
  #intake(): Transform {
    const { delayMs } = this.#options;
    return new Transform({
      transform: (input: Buffer, _encoding, done) => {
        this.#traffic.inputs += 1;
        const cut = this.#pendingCut?.isEnough(input) ? this.#pendingCut : undefined;
        if (cut) {
          this.#pendingCut = undefined;
          setImmediate(() => this.cut());
        }
        if (cut?.delivers === false) done();
        else if (delayMs === undefined) done(null, input);
        else setTimeout(done, delayMs, null, input);
      },
    });
  }
}

interface Tools {
  readonly hostKey: string;
  readonly parseKey: (key: string) => ParsedKey;
}

function listen(listener: NetServer): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      if (typeof address === 'object' && address) resolve(address.port);
    });
  });
}

/** Tells how a command has ended. @param how its exit code, or the signal that ended it: `KILL` */
function endWith(channel: ServerChannel, how: string | number): void {
  if (typeof how === 'string') channel.exit(how);
  else channel.exit(how);
  channel.end();
}

function join(socket: Socket, channel: ServerChannel): void {
  socket.on('error', () => channel.close());
  channel.on('error', () => socket.destroy());
  channel.on('close', () => socket.destroy());
  socket.pipe(channel).pipe(socket);
}

/** Signals a process and its descendants, unless they have left its session. False: none of them is left. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
