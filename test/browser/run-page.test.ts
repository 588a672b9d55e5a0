import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import { HOSTILE } from '../report/check/support/reports.ts';
import { htmlPageOf as html, plansShown } from '../report/reports/support/pages.ts';
import { END, FILE, hostilePlan, planned, planOf, STARTED } from '../report/reports/support/planned.ts';
import { recordOf, runOfAll } from '../report/reports/support/records.ts';
import { EVERY_EVENT } from '../report/support/events.ts';
import { failedFleet, renewedFleet } from '../report/support/fleet-runs.ts';
import { END as FLEET_END, PLANS as FLEET_PLANS, WAVES } from '../report/support/planned-fleet.ts';
import { FAILED_RUN, GOOD_RUN, type Timed } from '../report/support/runs.ts';
import { needing } from '../support/programs.ts';
import { NARROW, PageReader, WIDE } from './support/browser.ts';
import { describeUsable } from './support/usable.ts';

const NAMES = Array.from({ length: 10_000 }, (_, index) => `name-${index}.example.org`).join(', ');
const ATTACK = `<script>window.taken=1</script><img src=x onerror="window.taken=1">${HOSTILE}`;

const timed = (events: readonly Event[]) => events.map((event, index): Timed => [index, event]);
const CONTENT = Array.from({ length: 40 }, (_, index) => `setting_${index}: ${'x'.repeat(index * 5)}\n`).join('');
const DIFFERENCES = timed(
  planned(
    planOf({
      m1: { action: 'change', changes: [FILE] },
      m2: { action: 'change', changes: [{ ...FILE, after: { content: CONTENT } }] },
    }),
  ),
);
const FLEET = timed([STARTED, ...FLEET_PLANS, WAVES, { ...END, hosts: FLEET_END.hosts }]);

const PAGES: Readonly<Record<string, string>> = {
  'a good run': html(recordOf(GOOD_RUN)),
  'a run that has failed': html(recordOf(FAILED_RUN)),
  'a run over two clusters': html(
    recordOf(renewedFleet(6, (index) => ({ kind: 'declared', name: index < 3 ? 'prod' : 'stage' }))),
  ),
  'a run that has failed alike on many hosts': html(recordOf(failedFleet(30, () => 'its disk is full'))),
  'a run whose hosts are hostile': html(
    recordOf(runOfAll(Object.values(EVERY_EVENT) as readonly Event[], (text) => `${text}${ATTACK}`)),
  ),
  'a plan with differences': html(recordOf(DIFFERENCES), plansShown([], true)),
  'a plan for a fleet': html(recordOf(FLEET), plansShown(FLEET.map(([, event]) => event))),
  'a hostile plan': html(recordOf(timed(hostilePlan(ATTACK))), plansShown(hostilePlan(ATTACK), true)),
  'a certificate with 10,000 names': html(
    recordOf(
      FAILED_RUN.map(([at, event]) => [
        at,
        event.type === 'task-finished' && event.outcome === 'failed'
          ? { ...event, reason: `the names are ${NAMES}`, details: [['names', NAMES]] }
          : event,
      ]),
    ),
  ),
};

