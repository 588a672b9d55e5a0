import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import { snapshotDifference } from '../../src/simulation/snapshot.ts';
import { until } from '../simulation/support/until.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const HEAD = '- hosts: all\n  become: true\n  ignore_unreachable: true\n  tasks:\n';
const COPIES = `${HEAD}    - copy: { dest: /etc/first, content: one }\n    - copy: { dest: /etc/second, content: two }\n`;
const RENEWAL = `${HEAD}    - certs.backup: { to: /var/backups/kplay }\n    - certs.delete: {}\n    - certs.regenerate: {}\n    - kubeconfig.regenerate: {}\n    - cluster.verify: {}\n`;

function recapIn(stdout: string) {
  const events = stdout.split('\n').flatMap((line): readonly Event[] => (line === '' ? [] : [JSON.parse(line)]));
  return events.flatMap((event) => (event.type === 'run-finished' ? event.hosts : []));
}

describe('a host that loses its connection in a play with ignore_unreachable', () => {
  it('is connected and locked again for the next task, and unlocked at the end', async () => {
    const fleet = await site.fleet();
    const [host] = fleet.hosts;
    const root = host?.root ?? '';
    let begun = 0;
    const held: boolean[] = [];
    const { exitCode, stdout } = await site.controller.run(
      ['run', site.controller.file('copies.yml', COPIES), '-i', fleet.inventoryFile, '-o', 'json'],
      {
        onOutput: (text) => {
          if (text.includes('"task-started"') && begun++ === 0) host?.connections.cut();
          if (text.includes('"task-finished"')) held.push(existsSync(join(root, 'run/kplay.lock/shell')));
        },
      },
    );
    expect(recapIn(stdout)).toMatchObject([{ ok: 2, changed: 1, ignored: 1, unreachable: 0, failed: 0, refused: 0 }]);
    expect(exitCode).toBe(0);
    expect(existsSync(join(root, 'etc/first'))).toBe(false);
    expect(readFileSync(join(root, 'etc/second'), 'utf8')).toBe('two\n');
    expect(held.at(-1)).toBe(true);
    expect(existsSync(join(root, 'run/kplay.lock'))).toBe(false);
  });

  it('is lost for good in the midst of a renewal, and puts itself back', async () => {
    const fleet = await site.fleet({ stateOf: () => ({ all: { condition: 'expired' } }) });
    const [host] = fleet.hosts;
    const pki = () => new Map([...(host?.snapshot() ?? [])].filter(([path]) => path.startsWith('/etc/kubernetes/pki')));
    const before = pki();
    const { exitCode, stdout } = await site.controller.run(
      ['run', site.controller.file('renewal.yml', RENEWAL), '-i', fleet.inventoryFile, '-o', 'json'],
      {
        onOutput: (text) => {
          if (text.includes('"task-started"') && text.includes('certs.regenerate')) host?.connections.cut();
        },
      },
    );
    expect(recapIn(stdout)).toMatchObject([{ ignored: 0, unreachable: 1, state: 'unknown' }]);
    expect(exitCode).toBe(4);
    await until(() => !existsSync(join(host?.root ?? '', 'run/kplay.lock')));
    // Directories have the time at which the files came back.
    expect([...snapshotDifference(before, pki()).values()].flat().filter((what) => what !== 'time')).toEqual([]);
  });
});
