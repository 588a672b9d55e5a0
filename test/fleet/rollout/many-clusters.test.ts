import { expect, it } from 'vitest';
import type { Signal } from '../../../src/core/signal.ts';
import { SourceFile } from '../../../src/core/source.ts';
import { NO_RESULT, type RunResult, UNTOUCHED } from '../../../src/engine/run-result.ts';
import type { ClusterRun, FleetEngine } from '../../../src/fleet/rollout/fleet-engine.ts';
import { rollOut } from '../../../src/fleet/rollout/roll-out.ts';
import type { KnownRollout } from '../../../src/fleet/rollout/rollout-request.ts';

const HOSTS_EACH = 3;
const range = new SourceFile('rollout.yml', '').range(0, 0);
const named = (value: string) => ({ value, range });

/** Counts how often results are looked through: each of their entries tells whenever somebody reads which host it is about. */
class Counted implements FleetEngine {
  reads = 0;
  started = 0;
  readonly isStopping = false;
  readonly clusters: readonly string[];
  readonly hostsOf: ReadonlyMap<string, readonly string[]>;
  /** What is special about it. */
  readonly how: How;

  constructor(clusters: number, how: How) {
    this.how = how;
    this.clusters = Array.from({ length: clusters }, (_, index) => `c${index}`);
    this.hostsOf = new Map(
      this.clusters.map((name) => [name, Array.from({ length: HOSTS_EACH }, (_, index) => `${name}-m${index}`)]),
    );
  }

  #about<T extends object>(host: string, rest: T): T & { readonly host: string } {
    const read = () => {
      this.reads += 1;
    };
    return {
      ...rest,
      get host() {
        read();
        return host;
      },
    };
  }

  #recaps(name: string) {
    return (this.hostsOf.get(name) ?? []).map((host) => this.#about(host, UNTOUCHED));
  }

  async look(): Promise<RunResult> {
    const planned = this.how === 'without plans' ? this.clusters.slice(0, 1) : this.clusters;
    const plans = planned.map((name) => ({
      play: 'Renew',
      order: { name: 'linear', reason: '', batches: [] },
      tasks: [],
      hosts: (this.hostsOf.get(name) ?? []).map((host) =>
        this.#about(host, { tasks: [{ path: 'tasks.1', action: 'unknown', until: 'x' } as const] }),
      ),
    }));
    return { ...NO_RESULT, plans, hosts: this.clusters.flatMap((name) => this.#recaps(name)) };
  }

  async run(name: string): Promise<ClusterRun> {
    this.started += 1;
    return { result: { ...NO_RESULT, hosts: this.#recaps(name) }, shut: [] };
  }

  async lookAgain(): Promise<string | undefined> {
    return this.how === 'changed after the soak' ? 'it has changed' : undefined;
  }

  async callWave(): Promise<void> {}

  signals(): readonly Signal[] {
    const isAborted = this.how === 'aborted' && this.started >= 4;
    return isAborted ? [{ kind: 'abort', by: 'ops', at: '2026-11-27T12:00:00Z' }] : [];
  }

  async wait(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  now(): number {
    return 0;
  }
}

const CASES = [
  'done',
  'without plans',
  'aborted',
  'changed after the soak',
  'in no wave',
  'behind an approval',
] as const;
type How = (typeof CASES)[number];

function rolloutOf(how: How): KnownRollout {
  const size = { value: { kind: 'share' as const, percent: 50 }, range };
  const canary = { name: named('canary'), choice: { kind: 'size' as const, size } };
  const rest = { name: named('rest'), choice: { kind: 'rest' as const } };
  switch (how) {
    case 'changed after the soak':
      return { waves: [{ ...rest, soak: { value: 0, range } }], order: 'name', checks: [], range };
    case 'in no wave':
      return { waves: [canary], order: 'name', checks: [], range };
    case 'behind an approval':
      return {
        waves: [canary, { ...rest, approval: { value: 'manual' as const, range } }],
        order: 'name',
        checks: [],
        range,
      };
    default:
      return { waves: [canary, rest], order: 'name', checks: [], range };
  }
}

/** How often the entries of results are read in a rollout over so many clusters. */
async function readsOf(clusters: number, how: How): Promise<number> {
  const engine = new Counted(clusters, how);
  const { hosts } = await rollOut(engine, {
    commands: { approve: () => '', resume: '', later: '', again: '' },
    play: 'Renew',
    rollout: rolloutOf(how),
    candidates: engine.clusters.map((name) => ({ name, labels: new Map(), traits: [] })),
    recorded: new Map(),
    total: clusters,
    hostsOf: engine.hostsOf,
    sideBySide: 2,
    emit: (event) => {
      if (event.type === 'wave-waiting') engine.signals = () => [{ kind: 'approve', wave: 'rest', by: 'ops' }];
    },
    clock: () => new Date(0),
  });
  expect(hosts).toHaveLength(clusters * HOSTS_EACH);
  return engine.reads;
}

it.each(CASES)('four times as many clusters are four times as much to look through: %s', async (how) => {
  const [few, many] = [await readsOf(50, how), await readsOf(200, how)];
  expect(few).toBeGreaterThan(50);
  // Of the square it would be 16 times as much; to bring them in order takes a little more than four times.
  expect(many / few).toBeLessThan(6);
});
