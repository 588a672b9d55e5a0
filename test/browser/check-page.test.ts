import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { html } from '../../src/report/check/html.ts';
import { fleetReport } from '../report/check/support/fleet.ts';
import { FINDINGS, reportOf } from '../report/check/support/reports.ts';
import { needing } from '../support/programs.ts';
import { NARROW, PageReader, WIDE } from './support/browser.ts';
import { describeUsable } from './support/usable.ts';

const NAMES = Array.from({ length: 10_000 }, (_, index) => `name-${index}.example.org`);
const [FINDING] = FINDINGS;

const PAGES: Readonly<Record<string, string>> = {
  'a fleet': html(fleetReport(12)),
  'hosts that are hostile': html(
    reportOf([
      ...FINDINGS,
      ...(FINDING ? [{ ...FINDING, severity: 'critical' as const, sans: NAMES, why: NAMES.join(', ') }] : []),
    ]),
  ),
};

describe('the page of a check in a browser', needing('chromium'), () => {
  let reader: PageReader;
  beforeAll(async () => {
    reader = await PageReader.start();
  });
  afterAll(() => reader.close());

  describeUsable(PAGES, () => reader);

  it('finds hosts, by words and by severity', async () => {
    const { page } = await reader.open(PAGES['a fleet'] ?? '', WIDE);
    await page.keyboard.press('Tab');
    await page.keyboard.type('prod-m1');
    expect(await page.getByRole('status').textContent()).toBe('4 of 20 rows');
    await page.getByRole('button', { name: 'Unknown' }).press('Enter');
    expect(await page.locator('.item:visible td[data-name=Host]').allTextContents()).toEqual([
      'prod-m1-old',
      'prod-m1-old',
    ]);
  });

  it('leads from the calendar to the month, and shows its hosts, with scripts off', async () => {
    const { page } = await reader.open(PAGES['a fleet'] ?? '', { ...NARROW, javaScriptEnabled: false });
    await page.getByRole('link', { name: '30' }).first().press('Enter');
    expect(page.url()).toMatch(/#m2026-11$/);
    await page.locator('summary', { hasText: 'Nov 2026' }).press('Enter');
    expect(await page.locator('#m2026-11 td', { hasText: 'etcd-healthcheck-client' }).first().isVisible()).toBe(true);
  });

  it('opens with 1,000 hosts', { timeout: 60_000 }, async () => {
    const { page } = await reader.open(html(fleetReport(1_000)), WIDE);
    await page.getByRole('searchbox').fill('edge');
    expect(await page.getByRole('status').textContent()).toMatch(/^\d+ of \d+ rows$/);
  });
});
