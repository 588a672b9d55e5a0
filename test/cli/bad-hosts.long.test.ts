import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { snapshotDifference } from '../../src/simulation/snapshot.ts';
import type { TreeState } from '../../src/simulation/tree-state.ts';
import { expectRenewed } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const EXPIRED: TreeState = { all: { condition: 'expired' } };

describe('a host is refused, and not a byte of it is changed,', () => {
  const cases: readonly [what: string, state: TreeState, says: RegExp][] = [
    ['whose clock is ten minutes ahead', { clockOffsetSeconds: 600 }, /clock .*10 minutes|clock .*ahead/],
    ['whose clock is ten minutes behind', { clockOffsetSeconds: -600 }, /clock .*10 minutes|clock .*behind/],
    ['whose disk is full', { diskFull: true }, /space|full/],
    ['whose /etc/kubernetes cannot be written', { readOnly: true }, /read-only|cannot be written|cannot write/],
    ['that does not have the key of its CA', { withoutKeyOf: ['ca'] }, /ca\.key/],
  ];
  it.each(cases)('%s', async (_what, state, says) => {
    const fleet = await site.fleet({ stateOf: () => ({ ...EXPIRED, ...state }) });
    const before = fleet.hosts[0]?.snapshot() ?? new Map();
    const { exitCode, stdout } = await site.controller.run(['run', RENEW, '-i', fleet.inventoryFile]);
    expect(stdout).toMatch(says);
    expect(exitCode).toBe(3);
    const after = fleet.hosts[0]?.snapshot() ?? new Map();
    expect([...snapshotDifference(before, after).keys()].filter((path) => !path.startsWith('/run'))).toEqual([]);
  });
});

describe('a host is not trusted', () => {
  it('when its key is not the known one', async () => {
    const [fleet, other] = [await site.fleet({ clusterName: 'one' }), await site.fleet({ clusterName: 'two' })];
    const [host, stranger] = [fleet.hosts[0], other.hosts[0]];
    const known = join(fleet.directory, 'known_hosts');
    writeFileSync(known, `[127.0.0.1]:${host?.sshPort} ${stranger?.hostKey}\n`);
    const { exitCode, stdout } = await site.controller.run(['run', RENEW, '-i', fleet.inventoryFile]);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/host key/i);
    expect(stdout).toContain('known_hosts');
  });
});

describe('a host is renewed all the same', () => {
  it('that has a login banner and a profile that prints', async () => {
    const fleet = await site.fleet({
      stateOf: () => ({ ...EXPIRED, banner: 'Authorised use only\n', noisyProfile: true }),
    });
    expect((await site.controller.run(['run', RENEW, '-i', fleet.inventoryFile])).exitCode).toBe(0);
    await expectRenewed(fleet);
  });

  it('that has no openssl', async () => {
    const fleet = await site.fleet({ stateOf: () => EXPIRED, path: withoutOpenssl() });
    const { exitCode, stdout } = await site.controller.run(['run', RENEW, '-i', fleet.inventoryFile]);
    expect(stdout).toContain('changed=6');
    expect(exitCode).toBe(0);
    await expectRenewed(fleet);
  });
});

/** A PATH on which an openssl complains and fails. */
function withoutOpenssl(): string {
  const directory = join(site.controller.directory, 'bin');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'openssl'), '#!/bin/sh\necho "openssl must not be needed" >&2\nexit 1\n', {
    mode: 0o755,
  });

  return [directory, process.env['PATH']].join(delimiter);
}
