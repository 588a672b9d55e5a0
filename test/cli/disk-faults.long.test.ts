import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { canFixFiles, canMount, succeeds } from '../support/abilities.ts';
import { eventsIn } from './support/event-stream.ts';
import { leftovers } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const PKI = '/etc/kubernetes/pki';
const KUBELET_PKI = '/var/lib/kubelet/pki';

const canSpoil = canMount && canFixFiles;

/** A directory of a host on a small disk of its own, with what was there; it is filled to the last byte when that is asked for. */
function onSmallDisk({ root }: EmbeddedHost, directory: string): () => void {
  const place = join(root, directory);
  const aside = mkdtempSync(join(tmpdir(), 'kplay-disk-'));
  cpSync(place, aside, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  succeeds('mount', '-t', 'tmpfs', '-o', 'size=2m,mode=755', 'tmpfs', place);
  cpSync(aside, place, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  rmSync(aside, { recursive: true });
  onTestFinished(() => void succeeds('umount', place));
  return () => void succeeds('dd', 'if=/dev/zero', `of=${join(place, 'fill')}`, 'bs=512');
}

/** Every certificate, key and kubeconfig of a host, and what it holds. */
function holdings(host: EmbeddedHost): readonly (readonly [string, string])[] {
  const paths = [...host.snapshot()].filter(([path, { type }]) => type !== 'directory' && IS_KEPT.test(path));
  return paths.map(([path]) => [path, host.read(path)]);
}

const IS_KEPT = /^\/(?:etc\/kubernetes|var\/lib\/kubelet\/pki)\/.*\.(?:crt|key|conf|pem)$/;

/** Runs the renewal, and does something when a step begins. */
async function renew(fleet: Fleet, step: string, words: readonly string[], doSomething: () => void) {
  let rest = '';
  let isDone = false;
  const onOutput = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    const begins = (event: JsonObject): boolean =>
      event['type'] === 'task-started' && (event['task'] as JsonObject)['step'] === step;
    if (isDone || !lines.some((line) => begins(JSON.parse(line)))) return;
    isDone = true;
    doSomething();
  };
  const argv = ['run', RENEW, '-i', fleet.inventoryFile, '-o', 'json', ...words];
  const { exitCode, stdout } = await site.controller.run(argv, { onOutput });
  return { exitCode, events: eventsIn(stdout), isDone };
}

async function expired(role: 'master' | 'worker') {
  const fleet = await site.fleet({
    workers: role === 'worker' ? 1 : 0,
    stateOf: () => ({ all: { condition: 'expired' } }),
    workerStateOf: () => ({ all: { condition: 'expired' } }),
  });
  const host = fleet.hosts.find(({ profile }) => (profile.role === 'worker') === (role === 'worker'));
  if (!host) throw new Error(`the fleet has no ${role}`);
  return { fleet, host };
}

interface Fault {
  readonly step: string;
  readonly role: 'master' | 'worker';
  /** What is full, or immutable. */
  readonly path: string;
  readonly words?: readonly string[];
}

const BOOTSTRAP = ['-e', 'worker_kubelets=bootstrap', '-e', 'method=native'];

describe.skipIf(!canSpoil)('a host (needs mount and chattr)', () => {
  test.each<Fault>([
    { step: 'certs.regenerate', role: 'master', path: '/etc/kubernetes' },
    { step: 'kubeconfig.regenerate', role: 'master', path: '/etc/kubernetes' },
    { step: 'kubeconfig.regenerate', role: 'worker', path: KUBELET_PKI },
    { step: 'kubelet.bootstrap', role: 'worker', path: '/etc/kubernetes', words: BOOTSTRAP },
  ])(
    'whose disk at $path is full when $step begins on a $role is as before',
    async ({ step, role, path, words = [] }) => {
      const { fleet, host } = await expired(role);
      const fill = onSmallDisk(host, path);
      await isAsBefore({ fleet, host, step, words }, fill, 'No space left on device');
      rmSync(join(host.root, path, 'fill'), { force: true });
      await completes(fleet, words);
    },
  );

  test('whose disk is full when its backup is made is said to be unchanged, and is', async () => {
    const { fleet, host } = await expired('master');
    mkdirSync(join(host.root, '/var/backups'), { recursive: true });
    const fill = onSmallDisk(host, '/var/backups');
    const { exitCode, events } = await renew(fleet, 'certs.backup', [], fill);
    expect(exitCode).toBe(2);
    expect(JSON.stringify(events)).toContain('a disk of the host is full');
    const recap = events.findLast(({ type }) => type === 'run-finished');
    expect(recap).toMatchObject({ hosts: fleet.hosts.map(() => expect.objectContaining({ state: 'unchanged' })) });
    expect(readdirSync(join(host.root, '/var/backups'))).toEqual(['fill']);
  });

  test.each<Fault>([
    { step: 'certs.delete', role: 'master', path: `${PKI}/apiserver.key` },
    { step: 'certs.delete', role: 'master', path: PKI },
    { step: 'kubeconfig.regenerate', role: 'worker', path: KUBELET_PKI },
    { step: 'kubelet.bootstrap', role: 'worker', path: '/etc/kubernetes/kubelet.conf', words: BOOTSTRAP },
  ])('on which $path is immutable when $step begins is as before', async ({ step, role, path, words = [] }) => {
    const { fleet, host } = await expired(role);
    const place = join(host.root, path);
    onTestFinished(() => void succeeds('chattr', '-i', place));
    const lock = (): void => void succeeds('chattr', '+i', place);
    await isAsBefore({ fleet, host, step, words }, lock, 'Operation not permitted');
    succeeds('chattr', '-i', place);
    await completes(fleet, words);
  });

  test('whose directory became immutable when its files were moved aside is said not to be restored, and completes', async () => {
    const { fleet, host } = await expired('master');
    const place = join(host.root, PKI, 'etcd');
    onTestFinished(() => void succeeds('chattr', '-i', place));
    const { exitCode, events } = await renew(fleet, 'certs.regenerate', [], () => void succeeds('chattr', '+i', place));
    expect([exitCode, JSON.stringify(events)]).toEqual([2, expect.stringContaining('Operation not permitted')]);
    // By itself it would try the same in vain.
    expect(events.at(-1)).toMatchObject({ hosts: [{ host: host.name, state: 'not-restored' }] });
    succeeds('chattr', '-i', place);
    await completes(fleet, []);
  });
});

interface Renewal {
  readonly fleet: Fleet;
  readonly host: EmbeddedHost;
  readonly step: string;
  readonly words: readonly string[];
}

/** The host fails, says why, and has afterwards what it had before. */
async function isAsBefore({ fleet, host, step, words }: Renewal, spoil: () => void, why: string): Promise<void> {
  const before = holdings(host);
  const { exitCode, events, isDone } = await renew(fleet, step, words, spoil);
  expect([isDone, exitCode]).toEqual([true, 2]);
  expect(JSON.stringify(events)).toContain(why);
  expect(holdings(host)).toEqual(before);
  expect(leftovers(host)).toEqual([]);
}

async function completes(fleet: Fleet, words: readonly string[]): Promise<void> {
  const { exitCode } = await renew(fleet, '', words, () => undefined);
  expect(exitCode).toBe(0);
  for (const host of fleet.hosts) expect(leftovers(host), host.name).toEqual([]);
}
