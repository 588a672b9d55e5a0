import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MarkedFleet } from './support/marked-fleet.ts';

let site: MarkedFleet;
beforeEach(() => {
  site = new MarkedFleet();
});
afterEach(() => site.close());

test('what several clusters are warned of together is not said of each of them again when its turn comes', async () => {
  site.fleet({ a: '', b: '' });
  site.play(
    '{ order: name }',
    [],
    ['- command: mkdir -p {{ kplay_rootfs }}/tmp/later', '- copy: { content: x, dest: /tmp/later/mark }'],
  );
  const report = site.at('quality.json');
  const { exitCode, stdout, stderr } = await site.run(['--report', `gitlab=${report}`]);
  expect(exitCode, stdout + stderr).toBe(0);
  expect(stdout.match(/^.*warning: .*$/gm)).toEqual([expect.stringContaining('warning: a-m1, b-m1: ')]);
  expect(JSON.parse(readFileSync(report, 'utf8'))).toHaveLength(1);
});
