import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import { HOSTILE } from '../check/support/reports.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { failedFleet, renewedFleet } from '../support/fleet-runs.ts';
import { pageProblems } from '../support/page-problems.ts';
import { FAILED_RUN, GOOD_RUN, type Timed } from '../support/runs.ts';
import { htmlPageOf as html } from './support/pages.ts';
import { recordOf, runOfAll } from './support/records.ts';

const ALL = Object.values(EVERY_EVENT) as readonly Event[];
const hostile = html(recordOf(runOfAll(ALL, (text) => `${text}${HOSTILE}"' onload=x`)));

describe('the page of a run', () => {
  test('runs no script and loads nothing but itself, whatever hosts say', () => {
    expect(pageProblems(hostile)).toEqual([]);
    expect(hostile).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('has what went wrong before the hosts, and hosts that did not come through first and open', () => {
    const page = html(recordOf(FAILED_RUN));
    expect(page.indexOf('What went wrong')).toBeLessThan(page.indexOf('<h2>Hosts'));
    const heads = [...page.matchAll(/<details class="host[^>]*?( open)?><summary><b>([^<]*)/g)];
    expect(heads.map(([, open = '', host]) => `${host}${open}`)).toEqual(['prod-m2 open', 'prod-m3 open', 'prod-m1']);
  });

  test('shows each certificate from its old end to its new one, and when each task ran', () => {
    const page = html(recordOf(GOOD_RUN));
    expect(page).toContain('<li>apiserver<i></i><span>2026-11-23 → 2027-11-24</span></li>');
    expect(page).toMatch(/<li>Regenerate certificates<i style="--a:[\d.]+;--b:[\d.]+"><\/i><span>changed · /);
  });

  test('opens all hosts of a small run in which all went well', () => {
    const opened = (run: readonly Timed[]) =>
      [...html(recordOf(run)).matchAll(/<details class="host[^>]*?( open)?>/g)].map(([, open]) => open !== undefined);
    expect(opened(GOOD_RUN)).toEqual([true, true, true]);
    expect(opened(renewedFleet(4))).toEqual([false, false, false, false]);
  });

  test.each(['', '-2'])('names the backups of a run, also further ones: …%s', (number) => {
    const target = `/var/backups/kplay/20261124T151244Z-3f9c${number}`;
    const change = { kind: 'create', target, before: null, after: { files: 3 }, disruptive: false } as const;
    const events = GOOD_RUN.map(([at, event]): Timed => {
      if (event.type !== 'run-finished') return [at, event];
      return [at, { ...event, hosts: event.hosts.map((host) => ({ ...host, changes: [change] })) }];
    });
    const page = html(recordOf(events));
    expect(page).toContain(`<p class="note">Backup <code>${target}</code></p>`);
    expect(page).not.toContain('Other changes');
  });

  test('tells changes of one kind and for one reason together', () => {
    const change = { before: null, after: null, disruptive: false };
    const changes = [
      { ...change, kind: 'remove', target: 'apiserver', summary: 'moved aside' },
      { ...change, kind: 'restart', target: 'etcd', summary: 'serves another certificate' },
      { ...change, kind: 'remove', target: 'etcd-peer', summary: 'moved aside' },
      { ...change, kind: 'create', target: '/etc/one' },
      { ...change, kind: 'create', target: '/etc/two' },
    ] as const;
    const record = recordOf(GOOD_RUN);
    const page = html({ ...record, hosts: record.hosts.map((host) => ({ ...host, changes })) });
    expect(page.match(/<li>(?:remove|restart|create) .*?<\/li>/g)?.slice(0, 4)).toEqual([
      '<li>remove <code>apiserver</code>, <code>etcd-peer</code>: moved aside</li>',
      '<li>restart <code>etcd</code>: serves another certificate</li>',
      '<li>create <code>/etc/one</code></li>',
      '<li>create <code>/etc/two</code></li>',
    ]);
  });

  test('has commands that come next as code, and what stands before them as text', () => {
    const next = ['kplay check -i prod.yml', 'to undo it: kplay rollback --backup <ID>', 'look at m1'];
    const run = GOOD_RUN.map(([at, event]): Timed => [at, event.type === 'run-finished' ? { ...event, next } : event]);
    expect(html(recordOf(run))).toContain(
      '<li><code>kplay check -i prod.yml</code></li><li>to undo it: <code>kplay rollback --backup &lt;ID&gt;</code></li><li>look at m1</li>',
    );
  });

  test('says outside of what comes next that nothing can be undone', () => {
    const [only = ''] = recordOf(GOOD_RUN).hosts.map(({ host }) => host);
    const run = GOOD_RUN.map(
      ([at, event]): Timed => [at, event.type === 'run-finished' ? { ...event, next: [], noUndo: [only] } : event],
    );
    const why =
      'No undo is offered on prod-m1: the certificates before it have expired, expire within a day, or cannot be used.';
    expect(html(recordOf(run))).toContain(`<p class="meta">${why}</p></header>`);
    expect(html(recordOf(run))).not.toContain('What to do next');
  });

  test('says how long the run took once, and not in its head', () => {
    const page = html(recordOf(GOOD_RUN));
    expect(/<h1>(.*)<\/h1>/.exec(page)?.[1]).toMatch(/2027-11-24<\/span>\.$/);
    expect(page).toContain('took 38s');
  });

  test.each([
    [38_000, ['0s', '19s', '38s']],
    [1_400, ['0s', '0.7s', '1.4s']],
    [400, ['0ms', '200ms', '400ms']],
    [7, ['0ms', '4ms', '7ms']],
    [0, ['0ms', '1ms', '2ms']],
  ])('names distinct times below a timeline, however short the run was: %i ms', (length, times) => {
    const whole = GOOD_RUN.at(-1)?.[0] ?? 0;
    const run = GOOD_RUN.map(([at, event]): Timed => {
      const { elapsedMs } = { elapsedMs: 0, ...event };
      const shorter = {
        ...event,
        ...('elapsedMs' in event && { elapsedMs: Math.floor((elapsedMs * length) / whole) }),
      };
      return [Math.floor((at * length) / whole), shorter];
    });
    const [, timeline = ''] = html(recordOf(run)).split('<h3>Timeline');
    const axis = /<li class="axis"[^>]*><i>(.*?)<\/i>/.exec(timeline)?.[1] ?? '';
    expect([...axis.matchAll(/<span>(.*?)<\/span>/g)].map(([, time]) => time)).toEqual(times);
  });

  test('tells for whom a host has waited', () => {
    const page = html(recordOf(GOOD_RUN));
    const [, first = '', second = ''] = page.split('<details class="host item"');
    expect(first).toMatch(/<li class="w">waits for prod-m2, prod-m3<i[^>]*><\/i><span>5\.0s<\/span>/);
    expect(second).not.toContain('waits for');
  });

  test('does not call new what was restored from a backup', () => {
    const restored = (event: Event): Event => {
      if (event.type !== 'run-finished') return event;
      const [first, ...others] = event.hosts;
      if (!first) throw new Error('no host');
      const change = {
        kind: 'update',
        target: 'apiserver',
        before: { ends: '2027-11-24T00:00:00Z' },
        after: { ends: '2026-12-23T00:00:00Z', restored: true },
        disruptive: false,
      } as const;
      const absent = { ...change, target: 'front-proxy-client', before: null };
      const none = others.map((host) => ({ ...host, changes: [] }));
      return { ...event, hosts: [{ ...first, changes: [change, absent] }, ...none] };
    };
    const page = html(recordOf(GOOD_RUN.map(([at, event]): Timed => [at, restored(event)])));
    expect(page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')).toContain('2 restored certificates');
    expect(page).not.toMatch(/new certificate/);
    expect(page).toContain('2027-11-24 → 2026-12-23, restored');
    expect(page).toContain('>expires 2026-12-23, restored');
  });

  test('has a row for each cluster where there are several, and those with trouble name it', () => {
    const page = html(recordOf(renewedFleet(4, (index) => ({ kind: 'declared', name: index < 2 ? 'prod' : 'stage' }))));
    expect(page.match(/<td data-name="Cluster">[^<]*/g)).toHaveLength(2);
    expect(page).toContain('<td data-name="New certificates">22</td><td data-name="">first expires 2027-11-24</td>');
    expect(html(recordOf(GOOD_RUN))).not.toContain('<h2>Clusters');
  });

  test('calls no cluster good that an interrupted run never got to', () => {
    const names = ['done', 'done', 'half', 'half', 'never', 'never'];
    const run = renewedFleet(6, (index) => ({ kind: 'declared', name: names[index] ?? '' })).map(
      ([at, event]): Timed => {
        if (event.type !== 'run-finished') return [at, event];
        const none = { ok: 0, changed: 0, skipped: 0, state: 'unchanged', changes: [] } as const;
        return [
          at,
          {
            ...event,
            exitCode: 130,
            hosts: event.hosts.map((host, index) => (index > 2 ? { ...host, ...none } : host)),
          },
        ];
      },
    );
    const page = html(recordOf(run));
    const states = [...page.matchAll(/<td data-name="Cluster">cluster (\w+)<\/td><td data-name="State">(.*?)<\/td>/g)];
    expect(states.map(([, name, state]) => [name, state?.replace(/<[^>]*>/g, '')])).toEqual([
      ['done', 'good'],
      ['half', 'nothing was done on kubernetes-master-3'],
      ['never', 'nothing was done'],
    ]);
    expect(pageProblems(page)).toEqual([]);
  });

  test('tells hosts that failed alike on one card, with all of their names', () => {
    const page = html(
      recordOf(failedFleet(30, (index) => (index === 7 ? 'its disk is read-only' : 'its disk is full'))),
    );
    const [, wrong = ''] = /<h2>What went wrong<\/h2>(.*?)<\/section>/s.exec(page) ?? [];
    const cards = wrong.split('<div class="card bad">').slice(1);
    expect(cards).toHaveLength(2);
    expect(cards[0]).toMatch(
      /^<p><b>kubernetes-master-0, .* and 22 more<\/b> failed in <b>[^<]*<\/b>: its disk is full</,
    );
    expect(cards[0]).toMatch(
      /<summary>All 29 hosts<\/summary><p>kubernetes-master-0, [^<]*, kubernetes-master-29<\/p>/,
    );
    expect(cards[1]).toMatch(/^<p><b>kubernetes-master-7<\/b> failed/);
    expect(cards[1]).not.toContain('<details');
    expect(page).toContain('<b>30</b>failures');
    expect(pageProblems(page)).toEqual([]);
  });

  test('can be read without its script: nothing is hidden but the search', () => {
    expect([...hostile.matchAll(/<[^>]* hidden>/g)].map(([tag]) => tag)).toEqual([
      '<div id="tools" class="tools" data-noun="hosts" hidden>',
    ]);
  });

  test.each([
    ['are renewed', renewedFleet(1_000)],
    ['fail, each for a reason of its own', failedFleet(1_000, (index) => `its disk is full: ${index} bytes are left`)],
  ])('is below 3 MB for 1,000 hosts that %s', (_what, run) => {
    expect(Buffer.byteLength(html(recordOf(run)))).toBeLessThan(3_000_000);
  });
});
