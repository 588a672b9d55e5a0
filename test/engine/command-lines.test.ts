import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';
import { parseYaml } from '../../src/core/yaml/yaml.ts';
import { checkCommandLines } from '../../src/engine/program/check-command-lines.ts';
import { command } from '../../src/steps/general/command.ts';
import { compileTree } from '../../src/template/compile.ts';

/** What is said of a command line with templates. */
function saidOf(cmd: string): readonly string[] {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('p.yml', JSON.stringify({ cmd })), problems, 'ansible');
  const params = tree && compileTree(tree, problems);
  if (params) checkCommandLines(params, command.schema, problems);
  return problems.all.map(({ message }) => message);
}

describe('a command line with templates', () => {
  test.each([
    ['echo {{ x }} $HOME', '$HOME'],
    ['echo $HOME{{ x }}', '$HOME'],
    ['echo {{ x }}$HOME', '$HOME'],
    ["echo '{{ x }} $1'", '$1'],
    ['cat ~/{{ x }}', '~'],
    ['cat {{ x }} ~ops/.kube', '~ops'],
    ['{{ x }}\n{{ y }} ${HOME}', '${HOME}'],
  ])('whose own text needs a shell is refused: %j', (cmd, form) => {
    expect(saidOf(cmd)).toEqual([`there is no shell that replaces ${form}`]);
  });

  test.each([
    '{{ x }}',
    'echo ${{ x }} 5$ {{ x }}',
    'cat ~{{ x }} ~{{ x }}/y {{ x }}~/y',
    "echo '{{ x }}",
    "echo {{ '$HOME' }} x",
    'echo {{ x }} {# $HOME #}',
  ])('that only needs one for what the templates yield is left to the plan: %j', (cmd) => {
    expect(saidOf(cmd)).toEqual([]);
  });
});
