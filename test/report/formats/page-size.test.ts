import { expect, test } from 'vitest';
import { fittingPage, JOB_SUMMARY } from '../../../src/report/formats/page-size.ts';

const fitting = (page: string, bytes: number) => fittingPage(page, { ...JOB_SUMMARY, bytes });

const rows = (number: number) => Array.from({ length: number }, (_, index) => `| m${index} | ü |`).join('\n');
const PAGE = `# kplay run\n\nAll good.\n\n## Hosts\n\n${rows(10)}\n\n## Certificates\n\n${rows(1000)}\n\n## Next\n\n- kplay check\n`;

test('a page that fits is left as it is', () => {
  expect(fitting(PAGE, Buffer.byteLength(PAGE))).toBe(PAGE);
});

test.each([Buffer.byteLength(PAGE) - 1, 5_000, 2_000])(
  'of one that does not, the end of its longest part is left out (%i bytes)',
  (bytes) => {
    const page = fitting(PAGE, bytes) ?? '';
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(bytes);
    expect(Buffer.byteLength(page)).toBeGreaterThan(bytes - 400);
    expect(page).toContain(`## Hosts\n\n${rows(10)}\n\n## Certificates\n\n| m0 | ü |\n| m1 |`);
    expect(page).toMatch(/ü \|\n\nThe rest of this part is left out: .*\n\n## Next\n\n- kplay check\n$/);
  },
);

test('several parts are cut where one is not enough', () => {
  const page = fitting(`# a\n\n## b\n\n${rows(500)}\n\n## c\n\n${rows(499)}\n\n## d\n`, 3_000) ?? '';
  expect(Buffer.byteLength(page)).toBeLessThanOrEqual(3_000);
  expect(page.match(/is left out/g)).toHaveLength(2);
  expect(page).toMatch(/^# a\n\n## b\n\n\| m0 [\s\S]*## c\n\n\| m0 [\s\S]*## d\n$/);
});

test.each([0, -5, 100])('where there is no room for its heads there is none (%i bytes)', (bytes) => {
  expect(fitting(PAGE, bytes)).toBeUndefined();
});

test('code and a collapsed part in which a page is cut are ended', () => {
  const code = Array.from({ length: 100 }, (_, index) => `  line ${index} \`\`\``).join('\n');
  const part = `<details>\n<summary>all</summary>\n\n\`\`\`\`\n${code}\n\`\`\`\`\n\n</details>\n\n`;
  const page = `# a\n\n## b\n\n${part}## c\n\nend\n`;
  for (let bytes = 200; bytes < page.length; bytes++) {
    const cut = fitting(page, bytes);
    if (cut === undefined) continue;
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes);
    expect(cut.match(/^````$/gm)?.length ?? 0).toBe(cut.includes('line 0') || cut.includes('````') ? 2 : 0);
    expect(cut.match(/^<\/details>$/gm)?.length ?? 0).toBe(cut.match(/^<details>$/gm)?.length ?? 0);
    expect(cut).toMatch(/is left out: GitHub takes 1 MiB\. .*\n\n## c\n\nend\n$/);
  }
  expect(fitting(page, 900)).toContain('line 0');
});
