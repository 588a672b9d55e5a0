import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../src/cli/catalogue.ts';
import { applyFixes, fixedText } from '../../src/cli/lint/apply-fixes.ts';
import { olderForms } from '../../src/cli/lint/older-forms.ts';
import { OutputFile } from '../../src/cli/output/output-file.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';
import { readPlaybook } from '../../src/playbook/load.ts';
import type { Playbook } from '../../src/playbook/model.ts';
import { fc } from '../support/random-cases.ts';
import { Controller } from './support/controller.ts';

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
});
afterAll(() => controller.close());

const HEAD = '# the head\n- hosts: all\n  vars:\n    on_it: True # a flag\n  tasks:\n';

function read(text: string): Playbook {
  const problems = new Problems();
  const playbook = readPlaybook(new SourceFile('play.yml', text), catalogue, problems);
  if (!playbook || problems.hasErrors)
    throw new Error(`${JSON.stringify(problems.all.map(({ message }) => message))}\n${text}`);
  return playbook;
}

function fixed(text: string): string {
  const playbook = read(text);
  return fixedText(
    playbook.file,
    olderForms(playbook).flatMap(({ fix }) => fix ?? []),
  );
}

/** Where things stand in the file, and how a loop is written that does the same. */
const FORM = ['range', 'keyRange', 'contentStart', 'quoted', 'file', 'loopForm'];

/** All that a playbook says, from which its program is compiled. How a number or a flag is written is no part of it; a text is. */
function meaning(text: string): unknown {
  const plain = (value: unknown): unknown => {
    if (value instanceof Map) return [...value].map(plain);
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== 'object') return value;
    const isText = 'value' in value && typeof value.value === 'string';
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, one]) =>
        FORM.includes(key) || (key === 'raw' && !isText) ? [] : [[key, plain(one)]],
      ),
    );
  };
  return plain(read(text).plays);
}

