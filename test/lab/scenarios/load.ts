import { $ } from 'zx';
import { lab } from './lab.ts';

/** What a client saw that wrote all the while. */
export interface Written {
  /** Numbers of writes that were answered with success and cannot be read back. */
  readonly lost: readonly number[];
  readonly answered: number;
  /** The longest time between two answered writes. */
  readonly longestGapMs: number;
}

/** A client that writes a ConfigMap every 200 ms through the balancer, from a process beside the hosts. */
export async function writeConfigMaps(cluster: string): Promise<{ stop(): Promise<Written> }> {
  const master = `${cluster}-m1`;
  // The balancer's address and super-admin's certificate: the file itself is replaced meanwhile.
  const kubeconfig = await lab.inside(master, 'cat /etc/kubernetes/super-admin.conf');
  const client = $({
    quiet: true,
    nothrow: true,
  })`test/lab/lab controller node scripts/run-ts.mjs test/lab/scenarios/writer.ts`;
  client.stdin.write(`${Buffer.from(kubeconfig).toString('base64')}\n`);
  return {
    async stop() {
      client.stdin.end();
      const { stdout } = await client;
      const answered = stdout.split('\n').flatMap((line) => {
        const match = /^ok (\d+) (\d+)$/.exec(line);
        return match ? [{ number: Number(match[1]), at: Number(match[2]) }] : [];
      });
      const times = answered.map(({ at }) => at).sort((x, y) => x - y);
      const stored = new Set((await lab.inside(master, READER)).trim().split(/\s+/).map(Number));
      return {
        lost: answered.map(({ number }) => number).filter((number) => !stored.has(number)),
        answered: answered.length,
        longestGapMs: Math.max(0, ...times.slice(1).map((at, index) => at - (times[index] ?? at))),
      };
    },
  };
}

const READER = `kubectl get configmaps -n default -o name | sed -n 's|^configmap/w||p'`;

/** Looks every 200 ms how many etcd members are down at once. */
export function watchEtcd(masters: readonly string[]): { stop(): Promise<number> } {
  let running = true;
  let worst = 0;
  const loop = (async () => {
    while (running) {
      const answers = await Promise.all(
        masters.map(async (master) => {
          const { exitCode } = await $({
            quiet: true,
            nothrow: true,
          })`test/lab/lab in ${master} sh -c ${'ss -ltn | grep -q :2379'}`;
          return exitCode === 0;
        }),
      );
      worst = Math.max(worst, answers.filter((up) => !up).length);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  return {
    async stop() {
      running = false;
      await loop;
      return worst;
    },
  };
}
