// Clients of a cluster, through its balancer, until their standard input is closed; each says what came of each request.
// node scripts/run-ts.mjs test/lab/scenarios/clients.ts   with a Task on standard input: JSON in base64, on one line
import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';

/** What clients are told. */
export interface Task {
  readonly kubeconfig: string;
  readonly etcd: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Addresses of the masters, by name. */
  readonly masters: Readonly<Record<string, string>>;
}

/** A line of theirs, as JSON. */
export type Told =
  /** A write that has ended; times in milliseconds since the epoch. */
  | {
      readonly kind: 'write';
      readonly client: string;
      readonly name: string;
      readonly began: number;
      readonly ended: number;
      readonly failure?: string;
    }
  /** The watch has been told of an object. */
  | { readonly kind: 'seen'; readonly name: string; readonly at: number }
  | { readonly kind: 'watch-ended'; readonly at: number; readonly reason: string }
  /** An etcd member has begun to answer, or does not any more. */
  | { readonly kind: 'etcd'; readonly master: string; readonly isUp: boolean; readonly at: number }
  /** An API server has begun to take connections, or does not any more. */
  | { readonly kind: 'api'; readonly master: string; readonly isUp: boolean; readonly at: number }
  /** An etcd member has come to know of a leader that was elected in that term. */
  | { readonly kind: 'leader'; readonly master: string; readonly term: number; readonly at: number };

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly {
    readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string };
  }[];
}

const PACE_MS = 200;
/** Longer than an API server takes to give up on an etcd that is gone. */
const PATIENCE_MS = 15_000;
const OBJECTS = '/api/v1/namespaces/default/configmaps';

const lines = createInterface({ input: process.stdin });
let stopped = false;
const task = await new Promise<Task>((resolve) => {
  lines.once('line', (line) => resolve(JSON.parse(Buffer.from(line, 'base64').toString())));
  lines.once('close', () => {
    stopped = true;
  });
});
const kubeconfig: Kubeconfig = parse(task.kubeconfig);
const decode = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();
const server = new URL(kubeconfig.clusters[0]?.cluster.server ?? '');
const door = {
  ca: decode(kubeconfig.clusters[0]?.cluster['certificate-authority-data']),
  cert: decode(kubeconfig.users[0]?.user['client-certificate-data']),
  key: decode(kubeconfig.users[0]?.user['client-key-data']),
  host: server.hostname,
  port: server.port,
};

const say = (told: Told): void => void process.stdout.write(`${JSON.stringify(told)}\n`);
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const pending = new Set<Promise<void>>();

/** Why a write failed; undefined when it was stored. */
type Written = string | undefined;

/** One write over a connection of its own. */
function write(name: string): Promise<Written> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request({ ...door, agent: false, method: 'POST', path: OBJECTS, headers }, (answer) => {
      let text = '';
      answer.on('data', (data) => {
        text += data;
      });
      answer.once('end', () => resolve(judged(answer.statusCode, text)));
      answer.once('error', (error) => resolve(error.message));
    });
    sent.once('error', (error) => resolve(error.message));
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    sent.end(bodyOf(name));
  });
}

function bodyOf(name: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
}

function judged(status: number | undefined, text: string): Written {
  return status === 201 ? undefined : `${status} ${text.slice(0, 200)}`;
}

/** A connection that is kept, as Go's and so kubectl's and every controller's: HTTP/2, a new one when the server says that it goes. */
class KeptConnection {
  #session: ClientHttp2Session | undefined;
  /** The last request that a server which goes has taken on, by its connection. */
  readonly #taken = new WeakMap<ClientHttp2Session, number>();
  /** Why a connection ended that did not come to its own end. */
  readonly #broken = new WeakMap<ClientHttp2Session, string>();

  /** What a server that goes has refused it has not begun (RFC 9113, 8.7): Go's client sends it again, on a new connection. */
  async write(name: string): Promise<Written> {
    const failure = await this.#send(name);
    if (!failure?.includes('REFUSED_STREAM')) return failure;
    this.#session = undefined;
    return this.#send(name);
  }

  #send(name: string): Promise<Written> {
    const session = this.#current();
    return new Promise((resolve) => {
      const sent = session.request({ ':method': 'POST', ':path': OBJECTS, 'content-type': 'application/json' });
      let status: number | undefined;
      let text = '';
      sent.once('response', (headers) => {
        status = headers[':status'];
      });
      sent.on('data', (data) => {
        text += data;
      });
      sent.once('close', () => {
        if (status !== undefined) return resolve(judged(status, text));
        const isRefused = (sent.id ?? 0) > (this.#taken.get(session) ?? Number.POSITIVE_INFINITY);
        const why = this.#broken.get(session) ?? `code ${sent.rstCode}`;
        const age = sent.id === undefined ? 'on a connection that was not up yet' : `as stream ${sent.id}`;
        resolve(isRefused ? 'REFUSED_STREAM' : `closed without an answer, ${age}: ${why}`);
      });
      sent.once('error', (error) => resolve(error.message));
      sent.setTimeout(PATIENCE_MS, () => {
        resolve(`no answer within ${PATIENCE_MS} ms`);
        session.destroy();
      });
      sent.end(bodyOf(name));
    });
  }

