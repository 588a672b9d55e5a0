import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { program } from '../../support/programs.ts';

/** How the window of a reader is. */
export interface Reader {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
}

export const WIDE = { width: 1280, colorScheme: 'light' } as const satisfies Reader;
export const NARROW = { width: 400, colorScheme: 'light' } as const satisfies Reader;

/** Each width by day and by night. */
export const READERS: readonly Reader[] = [WIDE, NARROW].flatMap((reader) => [
  reader,
  { ...reader, colorScheme: 'dark' as const },
]);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A page that is open, and all that it has asked for or complained of. */
export interface OpenPage {
  readonly page: Page;
  /** Addresses of everything that it has loaded besides itself. */
  readonly requests: readonly string[];
  /** Dialogs, errors and refusals of its policy. */
  readonly complaints: readonly string[];
}

/** The Chromium of this machine, and a directory for the pages that it opens. */
export class PageReader {
  readonly #browser: Browser;
  readonly #directory = mkdtempSync(join(tmpdir(), 'kplay-pages-'));
  readonly #contexts: BrowserContext[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<PageReader> {
    const executablePath = program('chromium');
    if (executablePath === undefined) throw new Error('chromium is not installed');
    return new PageReader(await chromium.launch({ executablePath }));
  }

  async open(html: string, { width, ...reader }: Reader): Promise<OpenPage> {
    const context = await this.#browser.newContext({ viewport: { width, height: 900 }, offline: true, ...reader });
    this.#contexts.push(context);
    const page = await context.newPage();
    const file = join(this.#directory, `${this.#contexts.length}.html`);
    writeFileSync(file, html);
    const requests: string[] = [];
    const complaints: string[] = [];
    const url = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url() !== url) requests.push(request.url());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => undefined);
    });
    await page.goto(url);
    return { page, requests, complaints };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** What axe-core finds of weight, with where it is: none for a page that everybody can use. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
}
