import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import type { Signal } from '../../../src/core/signal.ts';
import type { CompiledCheck } from '../../../src/engine/program/compiled.ts';
import { NO_RESULT, UNTOUCHED } from '../../../src/engine/run-result.ts';
import { type AskCheck, ClusterChecks } from '../../../src/fleet/rollout/cluster-checks.ts';
import type { WakeConditions } from '../../../src/fleet/rollout/fleet-engine.ts';

const SAID = { by: 'ops@admin', at: '2026-11-24T15:12:44.000Z' };
const CHECK = { name: 'quiet', at: ['before', 'after'], retries: 0, delayMs: 0 } as unknown as CompiledCheck;
const A = { name: 'a', hosts: ['a-m1'] };

/** A run to which something is said while it waits. */
class Ear {
  readonly events: Event[] = [];
  readonly said: Signal[];
  isStopping = false;
  onRead: () => void = () => {};
  readonly #waiting = new Set<() => void>();

  constructor(...said: readonly Signal[]) {
    this.said = [...said];
  }

  say(signal: Signal): void {
    this.said.push(signal);
    for (const wake of this.#waiting) wake();
  }

  signals(): readonly Signal[] {
    const read = [...this.said];
    this.onRead();
    return read;
  }

  async wait({ signalCount: heard, over }: WakeConditions): Promise<void> {
    if (this.said.length > heard || over?.aborted) return;
    if (!over) throw new Error('nobody would wake it any more');
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve);
      over.addEventListener('abort', () => resolve());
    });
  }

  now(): number {
    return 0;
  }

  checks(ask: AskCheck): ClusterChecks {
    return new ClusterChecks(this, { checks: [CHECK], ask, again: 'the same command' }, (event) =>
      this.events.push(event),
    );
  }
}

describe('what is said while a cluster waits for its checks', () => {
  test.each([1, 2, 3, 4, 5, 6])('is not lost when it comes just after read %d of the signals', async (which) => {
    const ear = new Ear({ kind: 'pause', ...SAID });
    let reads = 0;
    const checks = ear.checks(async () => {
      ear.onRead = () => {
        reads += 1;
        if (reads === which) ear.said.push({ kind: 'resume', ...SAID });
      };
      return undefined;
    });
    const asked = checks.checkBefore('Renew', A, new AbortController());
    // It may wait for ever only where nothing more is said.
    const ended = await asked.then(
      () => true,
      () => reads < which,
    );
    expect(ended).toBe(true);
  });

  const untilEnded: AskCheck = async (_check, _cluster, end) => {
    await new Promise<void>((resolve) => end.addEventListener('abort', () => resolve()));
    return 'it was ended';
  };

  test('an abort ends a check before the first change at once: nothing of the cluster is begun, and the check has not failed', async () => {
    const ear = new Ear();
    const start = new AbortController();
    const asked = ear.checks(untilEnded).checkBefore('Renew', A, start);
    ear.say({ kind: 'abort', ...SAID });
    expect(await asked).toBeUndefined();
    expect(start.signal.aborted).toBe(true);
    expect(ear.events).toEqual([]);
  });

  test('an abort while one check passes leaves the next one unasked: nothing of the cluster is begun', async () => {
    const ear = new Ear();
    const start = new AbortController();
    const asked: string[] = [];
    const checks = new ClusterChecks(
      ear,
      {
        checks: [CHECK, { ...CHECK, name: 'next' }],
        ask: async ({ name }) => {
          asked.push(name);
          ear.say({ kind: 'abort', ...SAID });
          await new Promise((resolve) => setImmediate(resolve));
          return undefined;
        },
        again: 'the same command',
      },
      (event) => ear.events.push(event),
    );
    expect(await checks.checkBefore('Renew', A, start)).toBeUndefined();
    expect(start.signal.aborted).toBe(true);
    expect(asked).toEqual(['quiet']);
  });

  test.each([
    ['no check proves what was not changed', false, []],
    ['checks prove what may have been changed, though nobody is there who could tell', true, ['passed']],
  ])('%s', async (_, mayHaveChanged, outcomes) => {
    const ear = new Ear();
    const unchanged = { ...NO_RESULT, hosts: [{ ...UNTOUCHED, host: 'a-m1' }] };
    const judged = ear.checks(async () => undefined).checkAfter('Renew', 'a', unchanged, mayHaveChanged);
    expect(await judged).toBe(unchanged);
    expect(ear.events.map((event) => 'outcome' in event && event.outcome)).toEqual(outcomes);
  });

  test('an abort lets a check after the last change answer', async () => {
    const ear = new Ear();
    const changed = { ...NO_RESULT, hosts: [{ ...UNTOUCHED, host: 'a-m1', changed: 1 }] };
    const judged = ear
      .checks(async (_check, _cluster, end) => {
        ear.say({ kind: 'abort', ...SAID });
        await new Promise((resolve) => setImmediate(resolve));
        return end.aborted ? 'it was ended' : undefined;
      })
      .checkAfter('Renew', 'a', changed);
    expect(await judged).toBe(changed);
    expect(ear.events.map((event) => 'outcome' in event && event.outcome)).toEqual(['passed']);
  });
});
