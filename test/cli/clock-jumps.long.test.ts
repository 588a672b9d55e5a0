import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectRenewed } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const DAY = 86_400;

/** A `date` that is right until there is something on the host, and from then on wrong by so many seconds, as is the time of its boot. */
const jumpingDate = (seconds: number, path: string): string => `#!/bin/sh
root=\${0%/usr/bin/date}
stat=$root/proc/stat
# Once wrong it stays so: a process may be gone by the next time.
if [ -e "$root"${path} ] || [ -e "$stat.before" ]; then time=$(($(/bin/date +%s) + ${seconds})); else exec /bin/date "$@"; fi
if ! [ -e "$stat.before" ] && ln "$stat" "$stat.before" 2>/dev/null; then
  while read -r key value; do [ "$key" != btime ] || value=$((value + ${seconds})); echo "$key $value"; done <"$stat.before" >"$stat.new"
  mv "$stat.new" "$stat"
fi
/bin/date -d "@$time" "$@" 2>/dev/null || exec /bin/date -r "$time" "$@"
`;

const BACKUPS = '/var/backups/kplay';
/** The last process to start: those of init, coredns, four pods, kubelet and etcd, API server, controller-manager and scheduler anew. */
const CONTROLLER = '/proc/5000010';

describe('a master whose clock is set while it is renewed is renewed and proven all the same, and refused from then on:', () => {
  it.each([
    ['a day ahead, once its files are saved', DAY, BACKUPS],
    ['two years ahead, once its files are saved', 730 * DAY, BACKUPS],
    ['a day back, once its files are saved', -DAY, BACKUPS],
    ['a day back, once kubelet, etcd and an API server have been proven', -DAY, CONTROLLER],
  ])('%s', async (_what, seconds, path) => {
    const fleet = await site.fleet({ stateOf: () => ({ all: { condition: 'expired' } }) });
    const date = join(fleet.hosts[0]?.root ?? '', 'usr/bin/date');
    writeFileSync(date, jumpingDate(seconds, path));
    chmodSync(date, 0o755);
    expect((await site.controller.run(['run', RENEW, '-i', fleet.inventoryFile])).exitCode).toBe(0);
    await expectRenewed(fleet);
    const later = await site.controller.run(['plan', RENEW, '-i', fleet.inventoryFile, '-e', 'renew_before=all']);
    expect(later).toMatchObject({
      exitCode: 3,
      stdout: expect.stringMatching(/its clock is .* (ahead of|behind) this/),
    });
  });
});
