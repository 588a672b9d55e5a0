import { createInterface } from 'node:readline';
import { $ } from 'zx';
import { equal, holds } from './expect.ts';
import { eventually, isDead, lab, readyNodes } from './lab.ts';
import { PLAYBOOK } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'ha';
const HOSTS = ['m1', 'm2', 'm3', 'w1'].map((name) => `${CLUSTER}-${name}`);
const NEEDS = 'three masters and a worker, everything expired';
const COMMAND = ['run', PLAYBOOK, '-i', lab.inventory(CLUSTER)];
/** How much longer than an expert's script, which verifies nothing, kplay may take. */
const MAX_RATIO = 1.2;
/** One time alone depends on the moment at which a kubelet tries again. */
const TURNS = 5;

export const speed: readonly Scenario[] = [
  {
    name: 'three masters and a worker, everything expired: as soon as by hand',
    cluster: CLUSTER,
    ci: false,
    needs: NEEDS,
    async run() {
      const times: Record<'said' | 'hand' | 'masters' | 'all', number[]> = { said: [], hand: [], masters: [], all: [] };
      for (let turn = 0; turn < TURNS; turn += 1) {
        const byHand = await revived(() => $({ quiet: true })`test/lab/by-hand ${CLUSTER}`, 3);
        const kplay = await revived(async () => equal((await lab.kplay(COMMAND)).code, 0, 'kplay run'), 4);
        times.said.push(byHand.ended);
        times.hand.push(byHand.ready[2] ?? Number.NaN);
        times.masters.push(kplay.ready[2] ?? Number.NaN);
        times.all.push(kplay.ready[3] ?? Number.NaN);
      }
      // The script is at its end when it has seen its nodes Ready, as an expert would; kplay's nodes are watched from outside.
      const ratio = median(times.all) / median(times.said);
      const told = (seconds: readonly number[]) => seconds.map((one) => one.toFixed(1)).join(', ');
      process.stdout.write(
        `  by hand, masters only, ${told(times.said)} s until the script says so (${told(times.hand)} s by the watch); kplay ${told(times.masters)} s to the masters, ${told(times.all)} s to all; of the medians: ${ratio.toFixed(2)}\n`,
      );
      holds(ratio <= MAX_RATIO, `kplay took ${ratio.toFixed(2)} times as long as by hand`);
    },
  },
  {
    name: 'three masters and a worker, nothing to do: how long it takes',
    cluster: CLUSTER,
    ci: false,
    needs: NEEDS,
    async run() {
      await lab.restore(CLUSTER, 'fresh');
      await areReady(4, 120);
      const times: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const started = Date.now();
        const { code, output } = await lab.kplay(COMMAND);
        equal(code, 0, `kplay run\n${output.slice(-2000)}`);
        times.push((Date.now() - started) / 1000);
      }
      process.stdout.write(`  ${times.map((seconds) => `${seconds.toFixed(2)} s`).join(', ')}\n`);
    },
  },
];

interface Revival {
  /** Seconds from its start until the nodes were Ready, and had said so since the start; the first node's first. */
  readonly ready: readonly number[];
  /** Seconds from its start until what revived them was at its end. */
  readonly ended: number;
}

/** Revives the expired cluster, and watches for so many nodes to become Ready. */
async function revived(revive: () => Promise<unknown>, nodes: number): Promise<Revival> {
  await lab.restore(CLUSTER, 'expired');
  await eventually('the API to be dead', 60, () => isDead(`${CLUSTER}-m1`));
  for (const host of HOSTS)
    await $({ quiet: true, nothrow: true })`test/lab/lab in ${host} systemctl is-system-running --wait`;
  const watch = new NodeWatch();
  const started = Date.now();
  const end = watch.begin(started);
  const since = (time: number): number => (time - started) / 1000;
  try {
    await revive();
    const ended = since(Date.now());
    await eventually(`${nodes} nodes to be Ready`, 60, async () => watch.readyAt.size >= nodes);
    return { ended, ready: [...watch.readyAt.values()].map(since) };
  } finally {
    await end();
  }
}

/**
 * Begun once, as soon as the API server listens: a client that asked again and again would take the processor from what is
 * measured. Raw, because kubectl would first ask what the API has; of the master's own API server, and as one who is past all
 * its rules, because the balancer and the rules come later than the nodes.
 */
const WATCH = `listens() { (exec 3<>/dev/tcp/127.0.0.1/6443) 2>/dev/null; }
until listens; do sleep 0.1; done
export KUBECONFIG=/etc/kubernetes/super-admin.conf
until timeout 300 kubectl --server https://127.0.0.1:6443 get --raw "$0?watch=true" 2>/dev/null; do sleep 0.2; done`;

const WATCHED = ['/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', '/api/v1/nodes'];

/** What the API says when something is as it says, or has changed: as much of it as is read here. */
interface Told {
  readonly object?: {
    readonly kind?: string;
    readonly metadata: { readonly name: string };
    readonly spec?: { readonly renewTime?: string };
    readonly status?: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly lastHeartbeatTime: string;
      }[];
    };
  };
}

/** What the API tells of a node may be from before it died: only one that has reported and renewed its lease since then counts. */
class NodeWatch {
  /** When a node was first seen so, in milliseconds since the epoch. */
  readonly readyAt = new Map<string, number>();
  readonly #leased = new Set<string>();
  readonly #ready = new Set<string>();

  /** @returns what ends it. */
  begin(started: number): () => Promise<unknown> {
    const watching = WATCHED.map((path) => {
      const one = $({ quiet: true, nothrow: true })`test/lab/lab in ${`${CLUSTER}-m1`} bash -c ${WATCH} ${path}`;
      const lines = createInterface({ input: one.stdout });
      lines.on('line', (line) => this.#read(JSON.parse(line) as Told, started));
      return () => {
        // What is cut off in a line is no line.
        lines.removeAllListeners('line');
        return one.kill();
      };
    });
    return () => Promise.all(watching.map((stop) => stop()));
  }

  #read({ object }: Told, started: number): void {
    if (!object) return;
    const { kind, metadata, spec, status } = object;
    const { name } = metadata;
    // A node tells when it reported in whole seconds.
    const isFresh = (time = '') => Date.parse(time) >= Math.floor(started / 1000) * 1000;
    if (kind === 'Lease' && isFresh(spec?.renewTime)) this.#leased.add(name);
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True') {
      if (kind === 'Node') this.#ready.delete(name);
    } else if (isFresh(ready.lastHeartbeatTime)) this.#ready.add(name);
    if (this.#leased.has(name) && this.#ready.has(name) && !this.readyAt.has(name)) this.readyAt.set(name, Date.now());
  }
}

async function areReady(nodes: number, seconds: number): Promise<void> {
  await eventually(
    `${nodes} nodes to be Ready`,
    seconds,
    async () => (await readyNodes(`${CLUSTER}-m1`)).length >= nodes,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
