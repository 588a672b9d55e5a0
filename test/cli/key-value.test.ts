import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/cli/catalogue.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';
import { readPlaybook } from '../../src/playbook/load.ts';

describe('parameters in the form name=value', () => {
  const paramsOf = (text: string): unknown => {
    const problems = new Problems();
    const source = new SourceFile('play.yml', `- hosts: all\n  tasks:\n    - ${text}\n`);
    const entries = readPlaybook(source, catalogue, problems)?.plays[0]?.tasks.flatMap((task) =>
      'params' in task ? task.params.entries : [],
    );
    expect(problems.all).toEqual([]);
    return Object.fromEntries(
      (entries ?? []).map(({ key, value }) => [key, value.kind === 'scalar' ? value.value : value.kind]),
    );
  };

  test.each<[string, unknown]>([
    ['command: echo a creates=/tmp', { cmd: 'echo a', creates: '/tmp' }],
    [
      'command: creates=/tmp chdir="/a b" dd if=/dev/zero of=x',
      { cmd: 'dd if=/dev/zero of=x', creates: '/tmp', chdir: '/a b' },
    ],
    ['command: echo "creates=/tmp"', { cmd: 'echo "creates=/tmp"' }],
    [
      'shell: |\n        cd x &&\n          echo "a  b"\n        wc chdir=/tmp\n',
      { cmd: 'cd x &&\n  echo "a  b"\nwc', chdir: '/tmp' },
    ],
    ['command: >\n        echo a \\\n        --b\n', { cmd: 'echo a --b' }],
    ['command: |\n        echo a \\\n          --b \\\n        c\n', { cmd: 'echo a  --b c\n' }],
    [String.raw`command: echo a\=b`, { cmd: 'echo a=b' }],
    ["shell: echo it's", { cmd: "echo it's" }],
    [
      'shell: echo {{ a | d("x y") }} > b creates={{ dir }}/b',
      { cmd: 'echo {{ a | d("x y") }} > b', creates: '{{ dir }}/b' },
    ],
    ['debug: msg="x y"', { msg: 'x y' }],
    ['debug: msg=x', { msg: 'x' }],
    [String.raw`debug: msg="a\"b\x41\u00e9"`, { msg: 'a"bAé' }],
    ['debug: msg="\'a\'b"', { msg: "'a'b" }],
    ['debug: x is y', { msg: 'x is y' }],
    ['debug: a=b', { msg: 'a=b' }],
    ['copy: dest=/a content="x y" mode=0644', { dest: '/a', content: 'x y', mode: '0644' }],
    ['certs.backup: to=/x keep=5', { to: '/x', keep: 5 }],
    ['wait_for: port=22', { port: 22 }],
  ])('%s is understood as Ansible does', (text, params) => {
    expect(paramsOf(text)).toEqual(params);
  });
});
