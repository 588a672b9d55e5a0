import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

const MADE = ['one', 'two', 'three'];

let controller: Controller;
let inventory: string;
let root: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
});
afterAll(() => controller.close());

/** A play that makes three files, and says whether the second was left out. */
function playbook(): string {
  return controller.file(
    'play.yml',
    `- hosts: all
  tasks:
    - { name: Make one, copy: { dest: /one, content: x } }
    - { name: Make two, copy: { dest: /two, content: x }, register: two }
    - { name: Say it, debug: { msg: "two was skipped: {{ two is skipped }}" } }
    - { name: Make three, copy: { dest: /three, content: x } }
`,
  );
}

async function stepThrough(types: readonly string[], ...words: readonly string[]) {
  for (const name of MADE) rmSync(join(root, name), { force: true });
  const ended = await controller.run(['run', playbook(), '-i', inventory, '--step', '--no-color', ...words], { types });
  // A terminal may show a question more than once.
  const asked = [...new Set([...ended.stderr.matchAll(/Perform task: .*?: /g)].map(([question]) => question))];
  return { ...ended, asked, made: MADE.filter((name) => existsSync(join(root, name))) };
}

describe('--step', () => {
  it('asks before each task that is to do something, and does those with yes', async () => {
    const { exitCode, asked, made, stdout } = await stepThrough(['y', '', 'yes']);
    expect(asked).toEqual(MADE.map((name) => `Perform task: Make ${name} (here) (N)o/(y)es/(c)ontinue: `));
    expect(made).toEqual(['one', 'three']);
    expect(stdout).toContain('two was skipped: True');
    expect(stdout).toContain(' · skipped: the answer to --step was no\n');
    expect(stdout).toMatch(/here +: ok=3 +changed=2 .* skipped=1 /);
    expect(exitCode).toBe(0);
  });

  it('asks again after an answer that is none, as a typing mistake is not a no', async () => {
    const { made, exitCode } = await stepThrough(['yse', 'y', 'maybe', 'No', 'cc', 'yes']);
    expect({ made, exitCode }).toEqual({ made: ['one', 'three'], exitCode: 0 });
  });

  it('names a few of many hosts', async () => {
    const hosts = Array.from({ length: 12 }, (_, index) => `many${index + 1}`);
    const lines = hosts.map((name) => {
      mkdirSync(join(controller.directory, name));
      return `${name} ansible_connection=local kplay_rootfs=${join(controller.directory, name)}\n`;
    });
    const many = controller.file('many.ini', lines.join(''));
    const { stderr } = await controller.run(['run', playbook(), '-i', many, '--step'], { types: ['n', 'n', 'n'] });
    expect(stderr).toContain('Make one (many1, many2, many3, many4, many5, many6, many7 and 5 more) (N)o');
  });

  it('asks in words that cannot move the cursor', async () => {
    const hostile = controller.file(
      'hostile.yml',
      `- hosts: all\n  tasks: [{ name: "One\\e[2J\\nTwo", copy: { dest: /one, content: x } }]\n`,
    );
    for (const name of MADE) rmSync(join(root, name), { force: true });
    const { stderr } = await controller.run(['run', hostile, '-i', inventory, '--step'], { types: ['n'] });
    expect(stderr).toContain('Perform task: One\\x1b[2J\\nTwo (here) ');
    expect(stderr).not.toContain('\u001b[2J');
  });

  it('asks no more after continue', async () => {
    const { asked, made } = await stepThrough(['n', 'c']);
    expect(asked).toHaveLength(2);
    expect(made).toEqual(['two', 'three']);
  });

  it('asks nothing where nothing is to be done', async () => {
    await stepThrough(['c']);
    const again = await controller.run(['run', playbook(), '-i', inventory, '--step'], { types: [] });
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ended with %s does nothing more, and exits as interrupted', async (_key, code) => {
    const { exitCode, made, stderr } = await stepThrough(['y', code]);
    expect(stderr).not.toContain('bug');
    expect({ exitCode, made }).toEqual({ exitCode: 130, made: ['one'] });
  });

  it('asks after the plan was confirmed, which stays the most that is done', async () => {
    const { asked, made, stderr } = await stepThrough(['y', 'n', 'n', 'y'], '--confirm');
    expect(stderr).toContain('Apply this plan? [y/N] ');
    expect(asked).toHaveLength(3);
    expect(made).toEqual(['three']);
  });

  it('leaves out a role for good, which the plan shows once', async () => {
    controller.file('roles/base/tasks/main.yml', '- { name: Make one, copy: { dest: /one, content: x } }\n');
    const play = controller.file('roles.yml', '- hosts: all\n  roles: [base, base]\n');
    for (const name of MADE) rmSync(join(root, name), { force: true });
    const { exitCode, stdout } = await controller.run(['run', play, '-i', inventory, '--step', '--no-color'], {
      types: ['n'],
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/here +: ok=0 +changed=0 .* skipped=1 /);
    expect(existsSync(join(root, 'one'))).toBe(false);
  });

  it('asks before each task of a saved plan, which stays the most that is done', async () => {
    for (const name of MADE) rmSync(join(root, name), { force: true });
    const saved = join(controller.directory, 'saved.kplan');
    const planned = await controller.run(['plan', playbook(), '-i', inventory, '--out', saved]);
    expect(planned.exitCode).toBe(0);
    const words = ['apply', saved, '--step', '--no-color'];
    const without = await controller.run(words);
    expect(without.stderr).toMatch(/--step needs a terminal to ask on[\s\S]*when the plan was made/);
    const drawn = await controller.run([...words, '-o', 'tree'], { types: [] });
    expect([without.exitCode, drawn.exitCode]).toEqual([1, 1]);
    const { exitCode, stdout, stderr } = await controller.run(words, { types: ['y', 'n', 'y'] });
    for (const name of MADE) expect(stderr).toContain(`Perform task: Make ${name} (here) (N)o/(y)es/(c)ontinue: `);
    expect(MADE.filter((name) => existsSync(join(root, name)))).toEqual(['one', 'three']);
    expect(stdout).toMatch(/here +: ok=3 +changed=2 .* skipped=1 /);
    expect(exitCode).toBe(0);
  });

  it('asks of a handler, too', async () => {
    const notifying = controller.file(
      'notify.yml',
      `- hosts: all
  tasks:
    - { name: Make one, copy: { dest: /one, content: x }, notify: Note it }
  handlers:
    - { name: Note it, copy: { dest: /two, content: x } }
`,
    );
    for (const name of MADE) rmSync(join(root, name), { force: true });
    const { stderr } = await controller.run(['run', notifying, '-i', inventory, '--step'], { types: ['y', 'n'] });
    expect(stderr).toContain('Perform task: Note it (here) ');
    expect(existsSync(join(root, 'two'))).toBe(false);
  });

  it.each([
    ['without a terminal', [], '--step needs a terminal to ask on'],
    ['with a plan only', ['--check'], "option '--step' cannot be used with option '-C, --check'"],
    [
      'with clusters side by side',
      ['--clusters', '2'],
      "option '--step' cannot be used with option '--clusters <number>'",
    ],
  ])('is refused %s', async (_where, words, message) => {
    const { exitCode, stderr } = await controller.run(['run', playbook(), '-i', inventory, '--step', ...words]);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  });

  it.each([
    ['on a screen that is drawn over', ['-o', 'tree'], '-o tree'],
    ['where nobody may be there to answer', ['--window', 'wait'], '--window wait and --step cannot be combined'],
  ])('is refused %s', async (_where, words, message) => {
    const { exitCode, stderr } = await stepThrough([], ...words);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  });
});
