import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { looksSecret } from '../../src/cli/inputs/secret-variables.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
let root: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
});
afterAll(() => controller.close());

const PASSWORD = 'Correct-Horse-7';

const PLAYBOOK = `- hosts: all
  vars:
    url: "db://u:{{ db_password }}@h"
  tasks:
    - name: Write
      copy: { dest: /conf, content: "{{ url }} {{ db_password | b64encode }} {{ db_password | upper }} {{ users[0].password }}" }
    - name: Run
      command: { argv: [echo, "{{ db_password }}", "{{ ansible_become_password }}"] }
      register: said
    - name: Tell
      debug: { msg: "{{ said.stdout }} {{ db_password | lower }}" }
    - name: Fail
      command: { argv: [sh, -c, "echo {{ db_password }} >&2; exit 1"] }
`;

const SECRETS = [
  PASSWORD,
  PASSWORD.toUpperCase(),
  PASSWORD.toLowerCase(),
  Buffer.from(PASSWORD).toString('base64'),
  'Ann-Battery-8',
  'Root-Staple-9',
];

describe('secrets of a run', () => {
  it('stand in no plan, report, event or journal, however templates use them, and reach the host', async () => {
    const secrets = controller.file(
      'secrets.yml',
      `users: [{ name: ann, password: Ann-Battery-8 }]\ndb_password: ${PASSWORD}\nansible_become_password: Root-Staple-9\n`,
      0o600,
    );
    const playbook = controller.file('secret.yml', PLAYBOOK);
    const words = ['-i', inventory, '-e', `@${secrets}`];
    const plan = join(controller.directory, 'secret.kplan');
    expect((await controller.run(['plan', playbook, ...words, '--out', plan, '-D', '-v'])).exitCode).toBe(0);
    expect((await controller.run(['apply', plan, '-D', '-vv'])).exitCode).toBe(2);
    for (const output of ['plain', 'json'])
      expect((await controller.run(['run', playbook, ...words, '-o', output, '-D', '-vv'])).exitCode).toBe(2);
    for (const secret of SECRETS) expect(controller.traces).not.toContain(secret);
    expect(readFileSync(join(root, 'conf'), 'utf8')).toContain(`db://u:${PASSWORD}@h`);
  });

  it('are answers to private questions, too, and what templates make of them', async () => {
    const answer = 'Quiet-Meadow-4';
    const playbook = controller.file(
      'private.yml',
      `- hosts: all
  vars_prompt: [{ name: pin, prompt: Pin }]
  vars: { derived: "x{{ pin | upper }}" }
  tasks:
    - command: { argv: [echo, "{{ pin | upper }}", "{{ pin | hash('sha256') }}", "{{ pin[:11] }}", "{{ derived | reverse }}"] }
`,
    );
    const words = ['-i', inventory, '-e', `pin=${answer}`, '-D', '-vv'];
    expect((await controller.run(['run', playbook, ...words])).exitCode).toBe(0);
    const backwards = [...`x${answer.toUpperCase()}`].reverse().join('');
    const hash = createHash('sha256').update(answer).digest('hex');
    for (const made of [answer, answer.toUpperCase(), answer.slice(0, 11), hash, backwards])
      expect(controller.traces).not.toContain(made);
  });

  it('stand in no error about what templates make of them', async () => {
    const playbook = controller.file(
      'made-wrong.yml',
      `- hosts: all
  vars: { db_password: Soft-Valley }
  tasks:
    - wait_for: { port: "{{ db_password | upper }}" }
    - service: { name: ssh, state: "{{ db_password | hash('sha256') }}" }
`,
    );
    const { exitCode, stderr } = await controller.run(['plan', playbook, '-i', inventory]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("port must be a whole number from 1 to 65535, not '***'");
    expect(stderr).not.toContain(createHash('sha256').update('Soft-Valley').digest('hex').slice(0, 20));
  });

  it('are what hooks make of them', async () => {
    const playbook = controller.file(
      'hook.yml',
      `- hosts: all
  vars: { db_password: Quiet-Harbour-5 }
  on_start: [{ command: { argv: [sh, -c, "echo {{ db_password | upper }} >&2; exit 1"] } }]
  tasks: [{ command: "true" }]
`,
    );
    const { stdout } = await controller.run(['run', playbook, '-i', inventory]);
    expect(stdout).toContain("on_start: 'command' failed: it ended with 1: ***");
    expect(controller.traces).not.toContain('QUIET-HARBOUR-5');
  });

  it('are not the words between which one only chooses', async () => {
    const playbook = controller.file(
      'choice.yml',
      `- hosts: all
  vars_prompt: [{ name: answer, prompt: Really }]
  tasks:
    - command: { argv: [echo, "{{ (answer == 'Quiet-Door-7') | ternary('restarting', 'left') }}", "{{ true | ternary(answer | upper, '') }}"] }
`,
    );
    const { stdout } = await controller.run(['plan', playbook, '-i', inventory, '-e', 'answer=Quiet-Door-7', '-vv']);
    expect(stdout).toContain('echo restarting ***');
  });

  it('are not quoted in part where they hold what a shell would replace', async () => {
    const playbook = controller.file(
      'shell-form.yml',
      '- hosts: all\n  vars: { db_password: "ab-$Silent_Harbour" }\n  tasks: [{ command: "echo -p{{ db_password }}" }]\n',
    );
    const { exitCode, stdout } = await controller.run(['plan', playbook, '-i', inventory]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('there is no shell that replaces $…, which a template yields');
    expect(controller.traces).not.toContain('Silent_Harbour');
  });

  it('are known where a quotation ends in the middle of them', async () => {
    const token = randomBytes(60).toString('hex');
    const commands = [0, 1, 13, 30, 59, 70, 74, 90].map(
      (length) => `    - command: { argv: [echo, "${'x'.repeat(length)}{{ api_token }}"] }\n`,
    );
    const wrong = [
      '{{ api_token | int }}',
      '{{ api_token | bool }}',
      "{{ api_token is version('1', strict=true) }}",
    ].map((text) => `    - debug: { msg: "${text}" }\n      when: said is defined\n      ignore_errors: true\n`);
    const mode = `    - copy: { dest: /conf, content: x, mode: "{{ api_token if said is defined }}" }\n`;
    const run = `    - { command: "true", register: said }\n`;
    for (const tasks of [commands.join(''), ...wrong.map((task) => run + task), run + mode]) {
      const playbook = controller.file('cut.yml', `- hosts: all\n  tasks:\n${tasks}`);
      const words = ['-i', inventory, '-e', `api_token=${token}`];
      const { stdout, stderr } = await controller.run(['run', playbook, ...words, '-o', 'plain', '-vv']);
      expect(stdout + stderr).toContain('***…');
    }
    const pieces = Array.from({ length: token.length - 7 }, (_, at) => token.slice(at, at + 8));
    expect(pieces.filter((piece) => controller.traces.includes(piece))).toEqual([]);
  });

  it('leave a saved plan that applies to what it was made on', async () => {
    const secrets = controller.file('more.yml', `api_token: ${PASSWORD}\n`, 0o600);
    const playbook = controller.file(
      'token.yml',
      '- hosts: all\n  tasks:\n    - copy: { dest: /token, content: "{{ api_token }}" }\n',
    );
    const plan = join(controller.directory, 'token.kplan');
    const made = await controller.run(['plan', playbook, '-i', inventory, '-e', `@${secrets}`, '--out', plan]);
    expect(made.exitCode).toBe(0);
    const { exitCode, stdout } = await controller.run(['apply', plan]);
    expect(exitCode, stdout).toBe(0);
    expect(readFileSync(join(root, 'token'), 'utf8')).toBe(`${PASSWORD}\n`);
  });

  it('that only a file on a host contains stand in no event, report or journal', async () => {
    const path = join(root, 'service.conf');
    writeFileSync(path, 'user: ann\npassword: Host-Secret-1\n');
    const playbook = controller.file(
      'service.yml',
      '- hosts: all\n  tasks:\n    - copy: { dest: /service.conf, content: "user: ann\\npassword: Play-Secret-2\\n" }\n',
    );
    const report = join(controller.directory, 'service.json');
    for (const words of [['plan'], ['plan', '-o', 'json'], ['run', '-D'], ['run', '-o', 'json', '-D']]) {
      writeFileSync(path, 'user: ann\npassword: Host-Secret-1\n');
      const [command = '', ...options] = words;
      const run = await controller.run([command, playbook, '-i', inventory, ...options, '--report', `json=${report}`]);
      expect(run.exitCode, run.stdout).toBe(0);
      for (const text of [controller.traces, readFileSync(report, 'utf8')])
        for (const secret of ['Host-Secret-1', 'Play-Secret-2']) expect(text).not.toContain(secret);
      expect(readFileSync(report, 'utf8')).toContain('password: ***');
      if (options[0] === '-D') expect(run.stdout).toContain('/service.conf: only hidden values differ');
    }
    expect(readFileSync(path, 'utf8')).toContain('Play-Secret-2');
  });

  it.each<[string, before: string, after: string]>([
    ['secret variables', 'token Old-Battery-1', 'token New-Battery-2'],
    [
      'private keys',
      '-----BEGIN PRIVATE KEY-----\nT2xk\n-----END PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----\nTmV3\n-----END PRIVATE KEY-----',
    ],
  ])('are what a file differs in, where that is all: %s', async (_what, before, after) => {
    const playbook = controller.file(
      'differs.yml',
      `- hosts: all\n  tasks: [{ copy: { dest: /differs, content: ${JSON.stringify(`${after}\n`)} } }]\n`,
    );
    writeFileSync(join(root, 'differs'), `${before}\n`);
    const vars = ['-e', 'old_token=Old-Battery-1', '-e', 'new_token=New-Battery-2'];
    const report = join(controller.directory, 'differs.html');
    const { stdout } = await controller.run([
      ...['plan', playbook, '-i', inventory, '-D', '-o', 'plain', ...vars, '--report', `html=${report}`],
    ]);
    expect(stdout).toContain('/differs: only hidden values differ');
    expect(readFileSync(report, 'utf8')).toContain('only hidden values differ');
    for (const text of [before, after]) expect(stdout).not.toContain(text.split('\n').at(1) ?? text);
  });

  it.each([
    ['a=1 db_password=x', true],
    ['db_password=x', true],
    ['{"a": 1, "db_password": "x"}', true],
    ['{"db": {"password": "x"}}', true],
    ['db_pw=x', true],
    ['db_pwd=x', true],
    ['pwd=/srv', false],
    ['tls_private_key_mode=0600', false],
    ['tls_private_key=x', true],
    ['kubeadm_certificate_key=x', true],
    ['ssl_certificate_key=/x', false],
    ['wifi_psk=x', true],
    ['{"bearer": "x"}', true],
    ['a: 1', false],
    ['pwdump=x', false],
    ['private_key_file=/x', false],
    ['password_file=/x', false],
    ['renew_before=all', false],
    ['bypass=true', false],
    ['@secrets.yml', false],
    ['repo=https://bob:hunter2pass@git.example/r', true],
    ['repo=https://git.example/r', false],
    ['{"text": "-----BEGIN PRIVATE KEY-----"}', true],
    ['{"text": "-----BEGIN RSA PRIVATE KEY-----"}', true],
    ['dsn=amqp://u:Tr0ub,dor@mq/', true],
    [`dsn=amqp://u:Tr0ub'dor@mq/`, true],
    ['{"text": "-----BEGIN OpenVPN Static key V1-----"}', true],
    ['{"ca_bundle": "-----BEGIN CERTIFICATE-----"}', false],
    ['{"url":"http://10.0.0.1:8080","mail":"ops@example.com"}', false],
  ])('are looked for in -e %s', (text, expected) => {
    expect(looksSecret(text)).toBe(expected);
  });
});
