import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JournalEntry } from '../../../src/core/journal.ts';
import { type JournalReading, readJournal } from '../../../src/journal/read-journal.ts';
import { RunStore } from '../../../src/journal/run-store.ts';
import type { EmbeddedHost } from '../../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../../src/simulation/fleet.ts';
import { bundleProgram, programOf } from '../../cli/support/bundled-program.ts';
import { Controller } from '../../cli/support/controller.ts';
import { RENEW } from '../../cli/support/site.ts';
import { Bench } from '../../simulation/support/bench.ts';
import { LEAF_NAMES, readLeaf } from '../../simulation/support/credentials.ts';

const KILLED_AT = fileURLToPath(new URL('./killed-at.mjs', import.meta.url));

export interface Ended {
  /** Null of one that was killed. */
  readonly code: number | null;
  readonly output: string;
}

/** Three embedded clusters of one inventory, and processes of kplay that renew all of them. */
export class FleetRuns {
  readonly fleets: readonly Fleet[];
  readonly controller: Controller;
  readonly #bench: Bench;
  readonly #program: string;

  private constructor(bench: Bench, fleets: readonly Fleet[], program: string) {
    this.#bench = bench;
    this.fleets = fleets;
    this.controller = new Controller();
    this.#program = program;
  }

  static async open(test: string): Promise<FleetRuns> {
    await bundleProgram(test);
    const bench = new Bench();
    const cluster = (clusterName: string, third: number, workers: number) =>
      bench.fleet({ clusterName, network: `10.40.${third}`, workers });
    const fleets = [await cluster('alpha', 1, 0), await cluster('beta', 2, 1), await cluster('gamma', 3, 0)];
    return new FleetRuns(bench, fleets, programOf(test));
  }

  get hosts(): readonly EmbeddedHost[] {
    return this.fleets.flatMap(({ hosts }) => hosts);
  }

  /** `kplay run` that renews everything, in a state directory of the controller. */
  renew(state: string, kill: Killing | undefined = undefined): Promise<Ended> {
    const sources = this.fleets.flatMap(({ inventoryFile }) => ['-i', inventoryFile]);
    const words = ['run', RENEW, ...sources, '-e', 'renew_before=all', '-e', 'method=native'];
    return this.kplay([...words, '--state', this.stateAt(state), '-o', 'json'], kill);
  }

  stateAt(state: string): string {
    return join(this.controller.directory, state);
  }

  kplay(words: readonly string[], kill?: Killing): Promise<Ended> {
    const env = { ...process.env, HOME: this.controller.home };
    const [preload, variables] = kill
      ? [['--import', KILLED_AT], { KILL_AT: String(kill.at), KILL_HOW: kill.how }]
      : [[], {}];
    const child = spawn(process.execPath, [...preload, this.#program, ...words], {
      env: { ...env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const parts: string[] = [];
    child.stdout.on('data', (chunk) => parts.push(String(chunk)));
    child.stderr.on('data', (chunk) => parts.push(String(chunk)));
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, output: parts.join('') }));
    });
  }

  /** The journals of a state directory, by run, in the order of their ids. */
  journals(state: string): readonly { readonly run: string; readonly reading: JournalReading }[] {
    const store = new RunStore(join(this.stateAt(state), 'runs'));
    return store.ids().map((run) => {
      const hasJournal = readdirSync(store.directoryOf(run)).length > 0;
      const bytes = hasJournal ? readFileSync(store.journalPath(run)) : new Uint8Array();
      return { run, reading: readJournal(bytes) };
    });
  }

  async close(): Promise<void> {
    await this.#bench.close();
    this.controller.close();
  }
}

/** At which record of its journal a process is killed, and how much of that is written. */
export interface Killing {
  readonly at: number;
  readonly how: 'before' | 'torn' | 'after';
}

/** What tells one certificate from the next: a digest of every leaf of a host that kplay renews. */
export function leavesOf({ root }: EmbeddedHost): string {
  const hash = createHash('sha256');
  for (const name of LEAF_NAMES) hash.update(`${name} ${readLeaf(root, name)?.serialNumber ?? '-'}\n`);
  return hash.digest('hex');
}

/** The clusters that a journal says are through. */
export function finishedClusters({ records }: JournalReading): readonly string[] {
  return records.flatMap(({ entry }) =>
    entry.type === 'event' && entry.event.type === 'cluster-finished' && entry.event.cluster.kind === 'declared'
      ? [entry.event.cluster.name]
      : [],
  );
}

/** From the first intent to the last end on a host, in milliseconds; undefined where nothing was started on it. */
export function spanOn(host: string, { records }: JournalReading): readonly [number, number] | undefined {
  const ofHost = (entry: JournalEntry): boolean => 'host' in entry && entry.host === host;
  const times = records
    .filter(({ entry }) => ofHost(entry) && ['intent', 'done', 'failed', 'undo'].includes(entry.type))
    .map(({ time }) => time.getTime());
  return times.length === 0 ? undefined : [Math.min(...times), Math.max(...times)];
}
