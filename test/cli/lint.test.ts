import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LINT_RULES } from '../../src/cli/lint/rules.ts';
import { Controller } from './support/controller.ts';

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
});
afterAll(() => controller.close());

interface Found {
  readonly rule: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

async function lint(text: string, inventory?: string, ...words: readonly string[]): Promise<readonly Found[]> {
  const playbook = controller.file('play.yml', text);
  const sources = inventory === undefined ? [] : ['-i', controller.file('hosts.yml', inventory)];
  const { exitCode, stdout, stderr } = await controller.run(['lint', playbook, ...sources, '-o', 'json', ...words]);
  expect(stderr).toBe('');
  const { findings } = JSON.parse(stdout);
  expect(exitCode).toBe(findings.length > 0 ? 2 : 0);
  return findings;
}

const task = (lines: string) =>
  `- hosts: all\n  tasks:\n    - name: One\n      ${lines.replaceAll('\n', '\n      ')}\n`;
const rules = (findings: readonly Found[]) => findings.map(({ rule, line }) => `${line} ${rule}`);

describe('kplay lint', () => {
  it.each([
    ['- hosts: all\n  tasks:\n    - debug: { msg: hello }\n', ['3 unnamed-task']],
    [task('command: systemctl restart kubelet'), ['4 command-for-step']],
    [task('command: { argv: [kubeadm, certs, renew, all] }'), ['4 command-for-step']],
    [task('shell: sleep 30'), ['4 command-for-step']],
    [task('shell: echo hello > /etc/motd'), ['4 command-for-step']],
    [task('command: uptime'), ['4 command-always-changes']],
    [task('command: sudo -n uptime\nchanged_when: false'), ['4 sudo-in-command']],
    [task('certs.regenerate: {}\nignore_errors: true'), ['5 ignored-failure']],
    [task('debug: { msg: hello }\nvars: { unused: 1 }'), ['5 unread-variable']],
    [task('command: uptime\nchanged_when: false\nregister: load'), ['6 unread-variable']],
    [task('debug: msg=hello'), ['4 no-free-form']],
    [task('debug: { msg: x }\nwhen: "{{ true }}"'), ['5 no-jinja-when']],
    [task('debug: { msg: "{{ item }}" }\nwith_items: [a]'), ['5 with-items']],
    [task('debug: { msg: "{{ word }}" }\nvars: { word: yes }'), ['5 truthy']],
    [task('command: uptime\nchanged_when: no\nfailed_when: [no, False]'), ['5 truthy', '6 truthy', '6 truthy']],
    [task('debug: { msg: "{{ vars[\'one\'] }}" }\nvars: { one: 1, in_b: 1 }'), ['5 unread-variable']],
    [task('debug: { msg: "{{ hostvars[groups[\'all\'][0]].one }}" }\nvars: { in_b: 1 }'), ['5 unread-variable']],
  ])('finds, in %j, %j', async (text, found) => {
    expect(rules(await lint(text))).toEqual(found);
  });

  it('leaves out the rules that kplay.yml names', async () => {
    onTestFinished(() => controller.remove('kplay.yml'));
    controller.file('kplay.yml', 'commands: { lint: { skip: [no-free-form, unnamed-task] } }\n');
    expect(rules(await lint('- hosts: all\n  tasks:\n    - debug: msg=hello\n    - command: uptime\n'))).toEqual([
      '4 command-always-changes',
    ]);
  });

  it.each([
    [task('debug: { msg: hello }\nvars:\n  unused: [1, 2]\n  other:\n    a: 1'), ['6:9', '7:9']],
    ['- hosts: all\n  vars: { "unused": 1 }\n  tasks: [{ name: Look, certs.check: {} }]\n', ['2:11']],
    [task('command: uptime\nchanged_when: false\nregister: load'), ['6:17']],
  ])('points at the names of variables that nothing reads, in %j', async (text, places) => {
    expect((await lint(text)).map(({ line, column }) => `${line}:${column}`)).toEqual(places);
  });

  it.each([
    task('command: uptime\nchanged_when: false'),
    task('command: { cmd: touch /etc/x, creates: /etc/x }'),
    task('shell: echo 10.0.0.1 m1 >> /etc/hosts\nchanged_when: true'),
    task('shell: echo 1 > /proc/sys/net/ipv4/ip_forward\nchanged_when: true'),
    task('shell: cat /etc/a.crt /etc/b.crt > /etc/chain.crt\nchanged_when: true'),
    task('command: sudo -u postgres psql -c checkpoint\nchanged_when: true'),
    task('command: systemctl --user restart app\nchanged_when: true'),
    '- hosts: all\n  vars: { read: 1, which: a }\n  tasks:\n    - name: More\n      include_tasks: "{{ which }}.yml"\n',
    task('debug: { msg: "{{ vars[\'in_\' ~ where] }}" }\nvars: { where: a, in_a: 1, in_b: 1 }'),
    task('debug: { msg: "{{ hostvars[inventory_hostname][one] }}" }\nvars: { one: two, two: 1 }'),
    task('debug: { msg: "{{ hostvars[groups[\'all\'][0]][one] }}" }\nvars: { one: two, two: 1 }'),
    task('service: { name: kubelet, state: restarted }'),
    task('debug: { msg: hello }\nignore_errors: true'),
    task('debug: { msg: "{{ word }}" }\nvars: { word: 1 }'),
    task('command: echo systemctl restart x\nchanged_when: false'),
    // Parameters of steps are taken from it.
    '- hosts: all\n  vars: { renew_before: 60d }\n  tasks: [{ name: Look, certs.check: {} }]\n',
  ])('has nothing to say of %j', async (text) => {
    expect(await lint(text)).toEqual([]);
  });

  it.each([
    ['- include_tasks: last.yml\n  when: "{{ flag }}"\n', ['2 no-jinja-when']],
    ['- import_tasks: last.yml\n  when: "{{ flag }}"\n', ['2 no-jinja-when']],
    ['- include_tasks: last.yml\n  with_items: [a]\n  when: flag\n', ['2 with-items']],
    ['- meta: noop\n  when: "{{ flag }}"\n', ['2 no-jinja-when']],
    ['- include_tasks: last.yml\n  when: flag\n', []],
  ])('reads a file of tasks of which none carries out a step, too: %j', async (text, found) => {
    controller.file('last.yml', '- { name: Last, debug: { msg: hello } }\n');
    controller.file('between.yml', text);
    const play = '- hosts: all\n  vars: { flag: true }\n  tasks: [{ include_tasks: between.yml }]\n';
    expect(rules(await lint(play))).toEqual(found);
  });

  it('finds what a play hides of the inventory', async () => {
    const play =
      '- hosts: all\n  vars: { word: play, same: 1 }\n  tasks: [{ name: One, debug: { msg: "{{ word }}{{ same }}" } }]\n';
    const inventory = 'all: { hosts: { m1: }, vars: { word: inventory, same: 1 } }\n';
    const [finding, ...others] = await lint(play, inventory);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'hidden-variable', line: 2 });
    expect(finding?.message).toMatch(/^word of m1 differs from the inventory \(.*hosts\.yml:1:\d+\)/);
  });

