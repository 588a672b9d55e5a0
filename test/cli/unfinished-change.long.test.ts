import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import { snapshotDifference } from '../../src/simulation/snapshot.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

/** @param between what is there between moving the certificates aside and making new ones */
function playbook(between: string): string {
  return `- hosts: all
  become: true
  tasks:
    - certs.backup: { to: /var/backups/kplay }
    - certs.delete: {}
${between}    - certs.regenerate: {}
    - kubeconfig.regenerate: {}
      tags: making
`;
}

async function renewal(between: string, ...options: readonly string[]) {
  const fleet = await site.fleet({ stateOf: () => ({ all: { condition: 'expired' } }) });
  const [host] = fleet.hosts;
  const certificates = () =>
    new Map([...(host?.snapshot() ?? [])].filter(([path]) => path.startsWith('/etc/kubernetes')));
  const before = certificates();
  const file = site.controller.file('renewal.yml', playbook(between));
  const { exitCode, stdout } = await site.controller.run([
    'run',
    file,
    '-i',
    fleet.inventoryFile,
    '-o',
    'json',
    ...options,
  ]);
  const events = stdout.split('\n').flatMap((line): readonly Event[] => (line === '' ? [] : [JSON.parse(line)]));
  // Directories have the time at which the files came back.
  const differences = [...snapshotDifference(before, certificates()).values()].flat().filter((what) => what !== 'time');
  const [recap] = events.flatMap((event) => (event.type === 'run-finished' ? event.hosts : []));
  return { exitCode, recap, events, differences, isLocked: existsSync(join(host?.root ?? '', 'run/kplay.lock')) };
}

describe('certificates that were moved aside, and for which the play makes no new ones,', () => {
  it('are not moved: the plan refuses the host', async () => {
    const run = await renewal('    - meta: end_host\n');
    expect(run).toMatchObject({ exitCode: 3, differences: [], isLocked: false, recap: { state: 'unchanged' } });
    expect(JSON.stringify(run.events)).toContain('change-unfinished');
  });

  it('are not moved where tags leave out what makes them', async () => {
    const run = await renewal('', '--skip-tags', 'making');
    expect(run).toMatchObject({ exitCode: 3, differences: [], isLocked: false });
  });

  it('come back if only the run shows that: the host has failed', async () => {
    const between = '    - command: "true"\n      register: said\n    - meta: end_host\n      when: said is success\n';
    const run = await renewal(between);
    expect(run).toMatchObject({ exitCode: 2, differences: [], isLocked: false, recap: { state: 'restored' } });
    expect(run.events).toContainEqual(
      expect.objectContaining({ type: 'warning', message: expect.stringContaining('in the middle of a change') }),
    );
  });
});
