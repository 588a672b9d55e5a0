import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SourceFile } from '../../src/core/source.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

/** A directory with these files, removed when the test has finished. */
function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-tasks-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const set = (key: string, value = '1'): string => `set: { key: ${key}, value: "${value}" }`;

describe('tasks of another file', () => {
  it('that are imported stand where they are imported, with what the import says for each of them', async () => {
    const at = directoryOf({
      'more.yml': `- ${set('a', '{{ text }}')}\n- import_tasks: last.yml\n`,
      'last.yml': `- ${set('b')}\n`,
    });
    const play = `- hosts: all
  tasks:
    - import_tasks: ${at}/more.yml
      when: inventory_hostname == 'a'
      become: true
      vars: { text: hello }
    - ${set('c')}
`;
    const fleet = [new FakeHost('a'), new FakeHost('b')];
    await apply(play, fleet);
    expect(fleet.map(({ changes }) => changes)).toEqual([['sudo set a hello', 'sudo set b 1', 'set c 1'], ['set c 1']]);
  });

  it('that are included run where the condition holds as the host comes there, though their own deed ends it', async () => {
    const at = directoryOf({ 'more.yml': `- shell: two\n  register: made\n- ${set('a')}\n` });
    const play = `- hosts: all
  tasks:
    - shell: one
      register: made
    - name: Go on
      include_tasks: { file: ${at}/more.yml }
      when: made.out == 'one'
`;
    const host = new FakeHost('a');
    const shown = await plan(play, [host]);
    expect(shown.result.plans[0]?.hosts[0]?.tasks.slice(1)).toMatchObject([
      { path: 'tasks.1.include.0', condition: "only if the condition of 'Go on' holds" },
      { path: 'tasks.1.include.1', condition: "only if the condition of 'Go on' holds", action: 'change' },
    ]);
    await apply(play, [host]);
    expect(host.changes).toEqual(['say one', 'say two', 'set a 1']);
  });

  it('are found beside the file that names them, else beside the playbook', async () => {
    const at = directoryOf({ 'top.yml': `- ${set('top')}\n`, 'both.yml': `- ${set('both')}\n` });
    mkdirSync(join(at, 'sub'));
    writeFileSync(join(at, 'sub/both.yml'), `- ${set('sub')}\n- import_tasks: top.yml\n`);
    const host = new FakeHost('a');
    await apply(new SourceFile(join(at, 'play.yml'), '- hosts: all\n  tasks:\n    - import_tasks: sub/both.yml\n'), [
      host,
    ]);
    expect(host.changes).toEqual(['set sub 1', 'set top 1']);
  });

  it('are found in tasks of their role: what is included there first, what is imported beside the file that names it', async () => {
    const at = directoryOf({});
    const tasks = join(at, 'roles/r/tasks');
    mkdirSync(join(tasks, 'sub'), { recursive: true });
    writeFileSync(join(tasks, 'main.yml'), '- include_tasks: sub/all.yml\n');
    writeFileSync(
      join(tasks, 'sub/all.yml'),
      '- include_tasks: one.yml\n- import_tasks: one.yml\n- include_tasks: sub/two.yml\n',
    );
    writeFileSync(join(tasks, 'one.yml'), `- ${set('main')}\n`);
    for (const name of ['one', 'two']) writeFileSync(join(tasks, `sub/${name}.yml`), `- ${set(`sub_${name}`)}\n`);
    const host = new FakeHost('a');
    await apply(new SourceFile(join(at, 'play.yml'), '- hosts: all\n  roles: [r]\n'), [host]);
    expect(host.changes).toEqual(['set main 1', 'set sub_one 1', 'set sub_two 1']);
  });

  it.each([
    ['a file that is not there', 'import_tasks: DIR/none.yml', /cannot read the task file/],
    ['a circle', 'import_tasks: DIR/circle.yml', /circle.yml includes itself/],
    ['a template', 'import_tasks: "DIR/{{ x }}.yml"', /cannot be a template/],
    ['what is no list', 'import_tasks: DIR/play.yml', /is not a list of tasks/],
    ['a mistake in it', 'import_tasks: DIR/wrong.yml', /unknown step 'xyzzy'/],
  ])('are refused for %s, before anything is contacted', async (_, task, message) => {
    const at = directoryOf({
      'circle.yml': '- import_tasks: circle.yml\n',
      'play.yml': 'hosts: all\n',
      'wrong.yml': '- xyzzy: 1\n',
    });
    const host = new FakeHost('a');
    await expect(apply(`- hosts: all\n  tasks:\n    - ${task.replace('DIR', at)}\n`, [host])).rejects.toThrow(message);
    expect(host.log).toEqual([]);
  });
});