  it('finds what two groups contest, and not what a group says more exactly than one above it', async () => {
    const play = task('debug: { msg: "{{ word }}" }');
    const contested = `
a: { hosts: { m1: }, vars: { word: a } }
b: { hosts: { m1: }, vars: { word: b } }
`;
    const found = await lint(play, contested);
    expect(rules(found)).toEqual(['2 contested-variable']);
    expect(found[0]?.message).toMatch(/^word of m1 comes from the group b \(.*\), not from a$/);
    const nested = 'a: { children: { b: { hosts: { m1: }, vars: { word: b } } }, vars: { word: a } }\n';
    expect(await lint(play, nested)).toEqual([]);
    const own = contested.replace('{ m1: }', '{ m1: { word: own } }');
    expect(await lint(play, own)).toEqual([]);
  });

  it('leaves out the rules that are not wanted', async () => {
    expect(await lint(task('command: uptime'), undefined, '--skip', 'command-always-changes')).toEqual([]);
    const { exitCode, stderr } = await controller.run(['lint', 'play.yml', '--skip', 'nothing']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The rules are unnamed-task');
  });

  it('shows places, and writes SARIF', async () => {
    const playbook = controller.file('play.yml', task('command: uptime'));
    const { exitCode, stdout } = await controller.run(['lint', playbook]);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('this command reports a change every time [command-always-changes]');
    expect(stdout).toContain(`${playbook}:4:7`);
    const sarif = JSON.parse((await controller.run(['lint', playbook, '-o', 'sarif'])).stdout);
    const [{ tool, results }] = sarif.runs;
    expect(tool.driver.rules[results[0].ruleIndex].id).toBe('command-always-changes');
    expect(results[0].locations[0].physicalLocation.region).toEqual({ startLine: 4, startColumn: 7 });
  });

  it('shows them in colour, where that is wanted', async () => {
    const playbook = controller.file('play.yml', task('command: uptime'));
    const shown = async (...words: readonly string[]) => {
      const { stdout } = await controller.run(['lint', playbook, ...words], { variables: { FORCE_COLOR: '1' } });
      return stdout.includes('\u001b[');
    };
    expect([await shown(), await shown('--no-color')]).toEqual([true, false]);
  });

  const WRONG = `- hosts: all
  tasks:
    - name: One
      debug: { msg: "{{ x | nosuch }}" }
      notify: none
    - name: Two
      wait_for: { port: abc, timeout: 9x }
      when: "a ="
    - name: Three
      debug: { msg: "{{ open" }
`;

  it.each([
    ['of a playbook', WRONG, 6, 'all: { hosts: { m1: } }\n'],
    ['of variables', task('debug: { msg: "{{ nowhere }}" }'), 1, 'all: { hosts: { m1: } }\n'],
    ['of how a host is reached', task('debug: { msg: x }'), 1, 'all: { hosts: { m1: { ansible_port: x } } }\n'],
  ])('says what is wrong %s in the words of kplay validate', async (_, text, count, hosts) => {
    const words = [controller.file('play.yml', text), '-i', controller.file('hosts.yml', hosts)];
    const validated = await controller.run(['validate', ...words]);
    expect(validated.stderr.match(/^error: /gm)).toHaveLength(count);
    expect(await controller.run(['lint', ...words])).toEqual(validated);
    expect(validated.exitCode).toBe(1);
  });

  it('tells what is wrong in SARIF, too, each at its line and what no line says at the playbook', async () => {
    const playbook = controller.file('play.yml', WRONG);
    const words = ['lint', playbook, '-e', '@/nowhere.yml', '-o', 'sarif'];
    const { exitCode, stdout } = await controller.run(words, {
      variables: { GITHUB_WORKSPACE: join(controller.directory, '..') },
    });
    expect(exitCode).toBe(1);
    const [{ tool, results }] = JSON.parse(stdout).runs;
    expect(tool.driver.rules).toMatchObject([{ id: 'wrong-input' }]);
    const uri = `${basename(controller.directory)}/play.yml`;
    const places = results.map(
      ({ locations }: { locations: { physicalLocation: Record<string, unknown> }[] }) => locations[0]?.physicalLocation,
    );
    expect(places).toHaveLength(7);
    expect(places[0]).toEqual({ artifactLocation: { uri } });
    expect(places[1]).toMatchObject({ artifactLocation: { uri }, region: { startLine: 4 } });
    expect(results).toMatchObject(Array(7).fill({ ruleId: 'wrong-input', ruleIndex: 0, level: 'error' }));
  });

  it('says without an inventory what is wrong whatever the hosts are', async () => {
    const { exitCode, stderr } = await controller.run(['lint', controller.file('play.yml', WRONG)]);
    expect(stderr.match(/^error: /gm)).toHaveLength(6);
    expect(exitCode).toBe(1);
  });

  it('changes nothing with --fix where something is wrong', async () => {
    const text = task('debug: msg="{{ open"');
    const playbook = controller.file('play.yml', text);
    expect((await controller.run(['lint', playbook, '--fix'])).exitCode).toBe(1);
    expect(readFileSync(playbook, 'utf8')).toBe(text);
  });

  it('knows the variables of -e', async () => {
    const findings = await lint(task('debug: { msg: "{{ word }}" }'), 'all: { hosts: { m1: } }\n', '-e', 'word=x');
    expect(findings).toEqual([]);
  });

  it('reads them without an inventory, too', async () => {
    const playbook = controller.file('play.yml', task('debug: { msg: x }'));
    const { exitCode, stderr } = await controller.run(['lint', playbook, '-e', '@nowhere.yml']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('nowhere.yml')]);
  });

