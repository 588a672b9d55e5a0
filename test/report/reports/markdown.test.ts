import { expect, test } from 'vitest';
import type { HostRecap } from '../../../src/core/events/recap.ts';
import { COMMENT } from '../../../src/report/formats/page-size.ts';
import { markdown } from '../../../src/report/reports/markdown.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { plansShown } from './support/pages.ts';
import { recordOf } from './support/records.ts';

const COUNTS = [
  'ok',
  'changed',
  'unreachable',
  'failed',
  'skipped',
  'restored',
  'refused',
  'rescued',
  'ignored',
] as const;

test('the table of hosts has the counts of the recap: a refused host has not failed', () => {
  const [one] = EVERY_EVENT['run-finished'].hosts;
  if (!one) throw new Error('no host in the event');
  const none = Object.fromEntries(COUNTS.map((count) => [count, 0])) as Record<(typeof COUNTS)[number], number>;
  const { cluster: _, ...shared } = one;
  const hosts = COUNTS.map((count, index): HostRecap => ({ ...shared, ...none, host: count, [count]: index + 1 }));
  const events = [EVERY_EVENT['run-started'], { ...EVERY_EVENT['run-finished'], hosts }];
  const page = markdown(recordOf(events.map((event, index) => [index, event])), plansShown(), COMMENT);
  const cells = (line: string) => line.split('|').map((cell) => cell.trim());
  const [head = '', , ...rows] = page
    .split('\n')
    .filter((line, at, all) => all.indexOf('## Hosts') < at && /^\|/.test(line));
  expect(cells(head).slice(3, -1)).toEqual([...COUNTS]);
  expect(rows.slice(0, COUNTS.length).map((row) => cells(row).slice(3, -1))).toEqual(
    hosts.map((host) => COUNTS.map((count) => String(host[count]))),
  );
});

test.each(['not-restored', 'restoring', 'unknown'] as const)(
  'no certificate is said to be there on a host that is %s',
  (state) => {
    const hosts = EVERY_EVENT['run-finished'].hosts.map((host) => ({ ...host, state }));
    const page = (of: readonly HostRecap[]) => {
      const events = [EVERY_EVENT['run-started'], { ...EVERY_EVENT['run-finished'], hosts: of }];
      return markdown(recordOf(events.map((event, index) => [index, event])), plansShown(), COMMENT);
    };
    expect(page(EVERY_EVENT['run-finished'].hosts)).toContain('## Certificates');
    expect(page(hosts)).not.toContain('## Certificates');
  },
);
