import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/core/diagnostic.ts';
import { SourceFile } from '../../../src/core/source.ts';
import { formatDiagnostics } from '../../../src/report/text/diagnostics.ts';
import { COLORED, PLAIN, withTags } from '../support/options.ts';

const PLAYBOOK = new SourceFile(
  'renew-certs.yml',
  `- name: Renew
  hosts: master
  vars:
    ansible_password: hunter2
  tasks:
    - name: Look
      cert.check: { renew_before: 30d }
`,
);

/** A problem at the first place where a text stands in a file. */
function at(file: SourceFile, text: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const start = file.text.indexOf(text);
  return { severity: 'error', message: 'it is wrong', range: file.range(start, start + text.length), ...more };
}

const shown = (diagnostics: readonly Diagnostic[], width = 80) => formatDiagnostics(diagnostics, { ...PLAIN, width });
const linesOf = (diagnostic: Diagnostic, width = 80) => shown([diagnostic], width).split('\n');

const PROBLEMS: readonly Diagnostic[] = [
  at(PLAYBOOK, 'cert.check', { message: "unknown step 'cert.check'", hint: 'did you mean certs.check?' }),
  at(PLAYBOOK, 'master', { message: "group 'master' matches no host", hint: 'prod.yml has: masters, workers' }),
  at(PLAYBOOK, 'hunter2', {
    severity: 'warning',
    message: 'a password stands in clear text',
    hint: 'put it into a file of its own, readable by you only, and name that with ansible_password_file',
  }),
  { severity: 'error', message: 'no inventory is given', hint: 'name one with -i FILE' },
];

describe('diagnostics', () => {
  test('of a file that is something else: the first hundred, and how many there are', () => {
    const lines = shown(Array.from({ length: 250 }, (_, at) => ({ severity: 'error', message: `line ${at}` }))).split(
      '\n',
    );
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('250 problems. The first 100 are shown. No host was contacted.');
  });

  test('that are too many: none that is an error is left out for a warning', () => {
    const warnings = Array.from({ length: 150 }, (_, at) => ({ severity: 'warning', message: `line ${at}` }) as const);
    const text = shown([...warnings, at(PLAYBOOK, 'master', { message: 'no host' })]);
    expect(text).toContain('error: no host');
    expect(text).toContain('line 98');
    expect(text).not.toContain('line 99');
  });

  test('that are the same in many places: three are explained, the places of the others are listed', () => {
    const file = new SourceFile('site.yml', 'apt: x\n'.repeat(12));
    const apt = (line: number): Diagnostic => ({
      severity: 'error',
      message: "kplay has no step 'apt'",
      range: file.range(line * 7, line * 7 + 3),
      hint: 'use command',
    });
    const other: Diagnostic = { ...apt(11), message: 'it is wrong' };
    const lines = shown([...Array.from({ length: 11 }, (_, line) => apt(line)), other], 60).split('\n');
    expect(lines.slice(8, 16)).toEqual([
      "error: kplay has no step 'apt'",
      '  ┌─ site.yml:3:1',
      ' 3│ apt: x',
      '  │ ^^^ use command',
      '  = the same in 8 more places: site.yml:4:1, site.yml:5:1,',
      '    site.yml:6:1, site.yml:7:1, site.yml:8:1, site.yml:9:1,',
      '    site.yml:10:1, site.yml:11:1',
      'error: it is wrong',
    ]);
    expect(lines.at(-1)).toBe('12 problems. No host was contacted.');
  });

  test('that are the same in four places are all explained', () => {
    const file = new SourceFile('site.yml', 'apt: x\n'.repeat(4));
    const text = shown(
      [0, 7, 14, 21].map((at) => ({ severity: 'error', message: 'no', range: file.range(at, at + 3) })),
    );
    expect(text.match(/error: no/g)).toHaveLength(4);
  });

  test('come in the order of the files’ lines, whoever found them', () => {
    const text = shown(PROBLEMS);
    expect(text.match(/^(?:error|warning): \S+ \S+/gm)).toEqual([
      'error: no inventory',
      "error: group 'master'",
      'warning: a password',
      'error: unknown step',
    ]);
  });

  test.each([80, 200])('are laid out in %i columns', async (width) => {
    await expect(shown(PROBLEMS, width)).toMatchFileSnapshot(`../golden/diagnostics-${width}.txt`);
  });

  test('are coloured', async () => {
    const text = formatDiagnostics(PROBLEMS, { ...COLORED, width: 80 });
    await expect(withTags(text)).toMatchFileSnapshot('../golden/diagnostics-80-colored.txt');
  });

  test('are ASCII where the terminal is', () => {
    const text = formatDiagnostics(PROBLEMS, { ...PLAIN, unicode: false, width: 80 });
    expect(text).toContain(' --> renew-certs.yml:7:7\n7|       cert.check');
  });

  test('say that nothing was contacted only when something is wrong', () => {
    expect(shown(PROBLEMS)).toMatch(/\n3 problems, 1 warning\. No host was contacted\.$/);
    expect(shown(PROBLEMS.slice(2, 3))).toMatch(/\n1 warning\.$/);
    expect(shown([])).toBe('No problems.');
  });
});

