import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectRenewed } from '../../cli/support/host-state.ts';
import { needing } from '../../support/programs.ts';
import { figures } from '../support/figures.ts';
import { spanOn } from '../support/fleet-runs.ts';
import { LockLog } from './support/lock-log.ts';
import { RolloutSite } from './support/rollout-site.ts';
import { TemporalServer } from './support/temporal-server.ts';

vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 300_000 });

/** How often a worker is killed: KPLAY_TEMPORAL_KILLS=30 npm run test:fleet for as many as were ever tried. */
const KILLS = Number(process.env['KPLAY_TEMPORAL_KILLS'] ?? 3);

describe('a worker that is killed in the midst of a cluster', needing('temporal-server'), () => {
  let server: TemporalServer;
  let site: RolloutSite;
  let inventory: string;
  beforeAll(async () => {
    server = await TemporalServer.start();
    site = await RolloutSite.open(['alpha']);
    inventory = site.inventory('alpha', 'site: north');
  });
  afterEach(() => site.endAll());
  afterAll(async () => {
    await site?.close();
    await server?.close();
  });

  const worker = async (name: string) => {
    const going = site.worker(name, server.engine, [inventory], ['--site', 'north']);
    await going.says(/^Working for/m);
    return going;
  };

  it('loses it to another, which comes to its end; no host is worked on by both', async () => {
    const times: number[] = [];
    const moments = momentsOf(KILLS);
    let unfinished = 0;
    for (const [kill, { changes, later }] of moments.entries()) {
      const [first, second] = [`killed-${kill}`, `other-${kill}`];
      const killed = await worker(first);
      const log = new LockLog(site.hosts);
      const run = site.rollOut(server.engine, [inventory], 'order: name', ['--worker-timeout', '3']);
      await site.changesOf(first, changes);
      await pause(later);
      killed.process.kill('SIGKILL');
      const at = Date.now();
      const other = await worker(second);
      const { code, output } = await run.ended;
      log.end();
      expect(code, `${output}\n${other.said()}`).toBe(0);
      times.push(Date.now() - at);
      for (const fleet of site.fleets) await expectRenewed(fleet);
      for (const host of site.hosts) {
        const pids = [killed, other].map(({ process }) => process.pid);
        const holders = log.holders(host);
        expect(holders, `${host.name}, kill ${kill}`).toEqual(pids.slice(0, holders.length));
        const spans = [first, second].flatMap((state) =>
          site.journals(state).flatMap((one) => [spanOn(host.name, one)]),
        );
        const [a, b] = spans.filter((span) => span !== undefined);
        if (a && b) expect(a[1] <= b[0], `${host.name}: ${a} and ${b}`).toBe(true);
        if (b) unfinished += 1;
      }
      await site.endAll();
    }
    figures('Workers killed in the midst of a cluster', [
      ['times', String(KILLS)],
      ['ended by another, every host renewed', String(times.length)],
      ['hosts on which the other had something left to do', String(unfinished)],
      ['hosts on which both have worked at once', '0'],
      ['median time from the kill to the end', seconds(times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)])],
      ['longest time from the kill to the end', seconds(Math.max(...times))],
    ]);
  });

  it('finishes its step when it is asked to end, and another goes on with the cluster', async () => {
    const asked = await worker('asked');
    const run = site.rollOut(server.engine, [inventory], 'order: name');
    await site.changesOf('asked', 3);
    asked.process.kill('SIGTERM');
    const { code, output } = await asked.ended;
    expect(code, output).toBe(0);
    const [own] = site.journals('asked');
    const begun = own?.records.filter(({ entry }) => entry.type === 'intent').length ?? 0;
    const done = own?.records.filter(({ entry }) => entry.type === 'done').length ?? 0;
    expect(done).toBe(begun);
    const next = await worker('next');
    const ended = await run.ended;
    expect(ended.code, `${ended.output}\n${next.said()}`).toBe(0);
    for (const fleet of site.fleets) await expectRenewed(fleet);
  });

  it('lets go of it when it was only out of breath: the other waits for its lock, and no host is worked on by both', async () => {
    const sleeper = await worker('sleeper');
    const log = new LockLog(site.hosts);
    const run = site.rollOut(server.engine, [inventory], 'order: name', ['--worker-timeout', '3']);
    await site.changesOf('sleeper', 3);
    sleeper.process.kill('SIGSTOP');
    const heir = await worker('heir');
    // It has the cluster now, and finds the host locked.
    await heir.says(/held by/);
    sleeper.process.kill('SIGCONT');
    const { code, output } = await run.ended;
    log.end();
    expect(code, `${output}\n${sleeper.said()}\n${heir.said()}`).toBe(0);
    for (const fleet of site.fleets) await expectRenewed(fleet);
    for (const host of site.hosts) {
      // Where nothing is left to do the heir's lock is gone before anybody has looked.
      const [first, ...later] = log.holders(host);
      expect(first).toBe(sleeper.process.pid);
      expect([[], [heir.process.pid]]).toContainEqual(later);
      const [a, b] = ['sleeper', 'heir'].flatMap((state) =>
        site
          .journals(state)
          .flatMap((one) => [spanOn(host.name, one) ?? []])
          .filter((span) => span.length > 0),
      );
      expect(a?.[1]).toBeLessThanOrEqual(b?.[0] ?? 0);
    }
  });
});

/** So many changes are begun in a run on one master. */
const CHANGES = 9;

/** Spread over the whole of a run: after how many changes were begun, and how much later. */
function momentsOf(count: number): readonly { readonly changes: number; readonly later: number }[] {
  return Array.from({ length: count }, (_, kill) => ({
    changes: 1 + ((kill * 7) % CHANGES),
    later: (kill * 137) % 400,
  }));
}

function seconds(milliseconds = 0): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
