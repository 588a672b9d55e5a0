import { describe, expect, it } from 'vitest';
import { accessibilityProblems, type PageReader, READERS } from './browser.ts';

/** Each page, opened as each reader has it: nothing is hidden from anybody, wider than the window, or fetched. */
export function describeUsable(pages: Readonly<Record<string, string>>, reader: () => PageReader): void {
  describe.each(Object.entries(pages))('of %s', (_name, text) => {
    it.each(READERS)('can be used by everybody: $width px, $colorScheme', async (window) => {
      const { page, requests, complaints } = await reader().open(text, window);
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(window.width);
      expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    });
  });
}
