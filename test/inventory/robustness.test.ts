import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';
import { parseAnsibleYaml } from '../../src/inventory/ansible-yaml.ts';
import { InventoryDraft } from '../../src/inventory/draft.ts';
import { readIniInventory } from '../../src/inventory/ini-form.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { matchHosts } from '../../src/inventory/match.ts';
import { parsePythonLiteral } from '../../src/inventory/python-literal.ts';
import { readYamlInventory } from '../../src/inventory/yaml-form.ts';
import { fc } from '../support/random-cases.ts';
import { directoryOf, located, writeFiles } from './support/inventories.ts';

/** Texts made of what the forms give a meaning to, which gets farther than any characters do. */
const inventoryText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'all',
        'm1',
        'm2',
        'g',
        ':',
        ': ',
        '\n',
        '\n  ',
        '\n    ',
        '[',
        ']',
        '[g]',
        '\n[g:vars]\n',
        '\n[g:children]\n',
      ),
      fc.constantFrom(
        'hosts',
        'vars',
        'children',
        'x=1',
        '=',
        "'",
        '"',
        '\\',
        '#',
        '{',
        '}',
        ',',
        '- ',
        '&a ',
        '*a',
        '<<: ',
        '!vault ',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(''));

const anyText = fc.oneof(inventoryText, fc.string({ unit: 'binary', maxLength: 300 }));

function expectPlaces(problems: Problems): void {
  for (const { range, message } of problems.all) {
    expect(message).not.toBe('');
    if (range) expect(range.start <= range.end && range.start <= range.file.text.length, message).toBe(true);
  }
}

describe('whatever the text is', () => {
  test('INI reports problems and throws nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const problems = new Problems();
        readIniInventory(new SourceFile('f', text), new InventoryDraft(problems), problems);
        expectPlaces(problems);
      }),
      { numRuns: 2000 },
    );
  });

  test('YAML reports problems and throws nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const problems = new Problems();
        const tree = parseAnsibleYaml(new SourceFile('f', text), problems);
        if (tree) readYamlInventory(tree, new InventoryDraft(problems), problems);
        expectPlaces(problems);
      }),
      { numRuns: 2000 },
    );
  });

  test('a file of any name and content is loaded or refused, and refused only with an error', () => {
    const directory = directoryOf({});
    const bytes = fc.oneof(anyText, fc.uint8Array({ maxLength: 100 }));
    fc.assert(
      fc.property(bytes, bytes, fc.constantFrom('h', 'h.yml', 'h.ini', 'h.json', 'h.x'), (content, vars, name) => {
        writeFiles(directory, { [name]: content, 'group_vars/all.yml': vars });
        const problems = new Problems();
        const inventory = loadInventory([`${directory}/${name}`], problems);
        expect(inventory === undefined).toBe(problems.hasErrors);
        expectPlaces(problems);
      }),
      { numRuns: 500 },
    );
  });

  test('a pattern names hosts or is refused', () => {
    const inventory = loadInventory(['m1,m2,fd00::1'], new Problems()) ?? expect.fail('no inventory');
    const pattern = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[m12all:,&!~*?[\]()fd0 -]{0,20}$/));
    fc.assert(
      fc.property(pattern, (text) => {
        const problems = new Problems();
        const hosts = matchHosts(inventory, located(text), problems);
        if (problems.hasErrors) expect(hosts).toEqual([]);
        expectPlaces(problems);
      }),
      { numRuns: 3000 },
    );
  });

  test('a value is a literal or none', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-z'"[\](){},:.+_ \\#-]{0,30}$/), (text) => {
        const value = parsePythonLiteral(text);
        if (value !== undefined) expect(JSON.parse(JSON.stringify(value))).toEqual(value);
      }),
      { numRuns: 5000 },
    );
  });

  test('deep nesting is no way to end the program', () => {
    const deep = ['[', '{a: ', '- '].map((piece) => piece.repeat(20_000));
    const groups = Array.from({ length: 300 }, (_, index) => `[g${index}:children]\ng${index + 1}\n`).join('');
    for (const text of [...deep, `${groups}[g300]\nm1\n`]) {
      const directory = directoryOf({ h: text, 'h.yml': text });
      for (const name of ['h', 'h.yml'])
        expect(() => loadInventory([`${directory}/${name}`], new Problems())).not.toThrow();
    }
  });
});
