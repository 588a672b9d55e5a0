import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { formatDuration } from '../../src/core/duration.ts';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import { expectRenewed, expectServing, leftovers } from '../cli/support/host-state.ts';
import { figures } from './support/figures.ts';
import { FleetRuns, finishedClusters, type Killing, leavesOf } from './support/fleet-runs.ts';

vi.setConfig({ testTimeout: 10_800_000, hookTimeout: 300_000 });

/** `all`: every record that a whole run writes (npm run test:fleet); else so many of them, or those from one to another: `40-80`. */
const POINTS = process.env['KPLAY_FLEET_KILLS'] ?? '3';
/** Three clusters each, of their own: most of the time a run waits for them. */
const SIDE_BY_SIDE = POINTS === 'all' ? 4 : 1;

const all: FleetRuns[] = [];
beforeAll(async () => {
  for (let opened = 0; opened < SIDE_BY_SIDE; opened += 1) all.push(await FleetRuns.open('controller-killed'));
});
afterAll(async () => {
  for (const runs of all) await runs.close();
});

/** A step that is prime to any number of records that may come: those that come first are spread over the run. */
const STRIDE = 37;
const MANNERS: readonly Killing['how'][] = ['before', 'torn', 'after'];

function pointsOf(records: number): readonly number[] {
  const spread = Array.from({ length: records }, (_, index) => ((index * STRIDE) % records) + 1);
  const all = [...new Set(spread)];
  if (POINTS === 'all') return all;
  const [from, to] = POINTS.split('-').map(Number);
  return to === undefined ? all.slice(0, from) : all.filter((at) => at >= (from ?? 1) && at <= to);
}

const isMaster = ({ profile }: EmbeddedHost): boolean => profile.role === 'master';

/** Kills a run at a record, resumes it, and looks at what has come of it. @returns how many records the killed one had written */
async function killAndResume(runs: FleetRuns, state: string, kill: Killing): Promise<number> {
  const where = `killed ${kill.how} record ${kill.at}`;
  const before = new Map(runs.hosts.map((host) => [host.name, leavesOf(host)]));
  const killed = await runs.renew(state, kill);
  expect(killed.code, `${where}: ${killed.output}`).toBeNull();
  const [first] = runs.journals(state);
  const reading = first?.reading ?? { records: [], damage: [], isNewer: false };
  // No record is lost: all that were written are there, in their order, and the torn one is told of.
  const written = kill.how === 'after' ? kill.at : kill.at - 1;
  expect(
    reading.records.map(({ sequence }) => sequence),
    where,
  ).toEqual(Array.from({ length: written }, (_, index) => index + 1));
  expect(reading.damage, where).toEqual(kill.how === 'torn' ? ['the last line is incomplete'] : []);
  const through = finishedClusters(reading);
  const ended = runs.fleets.filter(({ hosts }) => through.some((name) => hosts[0]?.name.startsWith(`${name}-`)));
  const atKill = new Map(ended.flatMap(({ hosts }) => hosts.map((host) => [host.name, leavesOf(host)] as const)));
  // Of a run that has not told what it is nothing can be resumed: the same command goes on.
  const last =
    first && written > 0
      ? await runs.kplay(['resume', first.run, '--state', runs.stateAt(state), '-o', 'json'])
      : await runs.renew(state);
  expect(last.code, `${where}: ${last.output}`).toBe(0);
  for (const host of runs.hosts.filter(isMaster))
    expect(leavesOf(host), `${host.name} ${where}`).not.toBe(before.get(host.name));
  await expectServing({ hosts: runs.hosts.filter(isMaster) });
  // Where nothing was left to do, nobody has cleared away the lock of the shell that is gone; it is void.
  const left = (host: EmbeddedHost) => leftovers(host).filter((path) => !path.startsWith('/run/kplay.lock'));
  for (const host of runs.hosts) expect(left(host), `${host.name} ${where}`).toEqual([]);
  // A cluster that was through is not renewed once more.
  for (const host of runs.hosts)
    if (atKill.has(host.name)) expect(leavesOf(host), `${host.name} ${where}`).toBe(atKill.get(host.name));
  return written;
}

it('a run over three clusters that is killed at any record of its journal is resumed to its end, each cluster renewed once', async () => {
  const [first] = all;
  const whole = await first?.renew('whole');
  expect(whole?.code, whole?.output).toBe(0);
  const records = first?.journals('whole')[0]?.reading.records.length ?? 0;
  expect(records).toBeGreaterThanOrEqual(150);
  // Side by side, clusters do not write as many records each time: the last ones may not come.
  const kills = pointsOf(records - 3).map(
    (at, index): Killing => ({ at, how: MANNERS[index % MANNERS.length] ?? 'after' }),
  );
  const waiting = kills.values();
  let [done, kept] = [0, 0];
  const started = Date.now();
  await Promise.all(
    all.map(async (runs) => {
      for (const { at, how } of waiting) {
        const written = await killAndResume(runs, `killed-${at}`, { at, how });
        kept += written;
        done += 1;
        // An hour may pass until the figures.
        process.stdout.write(`${done} of ${kills.length}: killed ${how} record ${at}, resumed to the end\n`);
      }
    }),
  );
  for (const runs of all) {
    // No lock that was left keeps the next run out.
    const next = await runs.renew('next');
    expect(next.code, next.output).toBe(0);
    await expectRenewed({ hosts: runs.hosts.filter(isMaster) });
  }
  figures('Controller killed', [
    ['records of a whole run', String(records)],
    ['points at which it was killed', String(kills.length)],
    [
      'of these: before, within, after a record',
      MANNERS.map((manner) => kills.filter(({ how }) => how === manner).length).join(', '),
    ],
    ['records written before, all found again', String(kept)],
    ['resumed to the end, every host renewed', String(done)],
    ['time for all, so many at a time', `${formatDuration(Date.now() - started)}, ${all.length}`],
  ]);
});
