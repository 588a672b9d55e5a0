import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { registry } from '../../src/steps/registry.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
let playbook: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory } = localHost(controller));
  playbook = controller.file('play.yml', '- hosts: all\n  tasks:\n    - copy: { dest: /made, content: "one\\n" }\n');
});
afterAll(() => controller.close());

describe('kplay version and kplay steps', () => {
  it('tell programs what there is', async () => {
    const version = JSON.parse((await controller.run(['version', '-o', 'json'])).stdout);
    const { version: released } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(version).toMatchObject({ version: 1, kplay: released, node: process.versions.node });
    expect((await controller.run(['version'])).stdout).toBe(`kplay ${released}\n`);
    const { steps } = JSON.parse((await controller.run(['steps', '-o', 'json'])).stdout);
    expect(steps.map(({ name }: { readonly name: string }) => name)).toEqual([...registry.steps.keys()]);
    expect(steps[0]).toMatchObject({ parameters: { type: 'object' }, summary: expect.any(String) });
  });

  it('have no titles that could be left out of JSON', async () => {
    const { exitCode, stderr } = await controller.run(['steps', '-o', 'json', '--no-headers']);
    expect(stderr).toContain('error: --no-headers has no effect with -o json');
    expect(exitCode).toBe(1);
  });

  it('leave out titles and hints where they are not wanted', async () => {
    const { stdout } = await controller.run(['steps', '--no-headers']);
    expect(stdout.trim().split('\n')).toHaveLength(registry.steps.size);
    expect(stdout).not.toContain('WHAT IT DOES');
  });
});

