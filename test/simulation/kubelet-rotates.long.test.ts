import { lstatSync, readFileSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Bench } from './support/bench.ts';
import { applyFleet } from './support/engine.ts';

const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';
const NEXT = '/var/lib/kubelet/pki/kubelet-client-2026-11-26-10-14-20.pem';

test('a kubelet that gets itself a new certificate after its host was looked at stops nothing, and the new one is saved', {
  timeout: 120_000,
}, async () => {
  const bench = new Bench();
  onTestFinished(() => bench.close());
  const fleet = await bench.fleet({ stateOf: () => ({ all: { condition: 'due' } }) });
  const root = fleet.hosts[0]?.root ?? '';
  const current = join(root, CURRENT);
  let newer = '';
  const { result, runId } = await applyFleet(fleet.inventoryFile, { method: 'native' }, ({ type }) => {
    if (type !== 'batch-started' || newer !== '') return;
    newer = `${readFileSync(current, 'utf8')}\n`;
    writeFileSync(join(root, NEXT), newer, { mode: lstatSync(join(root, CURRENT)).mode & 0o777 });
    unlinkSync(current);
    symlinkSync(join(root, NEXT), current);
  });
  expect(result.failed).toEqual([]);
  expect(newer).not.toBe('');
  const backup = join(root, '/var/backups/kplay', runId);
  expect(readFileSync(join(backup, 'files', CURRENT), 'utf8')).toBe(newer);
  expect(readFileSync(join(backup, 'manifest'), 'utf8')).toMatch(new RegExp(`\t${NEXT}\t${CURRENT}\n`));
  expect(readlinkSync(current)).toBe(join(root, NEXT));
});
