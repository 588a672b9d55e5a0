import { expect, test } from 'vitest';
import { markdownText } from '../../../src/report/text/markdown-text.ts';

test.each([
  // GitHub looks for people and numbers after it has taken the backslashes away.
  ['ask @octocat or @org/team', 'ask \\@<!-- -->octocat or \\@<!-- -->org/team'],
  ['root@m1.example.com', 'root\\@<!-- -->m1.example.com'],
  ['#12, GH-12, org/repo#12', '\\#<!-- -->12, GH-<!-- -->12, org/repo\\#<!-- -->12'],
  ['!12 and &12', '\\!<!-- -->12 and &amp;<!-- -->12'],
  ['see https://a.example or www.a.example', 'see https:<!-- -->//a.example or www<!-- -->.a.example'],
  ['$\\sqrt{2}$', '\\$\\\\sqrt\\{2\\}\\$'],
  ['![a](b) <b>`c`</b>', '\\!\\[a\\]\\(b\\) &lt;b\\>\\`c\\`&lt;/b\\>'],
])('nobody is mentioned, and nothing linked or formatted, by a text: %s', (text, shown) => {
  expect(markdownText(text)).toBe(shown);
});

test.each(['prod-m1', 'docs/troubleshooting.md', '2026-11-23 12:00:00 UTC', 'GH-x', 'up to 5% of 10'])(
  'what nothing could be read from is left as it is: %s',
  (text) => {
    expect(markdownText(text)).toBe(text);
  },
);
