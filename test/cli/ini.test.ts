import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readIni } from '../../src/cli/defaults/ini.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';
import { needing } from '../support/programs.ts';
import { fc } from '../support/random-cases.ts';

/** What a file holds; null when it is refused. */
function read(text: string): unknown {
  const problems = new Problems();
  const ini = readIni(new SourceFile('ansible.cfg', text), problems);
  if (problems.hasErrors) return null;
  return [...ini].map(([name, values]) => [name, [...values].map(([key, { value }]) => [key, value]).sort()]);
}

describe('an ini file', () => {
  it('has the place of each value', () => {
    const source = new SourceFile('ansible.cfg', '# first\n[defaults]\nForks =  20 ; many\nroles_path: a\n  b\n');
    const values = readIni(source, new Problems()).get('defaults');
    const { value, range } = values?.get('forks') ?? {};
    expect([value, range && source.text.slice(range.start, range.end)]).toEqual(['20', '20']);
    expect(values?.get('roles_path')?.value).toBe('a\nb');
  });

  it.each(['x = 1', '[a]\nx', '[a]\n= 1', '[a]\nx = 1\nX: 2', '[a]\n[b]\n[a]'])('is refused: %j', (text) => {
    expect(read(text)).toBeNull();
  });

  it("is read as Python's configparser reads it for Ansible", needing('python3'), () => {
    const word = fc.constantFrom('a', 'b', 'C', '=', ':', ';', '#', ' ', '[', ']', '\t', '%', '"');
    const line = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('[a]', '[b]', '[DEFAULT]', 'x = 1', 'y: 2', ' 3', '', '; no', '# no') },
      { weight: 2, arbitrary: fc.string({ unit: word, maxLength: 9 }) },
    );
    const texts = fc.sample(
      fc.array(line, { maxLength: 9 }).map((lines) => ['[a]', ...lines].join('\n')),
      { numRuns: 3000, seed: 20261126 },
    );
    const { stdout, stderr } = spawnSync('python3', ['-c', ORACLE], { input: JSON.stringify(texts), encoding: 'utf8' });
    expect(stderr).toBe('');
    const answers = JSON.parse(stdout) as unknown[];
    expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(300);
    for (const [index, text] of texts.entries()) expect([text, read(text)]).toEqual([text, answers[index]]);
  });
});

const ORACLE = `
import configparser, json, sys
def read(text):
    parser = configparser.ConfigParser(inline_comment_prefixes=(';',))
    try:
        parser.read_string(text)
        return [[name, sorted([key, parser.get(name, key, raw=True)] for key in parser[name])] for name in parser.sections()]
    except configparser.Error:
        return None
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
`;