  it('warns as kplay validate does', async () => {
    const playbook = controller.file('play.yml', task('debug: { msg: x }'));
    const hosts = controller.file('hosts.yml', 'all: { hosts: { m1: { ansible_hots: 127.0.0.1 } } }\n');
    const validated = await controller.run(['validate', playbook, '-i', hosts]);
    expect(validated.stderr).toContain('ansible_hots');
    const { exitCode, stdout, stderr } = await controller.run(['lint', playbook, '-i', hosts]);
    expect(stderr).toBe(validated.stderr);
    expect([exitCode, stdout]).toEqual([0, `${playbook}: no findings.\n`]);
  });

  it('says nothing of what a rule that is left out would find', async () => {
    expect(await lint(task('debug: { msg: x }\nwhen: "{{ true }}"'), undefined, '--skip', 'no-jinja-when')).toEqual([]);
  });

  it('says where a playbook cannot be read', async () => {
    const { exitCode, stderr } = await controller.run(['lint', controller.file('bad.yml', '- hosts: [\n')]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('bad.yml');
  });

  it('has nothing to say of the playbooks that ship with kplay', async () => {
    for (const name of ['renew-certs.yml', 'check-certs.yml', 'rollback.yml']) {
      const { stdout } = await controller.run(['lint', join('playbooks', name)]);
      expect(stdout).toBe(`playbooks/${name}: no findings.\n`);
    }
  });

  it('has a section of the documentation for each rule', () => {
    const text = readFileSync('docs/lint.md', 'utf8');
    const sections = [...text.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(Object.keys(LINT_RULES));
  });
});
