import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a program for its exit status alone. */
export function succeeds(program: string, ...parameters: readonly string[]): boolean {
  return spawnSync(program, parameters, { stdio: 'ignore' }).status === 0;
}

/**
 * Whether this machine lets the tests mount file systems: that takes root, and more than the root of most containers may do.
 * @throws {Error} when not, and KPLAY_REQUIRE_ORACLES=1.
 */
export const canMount: boolean = required('mount a file system', () => {
  const place = mkdtempSync(join(tmpdir(), 'kplay-mount-'));
  const able = succeeds('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place);
  if (able) succeeds('umount', place);
  rmSync(place, { recursive: true });
  return able;
});

/** The same, of a /tmp that only one process sees. */
export const canUnshare: boolean = required('give a process a /tmp of its own', () =>
  succeeds('unshare', '-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp'),
);

/** Whether a file can be made one that even root cannot replace: that takes root, and a file system that knows attributes. */
export const canFixFiles: boolean = (() => {
  const place = mkdtempSync(join(tmpdir(), 'kplay-fixed-'));
  const file = join(place, 'file');
  writeFileSync(file, '');
  const able = succeeds('chattr', '+i', file) && succeeds('chattr', '-i', file);
  rmSync(place, { recursive: true });
  return able;
})();

function required(what: string, isPossible: () => boolean): boolean {
  const able = process.getuid?.() === 0 && isPossible();
  if (!able && process.env['KPLAY_REQUIRE_ORACLES'] === '1')
    throw new Error(`this machine, or its user, cannot ${what}, and KPLAY_REQUIRE_ORACLES=1 asks for it`);
  return able;
}
