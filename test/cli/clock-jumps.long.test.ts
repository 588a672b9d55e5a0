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

/** A `date` that is right until the host has a backup, and from then on wrong by so many seconds, as is the time of its boot. */
const jumpingDate = (seconds: number): string => `#!/bin/sh
root=\${0%/usr/bin/date}
if [ -d "$root"/var/backups/kplay ]; then time=$(($(/bin/date +%s) + ${seconds})); else exec /bin/date "$@"; fi
stat=$root/proc/stat
if ! [ -e "$stat.before" ] && ln "$stat" "$stat.before" 2>/dev/null; then
  while read -r key value; do [ "$key" != btime ] || value=$((value + ${seconds})); echo "$key $value"; done <"$stat.before" >"$stat.new"
  mv "$stat.new" "$stat"
fi
/bin/date -d "@$time" "$@" 2>/dev/null || exec /bin/date -r "$time" "$@"
`;

describe('a master whose clock is set while it is renewed is renewed and proven all the same, and refused from then on:', () => {
  it.each([
    ['a day ahead', DAY],
    ['two years ahead', 730 * DAY],
    ['a day back', -DAY],
  ])('%s, once its files are saved', async (_what, seconds) => {
    const fleet = await site.fleet({ stateOf: () => ({ all: { condition: 'expired' } }) });
    const date = join(fleet.hosts[0]?.root ?? '', 'usr/bin/date');
    writeFileSync(date, jumpingDate(seconds));
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
