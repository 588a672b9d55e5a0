import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type JournalReading, readJournal } from '../../../../src/journal/read-journal.ts';
import type { EmbeddedHost } from '../../../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../../../src/simulation/fleet.ts';
import { PROJECT } from '../../../cli/support/bundled-program.ts';
import { Controller } from '../../../cli/support/controller.ts';
import { RENEW } from '../../../cli/support/site.ts';
import { Bench } from '../../../simulation/support/bench.ts';
import type { Ended } from '../../support/fleet-runs.ts';

/** As `npm run build` makes it: the workflow is a part of it. */
const PROGRAM = join(PROJECT, 'dist/kplay.js');

type Variables = Readonly<Record<string, string>>;

/** A process of kplay that goes on. */
export interface Going {
  readonly process: ChildProcess;
  /** All that it has said until now. */
  readonly said: () => string;
  readonly ended: Promise<Ended>;
  /** Resolves as soon as it has said that. */
  says(what: RegExp): Promise<void>;
}

/** Embedded clusters, an account from which rollouts are asked for, and workers. */
export class RolloutSite {
  readonly fleets: readonly Fleet[];
  readonly controller = new Controller();
  readonly #bench: Bench;
  readonly #going = new Set<Going>();

  private constructor(bench: Bench, fleets: readonly Fleet[]) {
    this.#bench = bench;
    this.fleets = fleets;
  }

  /** @param clusters their names */
  static async open(clusters: readonly string[]): Promise<RolloutSite> {
    const bench = new Bench();
    const fleets: Fleet[] = [];
    for (const [index, clusterName] of clusters.entries())
      fleets.push(await bench.fleet({ clusterName, network: `10.41.${index + 1}` }));
    return new RolloutSite(bench, fleets);
  }

  get hosts(): readonly EmbeddedHost[] {
    return this.fleets.flatMap(({ hosts }) => hosts);
  }

  /** The inventory of a cluster that says more of itself than its name. @returns its path */
  inventory(cluster: string, says: string, file = cluster): string {
    const fleet = this.fleets.find(({ hosts }) => hosts[0]?.name.startsWith(`${cluster}-`));
    if (!fleet) throw new Error(`there is no cluster ${cluster}`);
    const name = `name: ${cluster}\n`;
    if (!fleet.inventory.includes(name)) throw new Error(`no ${name} in ${fleet.inventory}`);
    const indent = /( *)name: /.exec(fleet.inventory)?.[1] ?? '';
    return this.controller.file(`${file}.yml`, fleet.inventory.replace(name, `${name}${indent}${says}\n`));
  }

  /** @param name of its state directory. @param sources its inventories */
  worker(
    name: string,
    engine: string,
    sources: readonly string[],
    more: readonly string[] = [],
    variables: Variables = {},
  ): Going {
    const words = sources.flatMap((source) => ['-i', source]);
    return this.kplay(['worker', RENEW, ...words, '--engine', engine, ...more, ...this.#state(name)], variables);
  }

  /** What a worker, or whoever asked for a rollout, has kept: one journal for each run. */
  journals(name: string): readonly JournalReading[] {
    const runs = join(this.controller.directory, name, 'runs');
    if (!existsSync(runs)) return [];
    return readdirSync(runs).map((run) => {
      const path = join(runs, run, 'journal.ndjson');
      return readJournal(existsSync(path) ? readFileSync(path) : new Uint8Array());
    });
  }

  /** Resolves when so many changes have been begun there. */
  async changesOf(name: string, count: number): Promise<void> {
    const begun = (): number =>
      this.journals(name).flatMap(({ records }) => records.filter(({ entry }) => entry.type === 'intent')).length;
    while (begun() < count) await pause(20);
  }

  /** Renews everything there. */
  rollOut(
    engine: string,
    sources: readonly string[],
    rollout: string,
    more: readonly string[] = [],
    { state = 'controller', variables = {} }: { readonly state?: string; readonly variables?: Variables } = {},
  ): Going {
    const file = this.controller.file('rollout.yml', rollout);
    const words = ['-e', 'renew_before=all', '-e', 'method=native', '--rollout', file, '--engine', engine];
    return this.kplay(
      ['run', RENEW, ...sources.flatMap((source) => ['-i', source]), ...words, ...more, ...this.#state(state)],
      variables,
    );
  }

  stateAt(whose: string): string {
    return join(this.controller.directory, whose);
  }

  #state(whose: string): readonly string[] {
    return ['--state', this.stateAt(whose)];
  }

  kplay(words: readonly string[], variables: Variables = {}): Going {
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      env: { ...process.env, HOME: this.controller.home, ...variables },
      cwd: this.controller.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const listeners = new Set<() => void>();
    const hear = (text: unknown): void => {
      said += String(text);
      for (const listener of listeners) listener();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, output: said })));
    const going: Going = {
      process: child,
      said: () => said,
      ended,
      says: (what) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (!what.test(said)) return;
            listeners.delete(look);
            resolve();
          };
          listeners.add(look);
          look();
          void ended.then(() => reject(new Error(`it ended without saying ${what}:\n${said}`)));
        }),
    };
    this.#going.add(going);
    void ended.then(() => this.#going.delete(going));
    return going;
  }

  /** Whatever still goes on. */
  async endAll(): Promise<void> {
    const going = [...this.#going];
    for (const { process } of going) process.kill('SIGKILL');
    await Promise.all(going.map(({ ended }) => ended));
  }

  async close(): Promise<void> {
    await this.endAll();
    await this.#bench.close();
    this.controller.close();
  }
}
