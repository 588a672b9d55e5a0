import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { hereDocument, joinScripts, quoteWord, type ShellScript, sh, userScript } from '../../src/core/shell.ts';
import { needing } from '../support/programs.ts';
import { fc } from '../support/random-cases.ts';

const SHELLS = [
  ['sh', ['sh'], needing()],
  ['dash', ['dash'], needing('dash')],
  ['bash', ['bash', '--posix'], needing('bash')],
  ['busybox sh', ['busybox', 'sh'], needing('busybox')],
] as const;

/** Characters that mean something to a shell, printf or a terminal, and pieces of words. */
const pieces = fc.constantFrom(
  ...'\'"`$\\!*?[]{}()<>|&;#~%^ \t\n\r',
  ...'aZ0_.,:/@=+-'.split(''),
  ...[
    '--',
    '-n',
    '-e',
    '\\n',
    '\\c',
    '%s',
    '$(id)',
    '${x}',
    '`id`',
    "'\\''",
    '"$@"',
    'ö',
    '漢',
    '😀',
    '\u2028',
    '\x01',
    '\x7f',
  ],
);
const words = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));

for (const [name, command, options] of SHELLS)
  describe(`in ${name}`, options, () => {
    test('every word arrives as it is', () => {
      const samples = [
        ...fc.sample(words, { numRuns: 300, seed: 1 }),
        '',
        '-',
        '--',
        '-n x',
        "'",
        "''",
        '\\',
        '\n',
        ' ',
        '$0',
      ];
      const scripts = samples.map((word) => sh`printf '%s\n=\n' ${word}`);
      const { stdout, stderr } = run(command, joinScripts(scripts));
      expect(stderr).toBe('');
      expect(stdout).toBe(samples.map((word) => `${word}\n=\n`).join(''));
    });

    test('a list arrives as one word for each element', () => {
      const samples = fc.sample(fc.array(words, { minLength: 1, maxLength: 6 }), { numRuns: 20, seed: 2 });
      const scripts = samples.map((list) => sh`printf '<%s>\n' ${list}; echo =`);
      const { stdout } = run(command, joinScripts(scripts));
      expect(stdout).toBe(samples.map((list) => `${list.map((word) => `<${word}>\n`).join('')}=\n`).join(''));
    });

    test('what a here-document holds arrives to the byte', () => {
      const contents = [
        '',
        'one line',
        'one\n',
        '$HOME `id` \\ \\\\ "x" \'y\'\n',
        'KPLAY_EOF\n',
        'KPLAY_EOF\nKPLAY_EOF_\nx',
        ' KPLAY_EOF\nEOF\n',
        'tab\t\n\n\n',
        'ö漢😀\n',
        '\\\n',
      ];
      for (const content of contents) {
        const { stdout, stderr } = run(
          command,
          sh`${hereDocument(sh`cat`, content)}printf '%s\n' 'and on'
`,
        );
        expect(stderr).toBe('');
        expect(stdout).toBe(`${content === '' || content.endsWith('\n') ? content : `${content}\n`}and on\n`);
      }
    });

    test('a secret reaches a command in its standard input', () => {
      const { stdout } = run(command, hereDocument(sh`cat`, new Secret("it's\n$secret")));
      expect(stdout).toBe("it's\n$secret\n");
    });
  });

describe('a script', () => {
  test.each<[string, ShellScript, string]>([
    ['quotes what needs it', sh`cat ${'/a b'} ${'/plain/path_1.yaml'} ${''}`, "cat '/a b' /plain/path_1.yaml ''"],
    ['puts numbers in as they are', sh`sleep ${1.5}`, 'sleep 1.5'],
    ['puts lists in word by word', sh`rm ${['a', 'b c', 3]}`, "rm a 'b c' 3"],
    ['puts an empty list in as nothing', sh`x ${[]} y`, 'x  y'],
    ['puts other scripts in unquoted', sh`${sh`echo ${'a b'}`} | cat`, "echo 'a b' | cat"],
    ['keeps backslashes', sh`printf '%s\n' a\.b`, "printf '%s\\n' a\\.b"],
    ['keeps an escaped dollar and backtick', sh`echo \${x} \`id\``, 'echo ${x} `id`'],
    ['is the user’s own when it is said so', userScript('a | b $c'), 'a | b $c'],
    ['is joined line by line', joinScripts([sh`a`, sh`b ${'c d'}`]), "a\nb 'c d'"],
    ['is joined by what is wanted', joinScripts([sh`a`, sh`b`, sh`c`], ' && '), 'a && b && c'],
  ])('%s', (_what, script, text) => {
    expect(script.reveal()).toBe(text);
  });

  test('shows its secrets as stars, quoted and in here-documents', () => {
    const script = sh`login ${new Secret('s3 cret')} ${[new Secret('word'), 'b']}
${hereDocument(sh`cat`, new Secret('key\nmaterial'))}`;
    expect(String(script)).toBe("login *** *** b\ncat <<'KPLAY_EOF'\n***KPLAY_EOF\n");
    expect(JSON.stringify({ script })).not.toMatch(/s3|word|key|material/);
    expect(script.reveal()).toContain("login 's3 cret' word b\ncat <<'KPLAY_EOF'\nkey\nmaterial\nKPLAY_EOF\n");
  });

  test('cannot hold a NUL', () => {
    expect(() => quoteWord('a\0b')).toThrow('a shell word cannot contain a NUL character');
    expect(() => sh`echo ${'a\0b'}`).toThrow(RangeError);
  });
});

function run(command: readonly string[], script: ShellScript): { readonly stdout: string; readonly stderr: string } {
  const [program = 'sh', ...parameters] = command;
  const { stdout, stderr } = spawnSync(program, [...parameters, '-s'], { input: script.reveal(), encoding: 'utf8' });
  return { stdout, stderr };
}
