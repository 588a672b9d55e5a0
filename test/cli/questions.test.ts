import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/cli/environment.ts';
import { askSecret, askText } from '../../src/cli/inputs/prompts.ts';
import { Fixture } from '../transport/support/fixture.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';
import { MemoryTerminal, typed } from './support/memory-streams.ts';

const controller = new Controller();
const { inventory, root } = localHost(controller);
const fixture = new Fixture();
afterAll(async () => {
  await fixture.close();
  controller.close();
});

const playbook = controller.file('play.yml', '- hosts: all\n  tasks:\n    - copy: { dest: /made, content: x }\n');

const ENDS = [
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
] as const;

describe('the question whether a plan is to be applied', () => {
  const run = (...types: readonly string[]) =>
    controller.run(['run', playbook, '-i', inventory, '--confirm'], { types });

  it.each(ENDS)('ended with %s changes nothing, says how each host is and exits as interrupted', async (_key, code) => {
    const { exitCode, stdout, stderr } = await run(code);
    expect(stderr).toMatch(/Apply this plan\? \[y\/N\] /);
    expect(stderr).not.toMatch(/bug/);
    expect(stdout).toContain('Exit 130.');
    expect(exitCode).toBe(130);
    expect(existsSync(join(root, 'made'))).toBe(false);
  });

  it.each(ENDS)('ended with %s is not said to be declined, because nobody answered it', async (_key, code) => {
    const report = join(controller.directory, 'ended.json');
    const words = ['run', playbook, '-i', inventory, '--confirm', '--report', `json=${report}`];
    const { stdout } = await controller.run(words, { types: [code] });
    const { summary, end } = JSON.parse(readFileSync(report, 'utf8'));
    expect(end.exitCode).toBe(130);
    expect(end).not.toHaveProperty('declined');
    const shown = (await controller.run(['show', 'last'])).stdout;
    expect(shown).toMatch(/^result: +interrupted \(exit 130\)$/m);
    for (const text of [stdout, summary, shown]) expect(text).not.toContain('declined');
  });

  it('answered with no is a refusal, which the run, its journal and its reports call declined', async () => {
    const report = join(controller.directory, 'report.json');
    const words = ['run', playbook, '-i', inventory, '--confirm', '--report', `json=${report}`];
    const { exitCode, stdout } = await controller.run(words, { types: ['n'] });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/The plan was declined\. Nothing changed\. .*s\. Exit 3\./);
    const shown = (await controller.run(['show', 'last'])).stdout;
    expect(shown).toMatch(/^result: +declined \(exit 3\)$/m);
    expect(shown).toContain('The plan was declined.');
    const [last] = JSON.parse((await controller.run(['history', '-o', 'json'])).stdout);
    expect(last).toMatchObject({ result: 'declined', exitCode: 3 });
    const { summary, end } = JSON.parse(readFileSync(report, 'utf8'));
    expect(summary).toMatch(/^The plan was declined\. Nothing changed\./);
    expect(end).toMatchObject({ declined: true });
  });

  it('is not answered by a line that came with a password', async () => {
    const words = ['run', playbook, '-i', inventory, '--confirm', '-K'];
    const { exitCode, stdout } = await controller.run(words, { types: ['word\ny', 'n'] });
    expect(stdout).toContain('The plan was declined.');
    expect(exitCode).toBe(3);
  });

  it('is not answered by what was typed while the plan was made', async () => {
    const words = ['run', playbook, '-i', inventory, '--confirm'];
    const { exitCode, stdout } = await controller.run(words, { typedBefore: ['y'], types: ['n'] });
    expect(stdout).toContain('The plan was declined.');
    expect(exitCode).toBe(3);
  });

  it('answered with no can be resumed, which asks again', async () => {
    await run('n');
    const { exitCode, stderr } = await controller.run(['resume', 'last'], { types: ['n'] });
    expect(stderr).toContain('Apply this plan?');
    expect(exitCode).toBe(3);
  });
});