describe('-o yaml', () => {
  it.each([['version'], ['steps'], ['history'], ['lint play.yml'], ['show last'], ['show saved.kplan']])(
    'says what -o json says: kplay %s',
    async (command) => {
      const saved = controller.file('saved.kplan', '');
      const other = controller.file('other.yml', '- hosts: all\n  tasks:\n    - copy: { dest: /other, content: x }\n');
      await controller.run(['run', other, '-i', inventory]);
      await controller.run(['plan', other, '-i', inventory, '--out', saved]);
      const words = command
        .split(' ')
        .map((word) => (word === 'saved.kplan' ? saved : word === 'play.yml' ? playbook : word));
      const [json, yaml] = await Promise.all(['json', 'yaml'].map((kind) => controller.run([...words, '-o', kind])));
      expect(yaml?.stdout).not.toMatch(/^[[{]/);
      expect(parse(yaml?.stdout ?? '')).toEqual(JSON.parse(json?.stdout ?? ''));
    },
  );
});

test('a rollback has no YAML without --list: its events are lines of JSON', async () => {
  const { exitCode, stderr } = await controller.run(['rollback', '-i', inventory, '-o', 'yaml']);
  expect(stderr).toContain(
    'error: -o yaml is for a list of backups\n  use -o json for the events of a run, or --list\n',
  );
  expect(exitCode).toBe(1);
  // A default for other commands.
  const preset = await controller.run(['rollback', '-C', '-i', inventory], { variables: { KPLAY_OUTPUT: 'yaml' } });
  expect(preset.stderr).not.toContain('-o yaml');
  expect(preset.stdout).toContain('rollback the latest backup');
});

describe('kplay validate', () => {
  it('tells programs what is valid, and the warnings', async () => {
    const odd = controller.file('odd.yml', `${readFileSync(playbook, 'utf8')}      loop_control: { label: x }\n`);
    const [json, yaml] = await Promise.all(
      ['json', 'yaml'].map((kind) => controller.run(['validate', odd, '-i', inventory, '-o', kind])),
    );
    const valid = JSON.parse(json?.stdout ?? '');
    expect(valid).toEqual({
      version: 1,
      type: 'valid',
      exitCode: 0,
      playbook: odd,
      plays: [{ name: 'all', hosts: ['here'], tasks: 1 }],
      hosts: ['here'],
      problems: [
        {
          severity: 'warning',
          message: 'loop_control has no effect without loop',
          file: odd,
          line: 3,
          column: 7,
          hint: 'remove it, or add loop',
        },
      ],
    });
    expect(parse(yaml?.stdout ?? '')).toEqual(valid);
    expect(json?.exitCode).toBe(0);
  });
});

describe('what is wrong with the input', () => {
  it.each([
    [['-o', 'json'], {}],
    [['--output=json'], {}],
    [['-ojson'], {}],
    [['-vo', 'json'], {}],
    [['-vDojson'], {}],
    [[], { KPLAY_OUTPUT: 'json' }],
  ])('is told as JSON, too, to those who asked for it: %j %j', async (words, variables) => {
    const bad = controller.file('bad.yml', '- hosts: all\n  tasks:\n    - cpoy: {}\n    - copy: {}\n');
    const { exitCode, stdout, stderr } = await controller.run(['run', bad, '-i', inventory, ...words], { variables });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('3 problems. No host was contacted.');
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ version: 1, type: 'input-error', exitCode: 1 });
    expect(told.problems).toHaveLength(3);
    expect(told.problems[0]).toMatchObject({ severity: 'error', file: bad, line: 3, column: 7 });
  });

  it('is told in the order of files and lines, whichever part of kplay has found it', async () => {
    const bad = controller.file(
      'order.yml',
      `- hosts: nowhere
  serial: "{{ 1 + }}"
  tasks:
    - copy: {}
    - cpoy: {}
    - command: "true"
      become: perhaps
    - stat: { path: 3 }
`,
    );
    const words = ['run', bad, '-i', inventory, '-o', 'json', '--tags', 'none'];
    const { stdout, stderr } = await controller.run(words);
    const told = JSON.parse(stdout).problems.map((one: { file: string; line: number }) => `${one.file}:${one.line}`);
    expect(told).toEqual(['--tags:1', ...[1, 2, 4, 4, 5, 7, 8].map((line) => `${bad}:${line}`)]);
    expect(stderr.match(/(?<=┌─ ).*:\d+(?=:\d+$)/gm)).toEqual(told);
  });

  it.each([
    [['--invntory', 'x'], "unknown option '--invntory'", 'Did you mean --inventory?'],
    [['--check-mode'], "unknown option '--check-mode'", undefined],
  ])('is told as JSON of the command line itself, too: %j', async (wrong, message, hint) => {
    const { exitCode, stdout } = await controller.run(['run', 'x.yml', '-i', inventory, '-o', 'json', ...wrong]);
    expect(exitCode).toBe(1);
    const [problem, ...rest] = JSON.parse(stdout).problems;
    expect(rest).toEqual([]);
    expect(problem).toMatchObject({ severity: 'error', message, ...(hint && { hint }) });
    expect(problem).not.toHaveProperty('file');
  });

  it('is told as YAML, which that JSON is', async () => {
    const { exitCode, stdout } = await controller.run(['show', 'nothing', '-o', 'yaml']);
    expect(exitCode).toBe(1);
    expect(parse(stdout)).toMatchObject({
      type: 'input-error',
      problems: [{ message: "run 'nothing' does not exist" }],
    });
  });

  it('is told as JSON of an option that is given twice, that of the output as well', async () => {
    const { stdout } = await controller.run(['run', 'x.yml', '-i', inventory, '-o', 'json', '-o', 'json']);
    expect(JSON.parse(stdout).problems).toMatchObject([{ message: expect.stringContaining('is given twice') }]);
  });

  it('is told as JSON of all wrong values at once', async () => {
    const { stdout } = await controller.run([
      'run',
      'x.yml',
      '-o',
      'json',
      '-f',
      'many',
      '--timeout',
      'long',
      '--bogus',
    ]);
    expect(JSON.parse(stdout).problems).toMatchObject([
      { message: expect.stringContaining("argument 'many' is invalid") },
      { message: expect.stringContaining("argument 'long' is invalid") },
      { message: "unknown option '--bogus'" },
    ]);
  });

  it.each([
    ['history', '--local-time', ['history', '-o', 'json', '--local-time']],
    ['show', '--verbose', ['show', 'last', '-o', 'json', '-v']],
    ['show', '--diff', ['show', 'last', '-D', '-o', 'json']],
    ['logs', '--verbose', ['logs', 'last', '-o', 'json', '-vv']],
  ])('may be, for %s, that %s is for people', async (_command, option, argv) => {
    const { exitCode, stdout } = await controller.run(argv);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).problems).toMatchObject([{ message: `option '${option}' has no effect with -o json` }]);
    const preset = option.replace('--', 'KPLAY_').replaceAll('-', '_').toUpperCase();
    const words = argv.filter((word) => !/^(?:-v+|-D|--local-time)$/.test(word));
    expect((await controller.run(words, { variables: { [preset]: '1' } })).stderr).not.toContain('no effect');
  });

  it('is told to nobody who asked for an output that the command does not have', async () => {
    const { exitCode, stdout, stderr } = await controller.run(['run', 'x.yml', '-i', inventory, '-o', 'yaml']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain("argument 'yaml' is invalid");
  });

  it('is told to nobody else', async () => {
    const { stdout } = await controller.run(['run', 'none.yml', '-i', inventory, '-o', 'plain']);
    expect(stdout).toBe('');
  });
});