describe('the page of a run in a browser', needing('chromium'), () => {
  let reader: PageReader;
  beforeAll(async () => {
    reader = await PageReader.start();
  });
  afterAll(() => reader.close());

  describeUsable(PAGES, () => reader);

  it('shows what hostile hosts say as text', async () => {
    const { page } = await reader.open(PAGES['a run whose hosts are hostile'] ?? '', WIDE);
    expect(await page.evaluate('window.taken')).toBeUndefined();
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('.card').first().textContent()).toContain('<script>window.taken=1</script>');
  });

  it.each([WIDE, NARROW])(
    'shows differences line by line, long ones when they are opened: $width px',
    async (window) => {
      const { page } = await reader.open(PAGES['a plan with differences'] ?? '', window);
      const removed = page.locator('del', { hasText: '-level: info' }).first();
      const added = page.locator('ins', { hasText: '+level: debug' });
      const [above, below] = await Promise.all([removed, added].map((line) => line.boundingBox()));
      expect(below?.y).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 99) - 1);
      // One line of text each, without an empty one behind it.
      expect(above?.height).toBeLessThan(30);
      const long = page.locator('ins', { hasText: 'setting_39' });
      expect(await long.isVisible()).toBe(false);
      await page.getByText('40 lines added, 2 removed').click();
      expect(await long.isVisible()).toBe(true);
      expect((await long.boundingBox())?.width).toBeLessThan(window.width);
    },
  );

  it('finds the plan of a cluster by one of its hosts', async () => {
    const { page } = await reader.open(PAGES['a plan for a fleet'] ?? '', NARROW);
    await page.getByRole('searchbox').fill('eu-m3');
    expect(await page.locator('details.plan:visible > summary > b').allTextContents()).toEqual(['cluster prod-eu']);
    expect(await page.getByRole('status').textContent()).toBe('1 of 4 plans');
  });

  it('is searched, filtered and opened by keyboard alone', async () => {
    const { page } = await reader.open(PAGES['a run that has failed'] ?? '', WIDE);
    const shown = () => page.locator('details.host:visible > summary > b').allTextContents();
    const focused = () => page.evaluate('document.activeElement.textContent');
    await page.keyboard.press('Tab');
    await page.keyboard.type('m1 chan');
    expect(await shown()).toEqual(['prod-m1']);
    expect(await page.getByRole('status').textContent()).toBe('1 of 3 hosts');
    for (let index = 0; index < 7; index += 1) await page.keyboard.press('Backspace');
    expect(await shown()).toEqual(['prod-m2', 'prod-m3', 'prod-m1']);
    for (let index = 0; index < 2; index += 1) await page.keyboard.press('Tab');
    expect(await focused()).toBe('Did not come through 2');
    await page.keyboard.press('Enter');
    expect(await shown()).toEqual(['prod-m2', 'prod-m3']);
    for (let index = 0; index < 3; index += 1) await page.keyboard.press('Tab');
    expect(await focused()).toMatch(/^prod-m2/);
    await page.keyboard.press('Enter');
    expect(await page.locator('details.host').first().getAttribute('open')).toBeNull();
  });

  it('names all hosts that failed alike, of which each is found by its name', async () => {
    const { page } = await reader.open(PAGES['a run that has failed alike on many hosts'] ?? '', WIDE);
    expect(await page.locator('.card.bad').count()).toBe(1);
    const all = page.locator('.card.bad .names');
    expect(await all.locator('p').isVisible()).toBe(false);
    await all.getByText('All 30 hosts').click();
    expect(await all.locator('p').textContent()).toContain('kubernetes-master-12,');
    await page.getByRole('searchbox').fill('master-12');
    expect(await page.locator('details.host:visible > summary > b').allTextContents()).toEqual([
      'kubernetes-master-12',
    ]);
  });

  it('tells everything with scripts off', async () => {
    const { page } = await reader.open(PAGES['a run that has failed'] ?? '', { ...WIDE, javaScriptEnabled: false });
    expect(await page.locator('#tools').isVisible()).toBe(false);
    expect(await page.getByText('readyz did not answer within 120s').isVisible()).toBe(true);
    const hidden = page.locator('details.host').last().getByText('2026-11-23 → 2027-11-24').first();
    expect(await hidden.isVisible()).toBe(false);
    await page.locator('summary', { hasText: 'prod-m1' }).click();
    expect(await hidden.isVisible()).toBe(true);
  });

  it.each([true, false])('is printed in dark ink and whole, scripts %s', async (javaScriptEnabled) => {
    const window = { ...WIDE, colorScheme: 'dark', javaScriptEnabled } as const;
    const { page } = await reader.open(PAGES['a good run'] ?? '', window);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const ink = await page.evaluate<string>('getComputedStyle(document.querySelector("h1")).color');
    const [red = 255, green = 255, blue = 255] = ink.match(/\d+/g)?.map(Number) ?? [];
    expect(Math.max(red, green, blue)).toBeLessThan(80);
    const closed = page.locator('details.host').last().getByText('apiserver-etcd-client');
    expect((await closed.boundingBox())?.height).toBeGreaterThan(0);
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it.each([WIDE, NARROW])('has its axes above the bars: $width px', async (window) => {
    const { page } = await reader.open(PAGES['a good run'] ?? '', window);
    const [axis, bar] = await Promise.all(
      ['.axis i', 'li:not(.axis) i'].map((place) => page.locator(`details[open] ${place}`).first().boundingBox()),
    );
    expect(Math.abs((axis?.x ?? 0) - (bar?.x ?? 99))).toBeLessThan(10);
    expect(axis?.width).toBeGreaterThan((bar?.width ?? 0) - 1);
  });

  it('lays out only those of 1,000 failed hosts that are in view', { timeout: 60_000 }, async () => {
    const { page } = await reader.open(html(recordOf(failedFleet(1_000, () => 'its disk is full'))), WIDE);
    const isLaidOut = () =>
      page.evaluate(
        '[...document.querySelectorAll("details.host .axis")].at(-1).checkVisibility({ contentVisibilityAuto: true })',
      );
    expect(await isLaidOut()).toBe(false);
    await page.getByRole('searchbox').fill('master-999');
    await expect.poll(isLaidOut, { timeout: 20_000 }).toBe(true);
  });

  it('opens with 1,000 hosts, and finds one of them', { timeout: 60_000 }, async () => {
    const { page } = await reader.open(html(recordOf(renewedFleet(1_000))), NARROW);
    await page.getByRole('searchbox').fill('master-777');
    expect(await page.getByRole('status').textContent()).toBe('1 of 1000 hosts');
  });
});
