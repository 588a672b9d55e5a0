import { $ } from 'zx';
import type { Task, Told } from './clients.ts';
import { addressOf, lab } from './lab.ts';

/** What clients of a cluster saw that were at work all the while. */
export interface Load {
  readonly writers: readonly Written[];
  /** Names of what was answered with success and cannot be read back. */
  readonly lost: readonly string[];
  readonly watch: {
    /** How often it ended, and was begun anew. */
    readonly ends: number;
    /** Names of what was stored and never told of. */
    readonly unseen: readonly string[];
    /** The longest time from the answer to a write until the watch told of it. */
    readonly latestMs: number;
  };
  /** By master, how long its etcd was not healthy, each time. */
  readonly etcdAwayMs: Readonly<Record<string, readonly number[]>>;
  /** How many members were not healthy at once. */
  readonly etcdDown: number;
  /** How often etcd's leadership went to another member. */
  readonly elections: number;
}

/** What one client saw that writes. */
export interface Written {
  readonly client: string;
  readonly writes: number;
  /** Why each write failed that did. */
  readonly failures: readonly string[];
  /**
   * Those among them that neither of these explains: an API server that ends cuts connections that it has accepted and not yet served; a
   * leader of etcd that hands on drops what others pass on to it.
   */
  readonly unexplained: readonly string[];
  /** Milliseconds that each write took that took more than a second. */
  readonly slowMs: readonly number[];
  /** The longest time between two answers with success. */
  readonly longestGapMs: number;
}

const SLOW_MS = 1_000;

/**
 * What clients beside the hosts saw while the work went on. They go through the balancer: one writes at its pace, two write one
 * after another (with a connection for each write, and over one that is kept), and one watches. They end with the work, also
 * when it fails: this process would wait for them.
 */
export async function loadDuring(masters: readonly string[], work: () => Promise<void>): Promise<Load> {
  const [master = ''] = masters;
  const read = (path: string): Promise<string> => lab.inside(master, `cat /etc/kubernetes/${path}`);
  const task: Task = {
    // The balancer's address and super-admin's certificate: the files themselves are replaced meanwhile.
    kubeconfig: await read('super-admin.conf'),
    etcd: {
      ca: await read('pki/etcd/ca.crt'),
      cert: await read('pki/apiserver-etcd-client.crt'),
      key: await read('pki/apiserver-etcd-client.key'),
    },
    masters: Object.fromEntries(masters.map((name) => [name, addressOf(name)])),
  };
  const clients = $({
    quiet: true,
    nothrow: true,
  })`test/lab/lab controller node scripts/run-ts.mjs test/lab/scenarios/clients.ts`;
  clients.stdin.write(`${Buffer.from(JSON.stringify(task)).toString('base64')}\n`);
  await work().finally(() => clients.stdin.end());
  const { stdout } = await clients;
  const told = stdout.split('\n').flatMap((line): readonly Told[] => (line === '' ? [] : [JSON.parse(line)]));
  const stored = (await lab.inside(master, READER)).trim().split(/\s+/);
  return loadOf(told, new Set(stored), masters);
}

const READER = `kubectl get configmaps -n default -o name | sed -n 's|^configmap/||p'`;

type Write = Extract<Told, { readonly kind: 'write' }>;

/** What all that clients told comes to; `stored` are the names that can be read afterwards. */
export function loadOf(told: readonly Told[], stored: ReadonlySet<string>, masters: readonly string[]): Load {
  const writes = told.filter((one) => one.kind === 'write');
  const answered = writes.filter(({ failure }) => failure === undefined);
  const seenAt = new Map(told.flatMap((one) => (one.kind === 'seen' ? [[one.name, one.at] as const] : [])));
  const away = awayTimes(told, masters);
  const elections = electionsIn(told);
  const ends = apiEndsIn(told);
  return {
    writers: [...new Set(writes.map(({ client }) => client))].map((client) =>
      writtenBy(
        client,
        writes.filter((one) => one.client === client),
        { elections, ends },
      ),
    ),
    lost: answered.map(({ name }) => name).filter((name) => !stored.has(name)),
    watch: {
      ends: told.filter(({ kind }) => kind === 'watch-ended').length,
      // What was written last may not have come yet.
      unseen: answered.slice(0, -STILL_COMING).flatMap(({ name }) => (seenAt.has(name) ? [] : [name])),
      latestMs: Math.max(0, ...answered.map(({ name, ended }) => (seenAt.get(name) ?? ended) - ended)),
    },
    etcdAwayMs: Object.fromEntries(
      masters.map((name) => [name, away.filter(({ master }) => master === name).map(({ from, to }) => to - from)]),
    ),
    etcdDown: Math.max(
      0,
      ...away.map(({ from }) => away.filter((other) => other.from <= from && other.to > from).length),
    ),
    elections: elections.length,
  };
}

