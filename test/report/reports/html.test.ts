import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import { wholeText } from '../../../src/report/report-kinds.ts';
import { html as htmlPieces } from '../../../src/report/reports/html.ts';
import type { RunRecord } from '../../../src/report/reports/run-record.ts';
import { HOSTILE } from '../check/support/reports.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { renewedFleet } from '../support/fleet-runs.ts';
import { pageProblems } from '../support/page-problems.ts';
import { FAILED_RUN, GOOD_RUN } from '../support/runs.ts';
import { recordOf, runOfAll } from './support/records.ts';

const html = (run: RunRecord) => wholeText(htmlPieces(run));

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
    expect(page).toContain('<li>apiserver<i style="--a:0;--b:100"></i><span>2026-11-23 → 2027-11-24</span></li>');
    expect(page).toMatch(/<li>Make new ones<i style="--a:[\d.]+;--b:[\d.]+"><\/i><span>changed · /);
  });

  test('tells for whom a host has waited', () => {
    const page = html(recordOf(GOOD_RUN));
    const [, first = '', second = ''] = page.split('<details class="host item"');
    expect(first).toMatch(/<li class="w">waits for prod-m2, prod-m3<i[^>]*><\/i><span>5\.0s<\/span>/);
    expect(second).not.toContain('waits for');
  });

  test('has a row for each cluster where there are several, and those with trouble name it', () => {
    const page = html(recordOf(renewedFleet(4, (index) => ({ kind: 'declared', name: index < 2 ? 'prod' : 'stage' }))));
    expect(page.match(/<td data-name="Cluster">[^<]*/g)).toHaveLength(2);
    expect(page).toContain('<td data-name="New certificates">22</td><td data-name="">first ends 2027-11-24</td>');
    expect(html(recordOf(GOOD_RUN))).not.toContain('<h2>Clusters');
  });

  test('can be read without its script: nothing is hidden but the search', () => {
    expect([...hostile.matchAll(/<[^>]* hidden>/g)].map(([tag]) => tag)).toEqual([
      '<div id="tools" class="tools" data-noun="hosts" hidden>',
    ]);
  });

  test('is below 3 MB for 1,000 hosts that are renewed', () => {
    expect(Buffer.byteLength(html(recordOf(renewedFleet(1_000))))).toBeLessThan(3_000_000);
  });
});