  close(): void {
    this.#session?.destroy();
  }

  #current(): ClientHttp2Session {
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const { host, port, ca, cert, key } = door;
    const session = connect(`https://${host}:${port}`, { ca, cert, key });
    // What is under way is brought to its end; nothing more is begun on it.
    session.once('goaway', (_code, last) => {
      this.#taken.set(session, last);
      if (this.#session === session) this.#session = undefined;
    });
    session.once('error', ({ message }) => {
      this.#broken.set(session, message);
      session.destroy();
    });
    this.#session = session;
    return session;
  }
}

async function writeOne(client: string, number: number, send: (name: string) => Promise<Written>): Promise<void> {
  const began = Date.now();
  const name = `${client}-${began}-${number}`;
  const failure = await send(name);
  say({ kind: 'write', client, name, began, ended: Date.now(), ...(failure !== undefined && { failure }) });
}

/** Writes at its pace, whether or not what it wrote before has been answered; a connection for each. */
async function concurrent(): Promise<void> {
  for (let number = 1; !stopped; number += 1) {
    const one = writeOne('concurrent', number, write).finally(() => pending.delete(one));
    pending.add(one);
    await pause(PACE_MS);
  }
}

/** Writes when what it wrote before has been answered. */
async function sequential(client: string, send: (name: string) => Promise<Written>): Promise<void> {
  for (let number = 1; !stopped; number += 1) {
    await writeOne(client, number, send);
    await pause(PACE_MS / 2);
  }
}

/** Watches, and goes on where it was when the watch ends, as client-go's reflectors do. */
async function watch(): Promise<void> {
  let version = '0';
  while (!stopped) {
    const reason = await new Promise<string>((resolve) => {
      const path = `${OBJECTS}?watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
      const sent = request({ ...door, agent: false, path }, (answer) => {
        if (answer.statusCode !== 200) return resolve(`answered ${answer.statusCode}`);
        let rest = '';
        answer.on('data', (data) => {
          const parts = `${rest}${data}`.split('\n');
          rest = parts.pop() ?? '';
          for (const part of parts) {
            const { type, object } = JSON.parse(part);
            if (type === 'ERROR') return resolve(`told ${object.code}`);
            version = object.metadata.resourceVersion;
            if (type === 'ADDED') say({ kind: 'seen', name: object.metadata.name, at: Date.now() });
          }
        });
        answer.once('end', () => resolve('ended'));
        answer.once('error', (error) => resolve(error.message));
      });
      sent.once('error', (error) => resolve(error.message));
      sent.end();
      const looking = setInterval(() => stopped && sent.destroy(), 100);
      sent.once('close', () => clearInterval(looking));
    });
    if (stopped) return;
    say({ kind: 'watch-ended', at: Date.now(), reason });
    if (reason.startsWith('told')) version = '0';
    await pause(100);
  }
}

interface MemberStatus {
  readonly leader: string;
  readonly raftTerm: string;
}

/** What an etcd member says of itself; undefined when it does not answer. It does so without a leader too. */
function statusOf(address: string, agent: Agent): Promise<MemberStatus | undefined> {
  return new Promise((resolve) => {
    const sent = request(
      {
        ...task.etcd,
        agent,
        host: address,
        port: 2379,
        method: 'POST',
        path: '/v3/maintenance/status',
        timeout: 1_000,
      },
      (answer) => {
        let text = '';
        answer.on('data', (data) => {
          text += data;
        });
        answer.once('end', () => resolve(answer.statusCode === 200 ? JSON.parse(text) : undefined));
        answer.once('error', () => resolve(undefined));
      },
    );
    sent.once('error', () => resolve(undefined));
    sent.once('timeout', () => sent.destroy());
    sent.end('{}');
  });
}

/** Asks an etcd member again and again whether it serves, with a leader or without, and who leads. */
async function member(master: string, address: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let wasUp = true;
  let knownTerm = 0;
  while (!stopped) {
    const status = await statusOf(address, agent);
    const isUp = status !== undefined;
    if (isUp !== wasUp) say({ kind: 'etcd', master, isUp, at: Date.now() });
    wasUp = isUp;
    const term = status && status.leader !== '0' ? Number(status.raftTerm) : knownTerm;
    if (term !== knownTerm) say({ kind: 'leader', master, term, at: Date.now() });
    knownTerm = term;
    await pause(100);
  }
}

/** Tries again and again whether an API server takes connections: one that is asked to end stops that first. */
async function apiServer(master: string, address: string): Promise<void> {
  let wasUp = true;
  while (!stopped) {
    const isUp = await takesConnections(address);
    if (isUp !== wasUp) say({ kind: 'api', master, isUp, at: Date.now() });
    wasUp = isUp;
    await pause(50);
  }
}

function takesConnections(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port: 6443, timeout: 1_000 });
    const end = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

const kept = new KeptConnection();
await Promise.all([
  concurrent(),
  sequential('sequential', write),
  sequential('kept', (name) => kept.write(name)),
  watch(),
  ...Object.entries(task.masters).flatMap(([name, address]) => [member(name, address), apiServer(name, address)]),
]);
kept.close();
await Promise.all(pending);
