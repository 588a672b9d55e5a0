import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Cost, costOf, least } from './measure.ts';

/** A way to run `job-short.yml`. */
export interface Way {
  readonly name: string;
  /** How many hosts each cluster of the inventory has; without it none is declared. */
  readonly clusterSize?: number;
  /** More words of the command line. @param directory where it may leave files. */
  readonly words?: (directory: string) => readonly string[];
}

/**
 * Runs the job in two ways in turn, each time on hosts of their own, all of which are this machine with another root directory,
 * and prints what each has cost at least.
 */
export async function compare(
  { hosts, repeat, kplay }: { readonly hosts: number; readonly repeat: number; readonly kplay: string },
  ways: readonly [Way, Way],
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-bench-'));
  try {
    const costs = ways.map((way) => ({ way, costs: [] as Cost[] }));
    // What disturbs one disturbs the other as well.
    for (let turn = 0; turn < repeat; turn += 1) {
      for (const each of costs) {
        const own = mkdtempSync(join(directory, 'turn-'));
        const inventory = writeHosts(own, hosts, each.way.clusterSize);
        const words = [kplay, 'run', 'bench/job-short.yml', '-i', inventory, ...(each.way.words?.(own) ?? [])];
        each.costs.push(await costOf(words, own));
      }
    }
    console.log(`${`${hosts} hosts`.padEnd(20)} seconds  CPU s    MB`);
    const [first, second] = costs.map(({ way, costs }) => show(way.name, least(costs)));
    const ratio = (of: 'wallMs' | 'cpuMs'): string => ((second?.[of] ?? 0) / (first?.[of] ?? 0)).toFixed(3);
    console.log(`ratio ${ratio('wallMs')}, of the CPU ${ratio('cpuMs')}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function writeHosts(directory: string, count: number, clusterSize = 0): string {
  const groups: Record<string, { vars: object; hosts: Record<string, { kplay_rootfs: string }> }> = {};
  for (let index = 0; index < count; index += 1) {
    const root = join(directory, `host-${index}`);
    mkdirSync(root);
    const name = clusterSize > 0 ? `cluster-${Math.floor(index / clusterSize)}` : 'one';
    const vars = { ansible_connection: 'local', ...(clusterSize > 0 && { kplay_cluster: { name } }) };
    groups[name] ??= { vars, hosts: {} };
    groups[name].hosts[`host-${index}`] = { kplay_rootfs: root };
  }
  const inventory = join(directory, 'inventory.yml');
  writeFileSync(inventory, stringify(groups));
  return inventory;
}

function show(name: string, cost: Cost): Cost {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(2).padStart(8);
  const mb = cost.residentMb.toFixed(0).padStart(6);
  console.log(`${name.padEnd(20)}${seconds(cost.wallMs)}${seconds(cost.cpuMs)}${mb}`);
  return cost;
}
