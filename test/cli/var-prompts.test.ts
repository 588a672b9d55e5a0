import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

const controller = new Controller();
const { inventory, root } = localHost(controller);
afterAll(() => controller.close());

const playbook = (prompt: string): string =>
  controller.file(
    'asks.yml',
    `- hosts: all
  vars: { word: play }
  vars_prompt:
    - ${prompt}
  tasks:
    - copy: { dest: /said, content: "{{ word }}" }
      no_log: true
    - debug: { msg: "it is {{ word }}" }
`,
  );

const made = (): string => readFileSync(join(root, 'said'), 'utf8').trimEnd();

const run = (prompt: string, types?: readonly string[], ...words: readonly string[]) =>
  controller.run(['run', playbook(prompt), '-i', inventory, ...words], types ? { types } : {});

describe('a variable that a play asks for', () => {
  it('gets what is typed, which is told nowhere', async () => {
    const secret = 'correct {{ horse }}';
    const { exitCode, stdout, stderr } = await run('{ name: word, prompt: The word }', [secret]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'The word: \n' });
    expect(made()).toBe(secret);
    expect(stdout + stderr + controller.traces).not.toContain(secret);
  });

  it('that is no secret is shown as it is typed, and an empty answer is its default', async () => {
    const prompt = '{ name: word, private: false, default: 5 }';
    expect((await run(prompt, ['typed'])).stderr).toContain('input for word [5]: ');
    expect(made()).toBe('typed');
    expect((await run(prompt, [''])).stdout).toContain('it is 5');
    expect(made()).toBe('5');
  });

  it('is taken from what is typed ahead, line by line', async () => {
    const questions = '{ name: other }\n    - { name: word }';
    const { exitCode, stderr } = await run(questions, ['first\nsecond']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: 'input for other: \ninput for word: \n',
    });
    expect(made()).toBe('second');
  });

  it('with echo is not taken from what was typed without, which is shown nowhere', async () => {
    const questions = '{ name: other }\n    - { name: word, private: false }';
    const { exitCode, stderr } = await run(questions, ['hush\nhush', 'loud']);
    expect({ exitCode, word: made() }).toEqual({ exitCode: 0, word: 'loud' });
    expect(stderr).not.toContain('hush');
  });

  it('is asked for until both answers are the same where it is to be confirmed', async () => {
    const { exitCode, stderr } = await run('{ name: word, prompt: The word, confirm: true }', [
      'first one',
      'other one',
      'right one',
      'right one',
    ]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      'The word: \nconfirm The word: \nThe two answers differ. Please try again.\nThe word: \nconfirm The word: \n',
    );
    expect(made()).toBe('right one');
  });

  it('is not asked for where -e gives it', async () => {
    const { exitCode, stderr } = await run('{ name: word }', [], '-e', 'word=given');
    expect({ exitCode, stderr, said: made() }).toEqual({ exitCode: 0, stderr: '', said: 'given' });
  });

  it('is told nowhere where -e gives it, unless it is not private', async () => {
    const secret = 'a-word-of-a-pipeline';
    const { exitCode, stdout, stderr } = await run('{ name: word }', [], '-e', `word=${secret}`);
    expect([exitCode, made()]).toEqual([0, secret]);
    expect(stdout + stderr + controller.traces).not.toContain(secret);
    const saved = join(root, 'saved.kplan');
    const words = ['-i', inventory, '--out', saved, '-e', `word=${secret}`];
    const refused = await controller.run(['plan', playbook('{ name: word }'), ...words]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('error: word is private, and a saved plan would contain its value from -e');
    const told = await run('{ name: word, private: false }', [], '-e', 'word=another-word');
    expect(told.stdout).toContain('it is another-word');
  });

  it.each([
    ['{"word": "sp\\u00e9cial-word"}', 'u00e9cial'],
    ['{"wor\\u0064": "abc"}', 'abc'],
    ['word="sp\\"ecial-word"', 'ecial-word'],
    ['word=abc', 'abc'],
  ])('stands in no journal and no plan, however it is written: -e %s', async (text, secret) => {
    const before = new Set(controller.journals);
    expect((await run('{ name: word }', [], '-e', text)).exitCode).toBe(0);
    const [journal = ''] = controller.journals.filter((path) => !before.has(path));
    expect(JSON.stringify(controller.journal(journal).find(({ type }) => type === 'start'))).not.toContain(secret);
    const out = join(root, 'saved.kplan');
    const words = ['plan', playbook('{ name: word }'), '-i', inventory, '-e', text];
    expect((await controller.run([...words, '--out', out])).stderr).toContain('error: word is private, and a saved');
    if (secret.length > 4) expect((await controller.run(words)).stdout).not.toContain(secret);
  });

  it('has its default where there is no terminal, and is else an error that says what to do', async () => {
    const taken = await run('{ name: word, default: standard }');
    expect(taken.exitCode).toBe(0);
    // It can be read in the playbook: it is no secret, and hides nothing else that is called so.
    expect(taken.stdout).toContain('it is standard');
    expect(made()).toBe('standard');
    const { exitCode, stderr } = await run('{ name: word }');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error: word has to be asked for, but there is no terminal');
    expect(stderr).toContain('asks.yml:4:15');
    expect(stderr).toContain('give it with -e word=…, or give it a default');
  });

  it('whose question is ended contacts nobody and exits as interrupted', async () => {
    const { exitCode, stderr } = await run('{ name: word }', ['\u0003']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 130,
      stderr: 'input for word: \nInterrupted. No host was contacted.\n',
    });
  });

  it('is not asked for by a command that only reads', async () => {
    const { exitCode, stderr } = await controller.run(['validate', playbook('{ name: word }'), '-i', inventory], {
      types: [],
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it.each([
    ['a hash', '{ name: word, encrypt: sha512_crypt }', /encrypt of vars_prompt is not supported/],
    ['what it does not know', '{ name: word, privat: true }', /unknown key 'privat' of vars_prompt\[0\]/],
    ['no name', '{ prompt: x }', /vars_prompt\[0\] has no name/],
    ['a name that is none', '{ name: no-name }', /vars_prompt|name cannot be 'no-name'/],
    ['a template', '{ name: word, prompt: "{{ x }}" }', /cannot be templates/],
  ])('with %s is refused before it is asked', async (_, prompt, message) => {
    const { exitCode, stderr } = await run(prompt, ['x']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('input for');
  });
});
