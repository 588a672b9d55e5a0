import { describe, expect, it } from 'vitest';
import type { HostRecap } from '../../src/core/events/recap.ts';
import type { Change } from '../../src/core/plan.ts';
import { isToBeConfirmed, needsWindow } from '../../src/core/plan-totals.ts';
import { UNTOUCHED } from '../../src/engine/run-result.ts';
import { compactRecaps, firstFitting, planForWaves, withShortTexts } from '../../src/fleet/temporal/message-size.ts';
import { outcomeSentence } from '../../src/report/screen/recap.ts';
import { orderOfMany, recordedWork } from './temporal/support/recorded-work.ts';

/** The server takes no message above it. */
const LIMIT = 2_000_000;

/** What workers of 0.1.0 have said of so many masters. */
async function reportOf(hosts: number, what: 'look' | 'run') {
  const { version, runId, work, clusters } = orderOfMany(1, hosts);
  const [cluster] = clusters;
  if (!cluster) throw new Error('it has one');
  return recordedWork()[what]({ version, runId, work, now: '2026-11-26T12:00:00Z', cluster });
}

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('what goes through the server', () => {
  it('has the recaps of a thousand hosts in one message, and says that they changed', async () => {
    const { result } = await reportOf(1000, 'run');
    expect(bytes(result.hosts)).toBeGreaterThan(4 * LIMIT);
    const recaps = compactRecaps(result.hosts);
    expect(bytes(recaps)).toBeLessThan(LIMIT);
    expect(outcomeSentence(recaps, 'UTC')).toBe('1000 hosts changed.');
    const counted = ({ changes: _, ...counts }: HostRecap) => counts;
    expect(recaps.map(counted)).toEqual(result.hosts.map(counted));
  });

  it('says as much at the end as the whole recaps do, where there are fewer', async () => {
    const { result } = await reportOf(200, 'run');
    const recaps = compactRecaps(result.hosts);
    expect(outcomeSentence(recaps, 'UTC')).toMatch(/^\d+ certificates renewed on 200 hosts: /);
    expect(outcomeSentence(recaps, 'UTC')).toBe(outcomeSentence(result.hosts, 'UTC'));
    const restored: Change = {
      kind: 'update',
      target: 'apiserver',
      before: { ends: '2027-01-01T00:00:00Z' },
      after: { ends: '2026-12-01T00:00:00Z', restored: 'apiserver' },
      disruptive: false,
    };
    const run: Change = { kind: 'run', target: 'uptime', before: null, after: null, disruptive: false };
    for (const changes of [[restored], [run, { ...run, kind: 'look' as const }], [restored, run]]) {
      const whole = [{ ...UNTOUCHED, host: 'm1', state: 'changed' as const, changes }];
      expect(outcomeSentence(compactRecaps(whole), 'UTC')).toBe(outcomeSentence(whole, 'UTC'));
    }
  });

  it('has the plan of a cluster of a thousand hosts in one message', async () => {
    const { result } = await reportOf(1000, 'look');
    const plans = result.plans.map(planForWaves);
    expect(bytes(plans)).toBeLessThan(LIMIT);
    expect(plans.flatMap(({ hosts }) => hosts.filter(({ tasks }) => tasks.length === 1))).toHaveLength(1000);
  });

  it('says of each host whether something is to be done, also where only the run tells, and not what a failure leads to', () => {
    const change: Change = { kind: 'create', target: 'x', before: null, after: 'much', disruptive: false };
    const handler = { path: 'h', action: 'change', changes: [change], condition: 'only if' } as const;
    const rescue = { ...handler, path: 'r', onlyAfterFailure: true } as const;
    const certain = { path: 'c', action: 'unknown', until: 'Look' } as const;
    const hosts = [[handler, certain], [rescue, handler], [rescue]].map((tasks, index) => ({
      host: `h${index}`,
      tasks,
    }));
    const plan = planForWaves({ play: 'p', order: { name: 'linear', reason: '', batches: [] }, tasks: [], hosts });
    expect(plan.hosts.map(({ tasks }) => tasks.map(({ path }) => path))).toEqual([['c'], ['h'], []]);
    expect(isToBeConfirmed([plan])).toBe(true);
    expect(isToBeConfirmed([{ ...plan, hosts: plan.hosts.slice(2) }])).toBe(false);
  });

  it('says of each host whether something is to be changed, and not only looked at', () => {
    const change = (kind: Change['kind']): Change => ({
      kind,
      target: 'x',
      before: null,
      after: null,
      disruptive: false,
    });
    const look = { path: 'l', action: 'change', changes: [change('look')] } as const;
    const asked = { path: 'a', action: 'unknown', until: 'Look', isLook: true } as const;
    const both = { path: 'b', action: 'change', changes: [change('look'), change('run')] } as const;
    const handler = { path: 'h', action: 'change', changes: [change('run')], condition: 'only if' } as const;
    const hosts = [
      [look, both],
      [look, handler],
      [look, asked],
    ].map((tasks, index) => ({ host: `h${index}`, tasks }));
    const plan = planForWaves({ play: 'p', order: { name: 'linear', reason: '', batches: [] }, tasks: [], hosts });
    expect(plan.hosts.map(({ tasks }) => tasks.map(({ path }) => path))).toEqual([['b'], ['l', 'h'], ['l']]);
    for (const [index, host] of plan.hosts.entries()) expect(needsWindow([{ ...plan, hosts: [host] }])).toBe(index < 2);
  });

  it('is divided by its size, and goes on where it was divided', () => {
    const told = ['a'.repeat(300), 'ä'.repeat(100), 'b', 'c'.repeat(900)];
    expect(firstFitting(told, 509)).toEqual(told.slice(0, 2));
    expect(firstFitting(told.slice(2), 509)).toEqual(['b']);
    expect(firstFitting(told.slice(3), 509)).toEqual(told.slice(3));
    expect(firstFitting([], 509)).toEqual([]);
    const [long] = withShortTexts([{ reason: 'x'.repeat(100_000) }]);
    expect(long?.reason).toHaveLength(4001);
  });
});