describe('the question before a task', () => {
  it('is not answered by what was typed before it', async () => {
    const copy = (name: string): string => `    - copy: { dest: /${name}, content: x }\n`;
    const steps = controller.file('steps.yml', `- hosts: all\n  tasks:\n${copy('first')}${copy('second')}`);
    await controller.run(['run', steps, '-i', inventory, '--step'], { types: ['y\ny', 'n'] });
    expect(['first', 'second'].map((name) => existsSync(join(root, name)))).toEqual([true, false]);
  });
});

describe('a question with a text for an answer', () => {
  it.each(['shown', 'hidden'])('is answered from the start that came with the answer before it: %s', async (kind) => {
    const stdin = typed([]);
    const environment = { stdin, stderr: new MemoryTerminal() } as unknown as Environment;
    const ask = async (question: string) =>
      kind === 'shown' ? askText(environment, question) : (await askSecret(environment, question))?.reveal();
    stdin.write('one\ntwo\nthr');
    const answers = [await ask('first'), await ask('second')];
    stdin.write('ee\n');
    expect([...answers, await ask('third')]).toEqual(['one', 'two', 'three']);
  });

  it('is not answered from the start of one without echo', async () => {
    const stdin = typed([]);
    const environment = { stdin, stderr: new MemoryTerminal() } as unknown as Environment;
    stdin.write('one\nhush');
    const hidden = (await askSecret(environment, 'first'))?.reveal();
    stdin.write('loud\n');
    expect([hidden, await askText(environment, 'second')]).toEqual(['one', 'loud']);
  });
});

describe('the question for a password', () => {
  it('is shown once the terminal shows no more what is typed: a program answers at once', async () => {
    const happened: string[] = [];
    const stdin = Object.assign(typed(['word']), { setRawMode: (isRaw: boolean) => happened.push(`raw ${isRaw}`) });
    const stderr = new MemoryTerminal();
    stderr.onText = (text) => happened.push(text);
    const environment = { stdin, stderr } as unknown as Environment;
    expect((await askSecret(environment, 'Password'))?.reveal()).toBe('word');
    expect(happened).toEqual(['raw true', 'Password: ', 'raw false', '\n']);
  });

  it.each(ENDS)('ended with %s contacts nobody and exits as interrupted', async (_key, code) => {
    const { exitCode, stdout, stderr } = await controller.run(['run', playbook, '-i', inventory, '-K'], {
      types: [code],
    });
    expect(stderr).toBe("sudo's password: \nInterrupted. No host was contacted.\n");
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  });
});

describe('the question for the password to log in with', () => {
  it.each([
    ['-k', 'password to log in'],
    ['-K', "sudo's password"],
  ])('or for that of sudo takes no empty answer: %s', async (option, what) => {
    const words = ['run', playbook, '-i', inventory, '--no-color', option];
    const { exitCode, stdout, stderr } = await controller.run(words, { types: [''] });
    expect(stderr).toContain(`error: ${what}: nothing was typed\n`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('is asked once, its answer opens the hosts and is told nowhere', async () => {
    const secret = 'correct horse';
    const { port } = await fixture.serve({ users: { admin: { password: secret } } });
    const vars = `ansible_host=127.0.0.1 ansible_port=${port} ansible_user=admin`;
    const args = `-o UserKnownHostsFile=${fixture.known} -o GlobalKnownHostsFile=none`;
    const hosts = controller.file('ssh.ini', `one ${vars}\ntwo ${vars}\n`);
    const look = controller.file(
      'look.yml',
      '- hosts: all\n  tasks:\n    - command: echo seen\n      changed_when: false\n',
    );
    const argv = ['run', look, '-i', hosts, '--ssh-common-args', args, '-k'];
    const { exitCode, stderr } = await controller.run(argv, { types: [secret] });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'password to log in: \n' });
    expect(controller.traces).not.toContain(secret);
    const wrong = await controller.run(argv, { types: ['wrong'] });
    expect(wrong.exitCode).toBe(4);
  });

  it('needs a terminal, and says what to do without one', async () => {
    const { exitCode, stderr } = await controller.run(['run', playbook, '-i', inventory, '-k']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error: cannot ask for the password: there is no terminal');
    expect(stderr).toContain('use a key, or put the password into a variable: ansible_password');
  });
});