describe('kplay show FILE', () => {
  it('shows a saved plan as it was shown when it was made', async () => {
    const out = join(controller.directory, 'one.kplan');
    const made = await controller.run(['plan', playbook, '-i', inventory, '--out', out, '-D']);
    const shown = await controller.run(['show', out, '-D']);
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^Plan of .*play\.yml for 1 host, made \d{4}-\d\d-\d\d \d\d:\d\d UTC by kplay /);
    const plan = shown.stdout.split('\n\n').slice(1, -1).join('\n\n');
    expect(plan).toContain('+one');
    expect(made.stdout).toContain(plan);
    const json = JSON.parse((await controller.run(['show', out, '-o', 'json'])).stdout);
    expect(json).toEqual(JSON.parse(readFileSync(out, 'utf8')));
    expect(shown.stdout).toMatch(new RegExp(`^Next: kplay apply ${out}\\n$`, 'm'));
    const state = join(controller.directory, 'kept');
    const kept = await controller.run(['show', out, '--state', state]);
    expect(kept.stdout).toContain(`\nNext: kplay apply ${out} --state ${state}\n`);
    expect((await controller.run(['apply', out])).exitCode).toBe(0);
  });

  it('names no command where there is nothing to apply', async () => {
    const idle = controller.file('idle.yml', '- { hosts: all, tasks: [{ debug: { msg: x } }] }\n');
    const out = join(controller.directory, 'idle.kplan');
    await controller.run(['plan', idle, '-i', inventory, '--out', out]);
    const { exitCode, stdout } = await controller.run(['show', out]);
    expect(stdout).toContain('0 hosts to change');
    expect(stdout).not.toContain('Next:');
    expect(exitCode).toBe(0);
  });

  it('shows none that would not be applied', async () => {
    const out = join(controller.directory, 'two.kplan');
    await controller.run(['plan', playbook, '-i', inventory, '--out', out]);
    appendFileSync(out, 'x');
    const added = await controller.run(['show', out]);
    expect(added.stderr).toContain(`error: ${out} was changed after it was saved`);
    truncateSync(out, 200);
    const { exitCode, stdout, stderr } = await controller.run(['show', out]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`error: ${out} is cut off: it ends at 8:`);
    expect((await controller.run(['show', '2026', '-D'])).stderr).toContain('there is no file 2026');
  });
});
