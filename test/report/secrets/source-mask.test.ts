import { expect, test } from 'vitest';
import { maskSource } from '../../../src/report/secrets/source-mask.ts';

test.each([
  ['copy: { dest: /x, content: "a, mode: b", mode: 1 }', 'copy: { dest: ***, content: ***, mode: *** }'],
  ["copy: {dest: [a, b: c], \"mode\": 'it''s, x: y'} z # why", 'copy: {dest: ***, "mode": ***}*** # why'],
  ['copy: { dest: { a: b, c: d }, odd name!: x, mode: ,', 'copy: { dest: ***, mode: ***'],
  ['copy: { a b, mode: x: y, z', 'copy: ***, mode: ***'],
  ['copy: { dest: "/x, mode: y', 'copy: { dest: ***'],
  ['loop: [a, { b: c, d: e }]', 'loop: ***'],
  ['debug: { msg: "{{ x }}" }', 'debug: { msg: *** }'],
])('of what a task is given that is to be told nowhere the names are shown: %s', (line, shown) => {
  const [first] = maskSource([`- ${line}`, '  no_log: true']);
  expect(first?.text).toBe(`- ${shown}`);
});

test('no value is shown of such a task that is a mapping in flow style', () => {
  const [line] = maskSource(['- { copy: { dest: /x, mode: y }, loop: [a, b], name: Copy, no_log: true }']);
  expect(line?.text).toBe('- { copy: { dest: ***, mode: *** }, loop: ***, name: Copy, no_log: true }');
});

test('nor where it goes on in the lines below', () => {
  const lines = maskSource(['- { name: Copy, loop: [a,', '    b], copy: { dest: /x,', '    mode: y }, no_log: true }']);
  expect(lines.map(({ text }) => text)).toEqual(['- { name: Copy, loop: ***', '    ***', '    ***']);
});

test.each([
  ['db_password: "{{ vault_db.password }}"', undefined],
  ["db_password: '{{ vault }}' # why", undefined],
  ['vars: { db_password: "{{ vault }}", x: 1 }', undefined],
  ['command: a --password={{ vault }} -x', undefined],
  ['copy: { content: "password={{ vault }}" }', undefined],
  ['db_password: "{{ vault }}hunter2"', 'db_password: ***'],
  ['db_password: "{{ vault | default(\'hunter2\') }}"', 'db_password: ***'],
  ['db_password: "{{ \'hunter2\' }}"', 'db_password: ***'],
  ['ansible_password={{ vault }} hunter2', 'ansible_password=***'],
  [`ansible_password={{ vault }}"hunter2"`, 'ansible_password=***'],
  ["command: a --password={{ vault | default('hunter2') }} -x", 'command: a --password=*** -x'],
  ['shell: PASSWORD={{ vault }}hunter2 a', 'shell: PASSWORD=*** a'],
  ["ansible_password='{{ vault }}''hunter2'", 'ansible_password=***'],
])(
  'a value that only names a variable is shown, any other behind the name of a secret is not: %s',
  (line, shown = line) => {
    expect(maskSource([line])[0]?.text).toBe(shown);
  },
);
