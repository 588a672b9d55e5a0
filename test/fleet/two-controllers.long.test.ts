import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { leftovers } from '../cli/support/host-state.ts';
import { figures } from './support/figures.ts';
import { FleetRuns, spanOn } from './support/fleet-runs.ts';

vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 300_000 });

let runs: FleetRuns;
beforeAll(async () => {
  runs = await FleetRuns.open('two-controllers');
});
afterAll(() => runs.close());

/** How often two are started; 50 with npm run test:fleet. */
const PAIRS = Number(process.env['KPLAY_FLEET_PAIRS'] ?? 3);

/** Fails on a host on which another is between its two tasks. */
const PLAYBOOK = `- name: Be alone
  hosts: all
  tasks:
    - name: Come in
      command: mkdir {{ kplay_rootfs }}/in-use
    - name: Go out
      command: rmdir {{ kplay_rootfs }}/in-use
`;

it('two controllers that are started at once on one fleet are never in one cluster at the same time', async () => {
  const playbook = runs.controller.file('alone.yml', PLAYBOOK);
  const sources = runs.fleets.flatMap(({ inventoryFile }) => ['-i', inventoryFile]);
  let refused = 0;
  let both = 0;
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // On one state directory, and on two that know nothing of each other.
    const states = pair % 2 === 0 ? [`same-${pair}`, `same-${pair}`] : [`one-${pair}`, `other-${pair}`];
    const ended = await Promise.all(
      states.map((state) => runs.kplay(['run', playbook, ...sources, '--state', runs.stateAt(state), '-o', 'json'])),
    );
    for (const { code, output } of ended) expect([0, 3], output).toContain(code);
    const readings = [...new Set(states)].flatMap((state) => runs.journals(state).map(({ reading }) => reading));
    expect(readings).toHaveLength(2);
    for (const { damage } of readings) expect(damage).toEqual([]);
    for (const { hosts } of runs.fleets) {
      // A cluster's hosts are locked all together, or none of them is touched.
      const touched = readings.map((reading) => hosts.filter(({ name }) => spanOn(name, reading)).length);
      for (const count of touched) expect([0, hosts.length]).toContain(count);
      expect(touched.some((count) => count > 0)).toBe(true);
      if (touched.every((count) => count > 0)) both += 1;
      else refused += 1;
      for (const { name } of hosts) {
        const [a, b] = readings.map((reading) => spanOn(name, reading));
        if (a && b) expect(a[1] <= b[0] || b[1] <= a[0], `${name}: ${a} and ${b}`).toBe(true);
      }
    }
    for (const host of runs.hosts) expect(leftovers(host), host.name).toEqual([]);
  }
  figures('Two controllers at once', [
    ['times that two were started', String(PAIRS)],
    ['clusters that one of them was refused', String(refused)],
    ['clusters that both have worked on, one after the other', String(both)],
  ]);
});
