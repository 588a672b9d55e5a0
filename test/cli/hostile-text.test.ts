import { afterAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

const controller = new Controller();
const { inventory } = localHost(controller);
afterAll(() => controller.close());

/** Texts that were taken for the ends of something around them, or hold what must not be shown. */
const TEXTS: readonly (readonly [what: string, text: string, hidden?: string])[] = [
  ['a key that does not end', '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA', 'MIIEowIBAAKCAQEA'],
  ['a key that does not end, in the last word', 'x","y":{"-----BEGIN RSA PRIVATE KEY-----'],
  ['the data of a key that is none', 'client-key-data: abcdef", "type": "x', 'abcdef'],
  ['the data of a key in JSON', '{"client-key-data": "QUJDREVG"}', 'QUJDREVG'],
  ['the data of a key over lines', 'client-key-data: >-\n    QUJDREVG\n    R0hJSktM\n  name: x', 'R0hJSktM'],
  ['a name of an object', '__proto__": {"constructor": "'],
  ['backslashes', '\\"\\u0000\\\\'],
];

describe('a run whose host says', () => {
  it.each(TEXTS)('%s goes on, tells it and hides what is to be hidden', async (_what, text, hidden) => {
    const words = JSON.stringify(['printf', '%s\\n', text]);
    const playbook = controller.file(
      'says.yml',
      `- hosts: all
  tasks:
    - name: Say
      command: { argv: ${words} }
      register: said
    - name: Tell
      debug: { msg: "{{ said.stdout }}" }
    - name: Tell by lines
      debug: { msg: "{{ said.stdout_lines }}" }
    - name: Fail
      command: { argv: ["sh", "-c", "cat >&2; exit 1"], stdin: "{{ said.stdout }}" }
`,
    );
    for (const output of ['plain', 'json']) {
      const { exitCode, stdout, stderr } = await controller.run([
        'run',
        playbook,
        '-i',
        inventory,
        '-o',
        output,
        '-vv',
      ]);
      expect(stderr).toBe('');
      expect(exitCode).toBe(2);
      expect(stdout).toMatch(output === 'plain' ? /^here : ok=3/m : /"type":"run-finished"/);
      if (output === 'json') for (const line of stdout.trim().split('\n')) JSON.parse(line);
    }
    if (hidden !== undefined) expect(controller.traces).not.toContain(hidden);
  });
});

/** A playbook whose host says a text that is then told and written again in all ways. @param more what is written after it, as YAML has it */
function saying(name: string, text: string, more: string): string {
  const words = JSON.stringify(['printf', '%s\\n', text]);
  return controller.file(
    `${name}.yml`,
    `- hosts: all
  tasks:
    - name: Say
      command: { argv: ${words} }
      register: said
    - name: Tell
      debug: { msg: "{{ said.stdout }}" }
    - name: Tell by lines
      debug: { msg: "{{ said.stdout_lines }}" }
    - name: Write
      copy: { content: "{{ said.stdout }}", dest: /${name}.txt }
    - name: Write more
      copy: { content: "{{ said.stdout }}${more}", dest: /${name}.txt }
    - name: Fail
      command: { argv: ["sh", "-c", "cat >&2; exit 1"], stdin: "{{ said.stdout }}" }
`,
  );
}

/** What the log of a job would obey: https://github.com/actions/runner, src/Runner.Common/ActionCommand.cs. */
const COMMANDS = [
  '::set-output name=a::b',
  '   ::add-mask::zz',
  'x ##[add-mask]b',
  '##vso[task.setvariable variable=a]b',
  '\u2028::error::x',
].join('\n');

it('a host cannot command the CI system that reads the log', async () => {
  const playbook = saying('commands', COMMANDS, '\\n::set-output name=c::d');
  for (const output of ['plain', 'tree', 'json']) {
    const argv = [
      'run',
      playbook,
      '-i',
      inventory,
      '-o',
      output,
      '-vvv',
      '--diff',
      '--report',
      'github',
      '--report',
      'gitlab',
    ];
    const { exitCode, stdout, stderr } = await controller.run(argv);
    expect(exitCode).toBe(2);
    const lines = `${stdout}${stderr}`.split(/\r?\n|\r/);
    expect(
      lines.filter(
        (line) =>
          /##\w*\[/.test(line) ||
          /^\s*::(?!group::|endgroup::|error (?:file=commands.yml,line=\d+,col=\d+,)?title=)\S+.*::/.test(line),
      ),
    ).toEqual([]);
    expect(stdout).toContain(output === 'json' ? String.raw`\u0023#[add-mask]` : String.raw`\x23#[add-mask]`);
  }
});

/** What terminals obey, with ESC before it, and in one character (C1); what reorders a line; what moves the cursor. */
const CONTROLS = [
  '\u001b]0;title\u0007',
  '\u001b[2Jgone',
  '\u009b31mred',
  '\u202ereversed',
  'back\b\b\bspace',
  'over\rwritten',
  '\u2028line',
  'x ##[add-mask]b',
].join('\n');
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|##\[/u;

it('what a host says reaches no terminal unescaped, while it runs or afterwards', async () => {
  const playbook = saying('controls', CONTROLS, ', and more');
  const run = ['run', playbook, '-i', inventory, '-vvv', '--diff', '--no-color'];
  const looks = ['show', 'logs', 'history'].map((command) => [command, ...(command === 'history' ? [] : ['last'])]);
  const lines = [...['plain', 'tree', 'json'].map((output) => [...run, '-o', output])];
  lines.push(...looks, ...looks.map((words) => [...words, '-o', 'json']));
  for (const line of lines) {
    const { stdout, stderr } = await controller.run(line);
    expect(stdout).not.toBe('');
    const shown = `${stdout}${stderr}`;
    for (const control of CONTROLS.split('\n')) expect(shown).not.toContain(control);
    // The tree moves the cursor itself.
    if (!line.includes('tree')) expect(shown.split('\n').filter((one) => OBEYED.test(one))).toEqual([]);
  }
});
