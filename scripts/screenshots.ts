// Makes the pictures of docs/images from recorded runs and made-up findings, with this machine's Chromium: npm run screenshots
import { mkdirSync } from 'node:fs';
import { html as checkPage } from '../src/report/check/html.ts';
import { NARROW, PageReader, type Reader, WIDE } from '../test/browser/support/browser.ts';
import { fleetReport } from '../test/report/check/support/fleet.ts';
import { htmlPageOf as html } from '../test/report/reports/support/pages.ts';
import { recordOf } from '../test/report/reports/support/records.ts';
import { FAILED_RUN, GOOD_RUN } from '../test/report/support/runs.ts';

const DIRECTORY = 'docs/images';

interface Picture {
  readonly name: string;
  readonly html: string;
  readonly reader: Reader;
  /** Of the page, from its top. */
  readonly height: number;
}

const failed = html(recordOf(FAILED_RUN));
const good = html(recordOf(GOOD_RUN));

const PICTURES: readonly Picture[] = [
  { name: 'run-failed', html: failed, reader: WIDE, height: 1000 },
  { name: 'run-good-dark', html: good, reader: { ...WIDE, colorScheme: 'dark' }, height: 1220 },
  { name: 'run-narrow', html: failed, reader: NARROW, height: 1000 },
  { name: 'check', html: checkPage(fleetReport(12)), reader: WIDE, height: 1180 },
];

mkdirSync(DIRECTORY, { recursive: true });
const reader = await PageReader.start();
try {
  for (const { name, html: text, reader: window, height } of PICTURES) {
    const { page } = await reader.open(text, window);
    await page.mouse.move(0, 0);
    const clip = { x: 0, y: 0, width: window.width, height };
    await page.screenshot({ path: `${DIRECTORY}/${name}.png`, fullPage: true, clip });
    console.log(`${DIRECTORY}/${name}.png`);
  }
} finally {
  await reader.close();
}