describe('loops in the old way', () => {
  it.each([
    ['with_items: [[a, b], c]', ['a', 'b', 'c']],
    ['with_list: [[a], b]', ['["a"]', 'b']],
    ['with_flattened: [[a, [b]], c]', ['a', 'b', 'c']],
    ['with_dict: { k: v }', ['{"key":"k","value":"v"}']],
    ['with_indexed_items: [x, y]', ['[0,"x"]', '[1,"y"]']],
    ['with_nested: [[a, b], [1, 2]]', ['["a",1]', '["a",2]', '["b",1]', '["b",2]']],
    ['with_together: [[a, b], [1]]', ['["a",1]', '["b",null]']],
    ['with_sequence: start=1 end=5 stride=2 format=n%02d', ['n01', 'n03', 'n05']],
    ['with_sequence: count=2', ['1', '2']],
    ['with_sequence: 2-6/2:h%d', ['h2', 'h4', 'h6']],
    ['with_sequence: start=3 end=1 stride=-1 format="%s of 3"', ['3 of 3', '2 of 3', '1 of 3']],
    ['with_nested: [[a], [[1, 2], [3, [4]]]]', ['["a",1,2]', '["a",3,4]']],
    ['with_together: [[[a, b]], [[1, [2]]]]', ['["a","b",1,[2]]']],
    [
      'with_subelements: [[{ n: a, l: [1, 2] }, { n: b }, { n: c, l: [3], skipped: true }], l, { skip_missing: true }]',
      ['[{"n":"a"},1]', '[{"n":"a"},2]'],
    ],
    ['with_subelements: [{ x: { l: { m: [1] } } }, l.m]', ['[{"l":{}},1]']],
  ])('%s has the entries that Ansible gives it', async (loop, entries) => {
    const play = `- hosts: all\n  tasks:\n    - say: "{{ item }}"\n      ${loop}\n      register: said\n    - say: "{{ said.results | map(attribute='item') | list | to_json }}"\n      register: all\n`;
    const { result } = await apply(play, [new FakeHost('a')]);
    const all = result.registered.get('a')?.get('all') as { readonly msg: string };
    const said = JSON.parse(all.msg) as readonly unknown[];
    expect(said.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))).toEqual(entries);
  });
});

describe('loops over files', () => {
  const files = (at: string) =>
    ['files/a.txt', 'files/b.txt', 'files/.hidden.txt', 'files/c.md'].map((name) => join(at, name));

  it.each<[loop: string, entries: (at: string) => readonly string[]]>([
    ['with_fileglob: "*.txt"', (at) => files(at).slice(0, 2)],
    ['with_fileglob: ["[!a].*", c.?d]', (at) => [files(at)[1], files(at)[3], files(at)[3]].map(String)],
    ['with_fileglob: none*', () => []],
    ['with_fileglob: conf/*.txt', () => []],
    ['with_file: [a.txt, b.txt]', () => ['text of a', 'text of b']],
    ['with_first_found: [none, b.txt, a.txt]', (at) => files(at).slice(1, 2)],
    ['with_first_found: [{ files: [c.md, a.txt], paths: [none, files] }]', (at) => files(at).slice(3)],
    ['with_first_found: { files: none, skip: true }', () => []],
  ])('%s has the entries that Ansible gives it', async (loop, entries) => {
    const at = directoryOf({});
    mkdirSync(join(at, 'files'));
    for (const path of files(at)) writeFileSync(path, `text of ${path.at(-5)}\n\n`);
    // The first directory conf has nothing that fits.
    for (const folder of ['files/conf', 'conf']) mkdirSync(join(at, folder));
    writeFileSync(join(at, 'conf', 'a.txt'), '');
    const text = `- hosts: all\n  tasks:\n    - say: "{{ item }}"\n      ${loop}\n      register: said\n    - say: "{{ said.results | map(attribute='item') | list | to_json }}"\n      register: all\n`;
    const { result } = await apply(new SourceFile(join(at, 'play.yml'), text), [new FakeHost('a')]);
    const all = result.registered.get('a')?.get('all') as { readonly msg: string };
    expect(JSON.parse(all.msg)).toEqual(entries(at));
  });

  it('with_file comes to an end for blanks in the middle of a file', async () => {
    const at = directoryOf({ 'long.txt': `a${' '.repeat(400_000)}b` });
    const text = '- hosts: all\n  tasks:\n    - say: "{{ item | length }}"\n      with_file: long.txt\n';
    const { result } = await apply(new SourceFile(join(at, 'play.yml'), text), [new FakeHost('a')]);
    expect(result.failed).toEqual([]);
  });

  it.each([
    ['with_file: none.txt', /there is no file none.txt/],
    ['with_first_found: [none, never]', /did not find any of its files/],
    ['with_first_found: { files: "none.txt,a.txt", skip: true }', /'none.txt,a.txt' is several names in one/],
    ['with_first_found: { files: a.txt, paths: "none:files" }', /'none:files' is several names in one/],
    ['with_first_found: [{ files: none, skip: true }, { files: never }]', /did not find any of its files/],
    [
      'with_nested: ["{{ range(400) }}", "{{ range(400) }}", "{{ range(400) }}"]',
      /with_nested makes at most 100000 entries, not 64000000/,
    ],
    ['with_nested: []', /with_nested needs a list of at least one list/],
    ['with_nested: [[a], bc]', /with_nested needs a list of at least one list, and of nothing but lists/],
    ['with_nested: [[a], { b: 1 }]', /with_nested needs/],
    ['with_together: []', /with_together needs a list of at least one list/],
    ['with_together: [[a, b], 5]', /with_together needs/],
    ['with_subelements: [[{ n: 1 }], l]', /finds no list 'l'/],
    ['with_subelements: [5, l]', /with_subelements needs a list or a mapping of mappings/],
    ['with_sequence: start=5 end=1', /with_sequence needs .*, stride=…, which is negative to count backwards/],
    ['with_sequence: start=1 end=5 strid=2', /with_sequence needs/],
    ['with_sequence: start=1 end=5 count=2', /with_sequence needs/],
    ['with_sequence: start=1 end=010', /with_sequence needs/],
    ['with_sequence: start=1 end=5 format=host', /with_sequence needs .* format=… with one %d/],
    ['with_sequence: [count=2, nothing]', /with_sequence needs/],
  ])('%s is refused', async (loop, message) => {
    const { result } = await apply(`- hosts: all\n  tasks:\n    - say: x\n      ${loop}\n`, [new FakeHost('a')]);
    const [task] = result.plans[0]?.hosts[0]?.tasks ?? [];
    expect(task?.action === 'refuse' ? task.reason : task).toMatch(message);
  });
});