const STILL_COMING = 20;

/** When members first knew of each new leader but the one that led when they were first asked. */
function electionsIn(told: readonly Told[]): readonly number[] {
  const known = new Map<number, number>();
  for (const one of told)
    if (one.kind === 'leader') known.set(one.term, Math.min(one.at, known.get(one.term) ?? one.at));
  const [, ...later] = [...known].sort(([a], [b]) => a - b);
  return later.map(([, at]) => at);
}

interface ApiEnd {
  readonly master: string;
  readonly at: number;
}

/** When each API server was seen to take no more connections. */
function apiEndsIn(told: readonly Told[]): readonly ApiEnd[] {
  return told.flatMap((one) => (one.kind === 'api' && !one.isUp ? [{ master: one.master, at: one.at }] : []));
}

/** Between the last connection that an API server accepts and the moment at which that is seen: each is asked twenty times a second. */
const ENDING_MS = 500;

/** The API server that was about to end when a write failed. */
function endingAt({ ended }: Write, ends: readonly ApiEnd[]): ApiEnd | undefined {
  return ends.find(({ at }) => Math.abs(at - ended) < ENDING_MS);
}

/** From a leader's last word until members have told of the next one: they are asked ten times a second, by clients that share the processors with them. */
const HANDING_OVER_MS = 2_000;

function isUnexplained(write: Write, { elections, ends }: Moments): boolean {
  if (write.failure?.includes('etcdserver'))
    return !elections.some((at) => Math.abs(at - write.began) < HANDING_OVER_MS);
  return write.failure !== undefined && !endingAt(write, ends);
}

function failureOf(write: Write, { ends }: Moments): string {
  const { failure, began, ended } = write;
  const ending = endingAt(write, ends);
  const moment = ending ? `, ${ending.at - ended} ms before ${ending.master} was seen to take no more connections` : '';
  return `after ${ended - began} ms${moment}: ${failure}`;
}

/** When what may fail a write happened. */
interface Moments {
  readonly elections: readonly number[];
  readonly ends: readonly ApiEnd[];
}

function writtenBy(client: string, writes: readonly Write[], moments: Moments): Written {
  const ends = writes.flatMap(({ failure, ended }) => (failure === undefined ? [ended] : [])).sort((a, b) => a - b);
  return {
    client,
    writes: writes.length,
    failures: writes.filter(({ failure }) => failure !== undefined).map((one) => failureOf(one, moments)),
    unexplained: writes.filter((one) => isUnexplained(one, moments)).map((one) => failureOf(one, moments)),
    slowMs: writes.map(({ began, ended }) => ended - began).filter((took) => took > SLOW_MS),
    longestGapMs: Math.max(0, ...ends.slice(1).map((at, index) => at - (ends[index] ?? at))),
  };
}

interface Away {
  readonly master: string;
  readonly from: number;
  readonly to: number;
}

function awayTimes(told: readonly Told[], masters: readonly string[]): readonly Away[] {
  return masters.flatMap((master) => {
    const turns = told.filter((one) => one.kind === 'etcd').filter((one) => one.master === master);
    return turns.flatMap(({ isUp, at }, index): readonly Away[] =>
      isUp ? [] : [{ master, from: at, to: turns[index + 1]?.at ?? Number.POSITIVE_INFINITY }],
    );
  });
}

/** A few lines for people. */
export function describeLoad({ writers, lost, watch, etcdAwayMs, etcdDown, elections }: Load): string {
  const lines = writers.map(({ client, writes, failures, slowMs, longestGapMs }) => {
    const slow = slowMs.length === 0 ? 'none slower than 1 s' : `slower than 1 s: ${slowMs.join(', ')} ms`;
    return `${client}: ${writes} writes, ${failures.length} failed, ${slow}, longest gap ${longestGapMs} ms${failures.map((why) => `\n    ${why}`).join('')}`;
  });
  const away = Object.entries(etcdAwayMs).map(([master, times]) => `${master} ${times.join(' + ') || 0} ms`);
  return [
    ...lines,
    `watch: ended ${watch.ends} times, ${watch.unseen.length} unseen, latest after ${watch.latestMs} ms`,
    `etcd away: ${away.join(', ')}; ${etcdDown} at once; ${elections} elections; ${lost.length} writes lost`,
  ]
    .map((line) => `  ${line}\n`)
    .join('');
}