describe('a fix', () => {
  it.each([
    ['copy: dest=/x content="a b" mode=0644 # why', 'copy: { dest: /x, content: "a b", mode: "0644" } # why'],
    ['command: touch /x creates=/x', 'command: { cmd: "touch /x", creates: /x }'],
    ["copy: 'dest=/x content={{ a }}'", 'copy: { dest: /x, content: "{{ a }}" }'],
    ['copy:\n        dest=/x\n        content=text', 'copy:\n        { dest: /x, content: text }'],
    [
      'debug: { msg: x }\n      when: "{{ a is defined }}" # braces',
      'debug: { msg: x }\n      when: "a is defined" # braces',
    ],
    ["debug: { msg: x }\n      when: ['{{ a }}', b]", "debug: { msg: x }\n      when: ['a', b]"],
    ['debug: { msg: "{{ item }}" }\n      with_items: [a, b]', 'debug: { msg: "{{ item }}" }\n      loop: [a, b]'],
    ['debug: { msg: "{{ item }}" }\n      with_list: "{{ c }}"', 'debug: { msg: "{{ item }}" }\n      loop: "{{ c }}"'],
    ['debug: { msg: x }\n      ignore_errors: yes # it may', 'debug: { msg: x }\n      ignore_errors: true # it may'],
    ['debug: { msg: x }\n      ignore_errors: True', 'debug: { msg: x }\n      ignore_errors: true'],
  ])('of %j writes %j', (before, after) => {
    const around = (task: string) => `${HEAD}    - name: One\n      ${task}\n# the end\n`;
    expect(fixed(around(before))).toBe(around(after).replace('True # a flag', 'true # a flag'));
    expect(meaning(around(after))).toEqual(meaning(around(before)));
  });

  it.each([
    // Lists in its list are taken apart.
    'debug: { msg: "{{ item }}" }\n      with_items: [[a], b]',
    'debug: { msg: "{{ item }}" }\n      with_items: "{{ c }}"',
    // Written over several lines, as a block.
    'copy: >-\n        dest=/x content=text',
    // Others read it.
    'copy: &same dest=/x content=text',
    // A mapping has each of its keys once.
    'set_fact: a=1 a=2',
  ])('of %j is not made: it would not be the same', (task) => {
    const text = `- hosts: all\n  tasks:\n    - name: One\n      ${task}\n`;
    expect(olderForms(read(text))).toHaveLength(1);
    expect(fixed(text)).toBe(text);
  });

  it('of any playbook changes what is written and not what is meant, and a second one changes nothing', () => {
    const word = fc.stringMatching(/^[a-z/][\w/.-]{0,8}$/);
    const quoted = fc.stringMatching(/^[ -!#-&(-[\]-~]{0,12}$/).filter((text) => !/[{}:#]/.test(text));
    const value = fc.oneof(
      word,
      quoted.map((text) => `"${text}"`),
      fc.constant('"{{ on_it }}"'),
      fc.constantFrom('yes', 'no', '0644', '12', 'true', 'null', '~'),
    );
    const comment = fc.constantFrom('', ' # a remark', '   # with "quotes" and { braces }');
    const copy = fc
      .tuple(word, value, fc.constantFrom('', ' mode=0600', ' follow=yes'), comment)
      .map(([dest, content, more, end]) => `copy: dest=/${dest} content=${content}${more}${end}`);
    const command = fc
      .tuple(
        fc.constantFrom('command', 'shell'),
        word,
        fc.constantFrom('', ' creates=/made', ' chdir=/tmp removes=/gone'),
        comment,
      )
      .map(([step, run, more, end]) => `${step}: ls ${run}${more}${end}`);
    const condition = fc
      .tuple(fc.constantFrom('on_it', 'on_it is defined', "x == 'y'"), fc.constantFrom('', '-'), comment)
      .map(([expression, dash, end]) => `when: "{{${dash} ${expression} ${dash}}}"${end}`);
    const loop = fc
      .tuple(
        fc.constantFrom('with_items', 'with_list', 'loop'),
        fc.array(fc.oneof(word, fc.constantFrom('1', 'True', '{ a: b }')), { minLength: 1, maxLength: 3 }),
        comment,
      )
      .map(([key, items, end]) => `${key}:${end}\n${items.map((item) => `        - ${item}`).join('\n')}`);
    const flag = fc
      .tuple(
        fc.constantFrom('become', 'ignore_errors', 'run_once'),
        fc.constantFrom('True', 'FALSE', 'true', 'yes', 'off'),
      )
      .map(([key, raw]) => `${key}: ${raw}`);
    const task = fc
      .tuple(
        fc.oneof(copy, command),
        fc.option(condition, { nil: undefined }),
        fc.option(loop, { nil: undefined }),
        fc.option(flag, { nil: undefined }),
      )
      .map(
        ([step, ...more]) =>
          `    - name: One\n${[step, ...more.filter((line) => line !== undefined)].map((line) => `      ${line}\n`).join('')}`,
      );
    fc.assert(
      fc.property(fc.array(task, { minLength: 1, maxLength: 4 }), (tasks) => {
        const text = HEAD + tasks.join('\n');
        const once = fixed(text);
        expect(meaning(once)).toEqual(meaning(text));
        expect(fixed(once)).toBe(once);
        const remarks = (one: string) => one.match(/ #.*$/gm);
        expect(remarks(once)).toEqual(remarks(text));
      }),
      { numRuns: 300, seed: 20261126 },
    );
  });
});

describe('kplay lint --fix', () => {
  const FORMS = '- hosts: all\n  tasks:\n    - name: One\n      copy: dest=/x content=text\n    - debug: msg=hello\n';

  it('writes the files, keeps their rights, and tells what is left', async () => {
    const playbook = controller.file('fix.yml', FORMS);
    chmodSync(playbook, 0o640);
    const { exitCode, stdout, stderr } = await controller.run(['lint', playbook, '--fix']);
    expect(stderr).toBe('Fixed: 2 findings.\n');
    expect(stdout).toContain('[unnamed-task]');
    expect(stdout).not.toContain('[no-free-form]');
    expect(exitCode).toBe(2);
    expect(readFileSync(playbook, 'utf8')).toBe(
      FORMS.replace('dest=/x content=text', '{ dest: /x, content: text }').replace('msg=hello', '{ msg: hello }'),
    );
    expect(statSync(playbook).mode & 0o777).toBe(0o640);
    expect((await controller.run(['lint', playbook, '--fix'])).stderr).toBe('Nothing could be fixed.\n');
  });

  it('leaves out the rules that are not wanted', async () => {
    const playbook = controller.file('skip.yml', FORMS);
    await controller.run(['lint', playbook, '--fix', '--skip', 'no-free-form']);
    expect(readFileSync(playbook, 'utf8')).toBe(FORMS);
  });

  it('mends the files of tasks that the playbook includes, too', async () => {
    const included = controller.file('tasks.yml', '- name: One\n  copy: dest=/x content=text\n');
    const playbook = controller.file('includes.yml', '- hosts: all\n  tasks:\n    - include_tasks: tasks.yml\n');
    await controller.run(['lint', playbook, '--fix']);
    expect(readFileSync(included, 'utf8')).toContain('copy: { dest: /x, content: text }');
  });

  it('says what would be fixed in JSON and in SARIF', async () => {
    const playbook = controller.file('told.yml', FORMS);
    const [first] = JSON.parse((await controller.run(['lint', playbook, '-o', 'json'])).stdout).findings;
    const place = { startLine: 4, startColumn: 13, endLine: 4, endColumn: 33 };
    const text = '{ dest: /x, content: text }';
    expect(first).toMatchObject({ rule: 'no-free-form', fix: { ...place, text } });
    const [{ results }] = JSON.parse((await controller.run(['lint', playbook, '-o', 'sarif'])).stdout).runs;
    expect(results[0].fixes).toMatchObject([
      { artifactChanges: [{ replacements: [{ deletedRegion: place, insertedContent: { text } }] }] },
    ]);
  });

  it('says of parameters that are given twice what is to be decided, and leaves them', async () => {
    const text = '- hosts: all\n  tasks:\n    - { name: One, set_fact: a=1 a=2 }\n    - { name: Two, debug: msg=x }\n';
    const playbook = controller.file('twice.yml', text);
    const { stdout } = await controller.run(['lint', playbook, '--fix']);
    expect(stdout).toContain('write set_fact: { a: … }, with the a that is meant');
    expect(readFileSync(playbook, 'utf8')).toBe(text.replace('msg=x', '{ msg: x }'));
    expect((await controller.run(['lint', playbook])).exitCode).toBe(2);
  });

  it('writes nothing where a file could not be read afterwards', () => {
    const good = new SourceFile(controller.file('good.yml', '- a: yes\n'), '- a: yes\n');
    const bad = new SourceFile(controller.file('bad.yml', '- a: b\n'), '- a: b\n');
    const finding = (file: SourceFile, text: string) => {
      const range = file.range(5, file.text.length - 1);
      return { rule: 'truthy', message: '', hint: '', range, fix: { range, text } } as const;
    };
    expect(() => applyFixes([finding(good, 'true'), finding(bad, '{ b: 1, b: 2 }')])).toThrow(/unreadable/);
    expect([good, bad].map(({ path }) => readFileSync(path, 'utf8'))).toEqual(['- a: yes\n', '- a: b\n']);
  });

  it.each(['text', 'json', 'sarif'])('shows no secret in -o %s, and writes it all the same', async (form) => {
    const text = '- hosts: all\n  tasks:\n    - name: One\n      command: enroll --token token=Hunter22 creates=/x\n';
    const playbook = controller.file('secret.yml', text);
    const { stdout } = await controller.run(['lint', playbook, '-o', form]);
    expect(stdout).toContain('no-free-form');
    expect(stdout).toContain('write command: { cmd: …, creates: … }');
    expect(stdout).not.toContain('Hunter22');
    await controller.run(['lint', playbook, '--fix']);
    expect(readFileSync(playbook, 'utf8')).toContain('{ cmd: "enroll --token token=Hunter22", creates: /x }');
  });

  it('tells of what is left at its place in the files as they are now', async () => {
    const text =
      '- hosts: all\n  tasks:\n    - name: One\n      copy: "dest=/x\n        content=text"\n    - debug: msg=hello\n';
    const playbook = controller.file('moved.yml', text);
    const { stdout } = await controller.run(['lint', playbook, '--fix', '-o', 'json']);
    const [left, ...others] = JSON.parse(stdout).findings;
    expect(others).toEqual([]);
    expect(left).toMatchObject({ rule: 'unnamed-task', line: 5, column: 7 });
  });

  it('mends a file once that is reached under two names', async () => {
    const file = controller.file('linked/tasks.yml', '- name: One\n  copy: dest=/x content=text\n');
    symlinkSync('tasks.yml', join(controller.directory, 'linked/same.yml'));
    const includes = ['tasks', 'same'].map((name) => `    - include_tasks: ${name}.yml\n`).join('');
    const playbook = controller.file('linked/play.yml', `- hosts: all\n  tasks:\n${includes}`);
    const { exitCode, stderr } = await controller.run(['lint', playbook, '--fix']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'Fixed: 2 findings.\n' });
    expect(readFileSync(file, 'utf8')).toBe('- name: One\n  copy: { dest: /x, content: text }\n');
  });

  it('leaves a file to whom it belongs', async () => {
    const playbook = controller.file('owned.yml', FORMS);
    // Only root can give a file away, and only a file of somebody else could be lost to root.
    const [uid, gid] = process.getuid?.() === 0 ? [1234, 4321] : [process.getuid?.(), process.getgid?.()];
    if (uid === undefined || gid === undefined) return;
    chownSync(playbook, uid, gid);
    await controller.run(['lint', playbook, '--fix']);
    expect(readFileSync(playbook, 'utf8')).not.toBe(FORMS);
    expect(statSync(playbook)).toMatchObject({ uid, gid });
  });

  it.skipIf(!existsSync('/dev/full'))('puts no file in its place before all of them are written', () => {
    const file = controller.file('together/one.yml', 'old\n');
    const kind = { option: '--fix', mode: 0o644, isShared: false, remedy: 'free some space' } as const;
    const [one, full] = [file, '/dev/full'].map((path) => OutputFile.reserve(path, new Problems(), kind));
    if (!one || !full) throw new Error('no place was kept');
    const write = () => OutputFile.writeTogether([[one, 'new\n'] as const, [full, 'new\n'] as const]);
    expect(write).toThrow(/cannot write \/dev\/full: no space/);
    expect(readFileSync(file, 'utf8')).toBe('old\n');
    expect(readdirSync(join(controller.directory, 'together'))).toEqual(['one.yml']);
  });

  it('says of a file that cannot be written that it is not, and writes none of the others', async () => {
    const playbook = controller.file(
      'place/play.yml',
      FORMS.replace('    - debug', '    - include_tasks: more/tasks.yml\n    - debug'),
    );
    controller.file('place/more/tasks.yml', '- name: One\n  copy: dest=/x content=text\n');
    const directory = join(controller.directory, 'place/more');
    if (process.getuid?.() === 0) return;
    chmodSync(directory, 0o500);
    const before = readFileSync(playbook, 'utf8');
    const { exitCode, stderr } = await controller.run(['lint', playbook, '--fix']);
    chmodSync(directory, 0o700);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('cannot write');
    expect(stderr).toContain('its directory has to be writable');
    expect(readFileSync(playbook, 'utf8')).toBe(before);
  });
});