describe('the mark under a line', () => {
  test('covers what is meant, behind tabs and wide characters', () => {
    const file = new SourceFile('x.yml', '\thosts: 漢字 master\n');
    expect(linesOf(at(file, 'master')).slice(2, 4)).toEqual(['1│     hosts: 漢字 master', ' │                 ^^^^^^']);
    expect(linesOf(at(file, '漢字')).slice(2, 4)).toEqual(['1│     hosts: 漢字 master', ' │            ^^^^']);
  });

  test('ends with the first line of what goes over several', () => {
    expect(linesOf(at(PLAYBOOK, 'hosts: master\n  vars')).slice(2, 4)).toEqual([
      '2│   hosts: master',
      ' │   ^^^^^^^^^^^^^',
    ]);
  });

  test('is one column at a place without width, also at the end of the file', () => {
    const end = PLAYBOOK.text.length;
    const lines = linesOf({ severity: 'error', message: 'it ends', range: PLAYBOOK.range(end, end) });
    expect(lines.slice(1, 4)).toEqual([' ┌─ renew-certs.yml:8:1', '8│ ', ' │ ^']);
  });

  test('is kept in sight in a very long line', () => {
    const file = new SourceFile('x.yml', `${'a'.repeat(500)} hosst: ${'b'.repeat(500)}`);
    const [, , line = '', mark = ''] = linesOf(at(file, 'hosst', { hint: 'did you mean hosts?' }), 60);
    expect(line).toMatch(/^1│ …a+ hosst: b+…$/);
    expect(line).toHaveLength(60);
    expect(line.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('hosst');
  });

  test('has the hint beside it only where there is room', () => {
    const problem = at(PLAYBOOK, 'master', { hint: 'prod.yml has: masters, workers' });
    expect(linesOf(problem, 80)[3]).toBe(' │          ^^^^^^ prod.yml has: masters, workers');
    expect(linesOf(problem, 40).slice(3, 5)).toEqual([' │          ^^^^^^', ' │ prod.yml has: masters, workers']);
  });

  test('understands lines that end as on Windows', () => {
    const file = new SourceFile('x.yml', 'a: 1\r\nhosst: 2\r\n');
    expect(linesOf(at(file, 'hosst')).slice(2, 4)).toEqual(['2│ hosst: 2', ' │ ^^^^^']);
  });
});

describe('a secret in a file', () => {
  test('is not shown, though the mark stays under it', () => {
    const lines = linesOf(at(PLAYBOOK, 'hunter2'));
    expect(lines.slice(2, 4)).toEqual(['4│     ansible_password: ***', ' │                       ^^^']);
  });

  test('is not shown when it goes on over lines', () => {
    const file = new SourceFile('x.yml', 'key: |\n  -----BEGIN PRIVATE KEY-----\n  MIIEvQIBADAN\n');
    expect(shown([at(file, 'MIIEvQIBADAN')])).not.toContain('MIIE');
  });
});

test('control characters of a file do not reach the terminal', () => {
  const file = new SourceFile('x\u001b.yml', 'a: \u001b[2J\u202e b\n');
  const text = shown([at(file, 'b', { message: 'bad \u0007', hint: '\u009b' })]);
  expect(text).not.toMatch(/[^\n\P{C}]/u);
  expect(text).toContain('1│ a: \\x1b[2J\\u202e b\n │                  ^ \\x9b');
});
