import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import { planTotals } from '../../../src/core/plan-totals.ts';
import { html } from '../../../src/report/reports/html.ts';
import { HOSTILE } from '../check/support/reports.ts';
import { LEAF_CHANGES, masterPlan, RECOVERY_PLAN, recap, TASKS } from '../support/cluster.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { FAILED_RUN, finished, GOOD_RUN, type Timed } from '../support/runs.ts';
import { recordOf, runOfAll } from './support/records.ts';

const ALL = Object.values(EVERY_EVENT) as readonly Event[];
const hostile = html(recordOf(runOfAll(ALL, (text) => `${text}${HOSTILE}"' onload=x`)));

describe('the page of a run', () => {
  test('runs no script and loads nothing but itself, whatever hosts say', () => {
    expect(hostile.match(/<script\b/g)).toHaveLength(1);
    expect(hostile).toContain("default-src 'none'");
    expect(hostile).not.toMatch(/\b(src|href|action)=|url\(|@import|https?:/);
    // Every tag is one of the page's own, with attributes that it gives itself.
    const tags = [...hostile.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '').matchAll(/<[^>]*>/g)].map(([tag]) => tag);
    const own =
      /^<(!doctype html|\/?[a-z0-9]+( (lang|charset|http-equiv|content|name|class|id|type|placeholder|role|datetime|style)="[^"]*"| (hidden|open))*)>$/;
    expect(tags.filter((tag) => !own.test(tag))).toEqual([]);
    expect(hostile).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(hostile).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  test('closes what it opens', () => {
    const open: string[] = [];
    const body = hostile.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '');
    for (const [, end, name = ''] of body.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
      if (['meta', 'input'].includes(name)) continue;
      if (end === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  test('has what went wrong before the hosts, and hosts that did not come through first and open', () => {
    const page = html(recordOf(FAILED_RUN));
    expect(page.indexOf('What went wrong')).toBeLessThan(page.indexOf('<h2>Hosts'));
    const heads = [...page.matchAll(/<details class="host[^"]*"( open)?><summary><b>([^<]*)/g)];
    expect(heads.map(([, open = '', host]) => `${host}${open}`)).toEqual(['prod-m2 open', 'prod-m3 open', 'prod-m1']);
  });

  test('shows each certificate from its old end to its new one, and when each task ran', () => {
    const page = html(recordOf(GOOD_RUN));
    expect(page).toContain(
      '<li><span>apiserver</span><i style="--a:0;--b:100"></i><span>2026-11-23 → 2027-11-24</span></li>',
    );
    expect(page).toMatch(/<li><span>Make new ones<\/span><i style="--a:[\d.]+;--b:[\d.]+"><\/i><span>changed · /);
  });

  test('can be read without its script: nothing is hidden but the search', () => {
    expect([...hostile.matchAll(/<[^>]* hidden>/g)].map(([tag]) => tag)).toEqual(['<p id="search" hidden>']);
  });

  test('is below 3 MB for 1,000 hosts that are renewed', () => {
    const hosts = Array.from({ length: 1_000 }, (_, index) => `kubernetes-master-${index}`);
    const order = { ...RECOVERY_PLAN.order, batches: [hosts] };
    const plan = { ...RECOVERY_PLAN, order, hosts: hosts.map(masterPlan) };
    const changes = [...LEAF_CHANGES, ...LEAF_CHANGES.slice(0, 4)];
    const run: readonly Timed[] = [
      [0, EVERY_EVENT['run-started']],
      [0, { type: 'play-started', play: plan.play, hosts }],
      [1, { type: 'play-planned', plan, totals: planTotals(plan) }],
      ...hosts.flatMap((host) =>
        TASKS.map((_, index): Timed => [2 + index, finished(index, host, { outcome: 'changed', changes })]),
      ),
      [99, { ...EVERY_EVENT['run-finished'], hosts: hosts.map((host) => recap(host, { changes })) }],
    ];
    expect(Buffer.byteLength(html(recordOf(run)))).toBeLessThan(3_000_000);
  });
});
