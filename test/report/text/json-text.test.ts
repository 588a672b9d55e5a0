import { describe, expect, it } from 'vitest';
import { wholeText } from '../../../src/report/formats/report-kinds.ts';
import { jsonDocument as jsonPieces, jsonText } from '../../../src/report/text/json-text.ts';
import { fc } from '../../support/random-cases.ts';

const jsonDocument = (value: unknown) => wholeText(jsonPieces(value));

describe('JSON', () => {
  it('begins no command in the log of a job', () => {
    const value = { 'a##[b]': '##[add-mask]x ##vso[y]' };
    for (const text of [jsonText(value), jsonDocument(value)]) {
      expect(text).not.toMatch(/##\w*\[/);
      expect(JSON.parse(text)).toEqual(value);
    }
  });
});

describe('a large JSON document', () => {
  it('says what JSON.stringify says, and nothing that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.string({ unit: 'binary' }), (value, text) => {
        const all = { value, text, absent: undefined, list: [undefined] };
        const document = jsonDocument(all);
        expect(JSON.parse(document)).toEqual(JSON.parse(JSON.stringify(all)));
        expect(document).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 100, seed: 20_261_124 },
    );
  });

  it('has what is short on one line, and is hardly larger than without any lines', () => {
    const change = {
      kind: 'create',
      target: '/etc/motd',
      before: null,
      after: { content: 'hello' },
      disruptive: false,
    };
    const host = { host: 'm1', ok: 6, changes: Array.from({ length: 8 }, () => change) };
    const all = { version: 1, hosts: Array.from({ length: 50 }, () => host) };
    const document = jsonDocument(all);
    expect(document).toContain(
      '\n    {"kind": "create", "target": "/etc/motd", "before": null, "after": {"content": "hello"}, "disruptive": false},\n',
    );
    const least = jsonText(all).length;
    expect(document.length).toBeLessThan(1.2 * least);
    expect(jsonText(all, 2).length).toBeGreaterThan(2 * least);
  });
});
