import { describe, expect, test } from 'vitest';
import { formatPosition } from '../../src/core/source.ts';
import { treeToJson } from '../../src/core/yaml/yaml.ts';
import { moduleReplacement } from '../../src/playbook/foreign-modules.ts';
import { stepTasksOf } from '../../src/playbook/step-tasks.ts';
import { playbookWith, read, taskOf } from './support/playbooks.ts';

describe('a task', () => {
  test('has what it says', () => {
    const task = taskOf(
      [
        'name: Regenerate certificates',
        'certs.regenerate: { method: auto }',
        'when: due',
        'tags: certs',
        'register: made',
        'loop: [a, b]',
        'loop_control: { loop_var: host, label: "{{ host }}" }',
        'vars: { x: 1 }',
        'become: false',
        'ignore_errors: true',
        'changed_when: false',
        'failed_when: [a, b is c]',
        'no_log: true',
      ].join('\n'),
    );
    expect(task).toMatchObject({
      kind: 'step',
      name: { value: 'Regenerate certificates' },
      step: { value: 'certs.regenerate' },
      when: [{ value: 'due' }],
      tags: [{ value: 'certs' }],
      register: { value: 'made' },
      loopControl: { loopVar: { value: 'host' }, label: { value: '{{ host }}' } },
      become: { value: false },
      ignoreErrors: { value: true },
      changedWhen: [{ value: 'false' }],
      failedWhen: [{ value: 'a' }, { value: 'b is c' }],
      noLog: { value: true },
    });
    expect(treeToJson(task.params)).toEqual({ method: 'auto' });
    expect(task.loop && treeToJson(task.loop)).toEqual(['a', 'b']);
    expect([...task.vars.keys()]).toEqual(['x']);
  });

  test('has the parameters in args that are not below its step', () => {
    const task = taskOf('certs.regenerate: { method: auto }\nargs: { method: native, renew_before: 30d }');
    expect(treeToJson(task.params)).toEqual({ method: 'auto', renew_before: '30d' });
    expect(task).not.toHaveProperty('args');
  });

  test('without most of it, has defaults and nothing else', () => {
    const task = taskOf('certs.delete:');
    expect(Object.keys(task).sort()).toEqual([
      'kind',
      'name',
      'notify',
      'params',
      'range',
      'step',
      'tags',
      'vars',
      'when',
    ]);
    expect(task).toMatchObject({ name: { value: 'certs.delete' }, when: [], tags: [], params: { entries: [] } });
  });

  test('knows where everything stands', () => {
    const task = taskOf('name: x\ncerts.check: { renew_before: 30d }\nwhen:\n  - a\n  - "b"\nregister: r');
    const [parameter] = task.params.entries;
    expect(
      [task.name, task.step, task.params, parameter?.value, ...task.when, task.register].map(
        (part) => part && formatPosition(part.range),
      ),
    ).toEqual(['p.yml:3:13', 'p.yml:4:7', 'p.yml:4:20', 'p.yml:4:36', 'p.yml:6:11', 'p.yml:7:11', 'p.yml:8:17']);
    expect(formatPosition(task.range)).toBe('p.yml:3:7');
  });

  test('takes what it shares from an anchor', () => {
    const { playbook, problems } = read(
      '- hosts: all\n  tasks:\n    - &a { certs.backup: { to: /x }, become: true }\n    - { <<: *a, become: false }\n',
    );
    expect(problems).toEqual([]);
    expect(playbook?.plays.flatMap(stepTasksOf).map(({ step, become }) => [step.value, become?.value])).toEqual([
      ['certs.backup', true],
      ['certs.backup', false],
    ]);
  });
});

describe('a step', () => {
  test.each([
    ['ansible.builtin.command: uptime', 'command', { cmd: 'uptime' }],
    ['command: uptime', 'command', { cmd: 'uptime' }],
    ['command: "{{ x }}"', 'command', { cmd: '{{ x }}' }],
    ['command: true', 'command', { cmd: true }],
    ['command: { cmd: uptime, chdir: / }', 'command', { cmd: 'uptime', chdir: '/' }],
    ['command:', 'command', {}],
    ['certs.delete: {}', 'certs.delete', {}],
    ['certs.delete: ~', 'certs.delete', {}],
  ])('%s', (line, step, params) => {
    const task = taskOf(line);
    expect([task.step.value, treeToJson(task.params)]).toEqual([step, params]);
  });

  test('in a text in place of a mapping, keeps the place of the text', () => {
    const [only] = taskOf('command: "uptime"').params.entries;
    expect(only && [formatPosition(only.keyRange), formatPosition(only.value.range)]).toEqual([
      'p.yml:3:16',
      'p.yml:3:16',
    ]);
  });
});

describe('a condition', () => {
  test.each([
    ['a == 1', ['a == 1']],
    ['true', ['true']],
    ['[a, false]', ['a', 'false']],
    ['|\n  a and\n  b', ['a and\nb\n']],
  ])('%j', (written, conditions) => {
    expect(taskOf(`command: x\nwhen: ${written}`).when.map(({ value }) => value)).toEqual(conditions);
  });

  test.each([
    ['"{{ a }}"', 'a'],
    ['"{{- a | bool -}}"', 'a | bool'],
  ])('in braces is understood: %s', (written, condition) => {
    const { playbook, problems } = read(playbookWith(`command: x\nwhen: ${written}`));
    expect(problems).toEqual(['warning 4:13: when is an expression already (write it without {{ and }})']);
    expect(playbook?.plays.flatMap(stepTasksOf)[0]?.when.map(({ value }) => value)).toEqual([condition]);
  });

  test.each(['"{{ a }} == 1"', '"{{ a }} == {{ b }}"', `x == '{{ a }}'`, `"'{{ a }}' in x"`])(
    'with braces inside is refused: %s',
    (written) => {
      const { playbook, problems } = read(playbookWith(`command: x\nwhen: ${written}`));
      expect(problems).toEqual(['error 4:13: when is an expression already (write it without {{ and }})']);
      // What is compiled would be told once more.
      expect(playbook?.plays.flatMap(stepTasksOf)[0]?.when ?? []).toEqual([]);
    },
  );
});

describe('a loop', () => {
  test.each(['[1, {a: b}]', '[]', '"{{ users }}"'])('%s', (written) => {
    expect(taskOf(`command: x\nloop: ${written}`).loop).toBeDefined();
  });
});

describe('mistakes in a task', () => {
  const HAS =
    'name, when, tags, vars, become, ignore_errors, ignore_unreachable, no_log, register, loop, loop_control, changed_when, … (28 in all)';
  const NAME_HINT = 'use letters, digits and _, not a digit first, and not a keyword of the expression language';
  const BELOW = 'write the parameters below it, each as name: value';
  const EXPRESSION = 'write one such as result is changed';
  const LOOP = 'loop must be a list or a string such as "{{ users }}"';
  test.each([
    ['name: x', '3:7: this task names no step (add one as a key, such as certs.check: {})'],
    ['{}', '3:7: this task names no step (add one as a key, such as certs.check: {})'],
    ['cert.check: {}', "3:7: unknown step 'cert.check' (did you mean certs.check?)"],
    ['xyzzy: {}', "3:7: unknown step 'xyzzy' (kplay steps lists the steps)"],
    ['ansible.builtin.comand: x', "3:7: unknown step 'ansible.builtin.comand' (did you mean command?)"],
    ['ansible.builtin.certs.check:', "3:7: unknown step 'ansible.builtin.certs.check' (did you mean certs.check?)"],
    [
      'certs.check:\ncerts.delete:',
      '4:7: this task names two steps, certs.check and certs.delete (a task has one step: make it two tasks)',
    ],
    [
      'command: x\ntags: ["{{ guard }}"]',
      '4:14: a tag cannot be a template (write it out: tags decide which tasks there are, before anything is known about a host)',
    ],
    ['meta: noop\nansible.builtin.meta: end_play', '4:7: this task has two meta actions (make it two tasks)'],
    ['command: x\nwen: y', "4:7: unknown keyword 'wen' (did you mean when?)"],
    ['command: x\nxyzzy: y', `4:7: unknown keyword 'xyzzy' (apart from its step, a task has ${HAS})`],
    ['certs.check:\ncerts.delet:', "4:7: unknown step 'certs.delet' (did you mean certs.delete?)"],
    [
      'certs.check:\nrenew_before: 30d',
      '4:7: renew_before is a parameter of certs.check (indent it below certs.check:)',
    ],
    ['command: x\nserial: 1', '4:7: serial is a keyword of plays, not of tasks (move it to the play)'],
    ['command: x\nbecome: y', "4:15: become must be true or false, not 'y' (write true or false)"],
    ['command: x\nregister: a-b', `4:17: register cannot be 'a-b' (${NAME_HINT})`],
    ['command: x\nregister: not', `4:17: register cannot be 'not' (${NAME_HINT})`],
    ['command: x\nwhen:', `4:12: when has no value: it must be an expression (${EXPRESSION})`],
    [
      'command: x\nrun_once: "{{ x }}"',
      "4:17: run_once must be true or false, not '{{ x }}' (templates are not allowed here, because it is read before variables are known)",
    ],
    ['command: x\ndiff: some', `4:13: diff must be true or false or a string such as "{{ dry_run }}", not 'some'`],
    ['command: x\nwhen: 5', `4:13: when must be an expression, not the number 5 (${EXPRESSION})`],
    ['command: x\nwhen: [a, [b]]', `4:17: when[1] must be an expression, not a list (${EXPRESSION})`],
    ['command: x\nwhen: ""', '4:13: when is empty (write a condition, or remove the key)'],
    ['command: x\nfailed_when: " "', '4:20: failed_when is empty (write a condition, or remove the key)'],
    ['command: x\nloop: users', `4:13: ${LOOP}, not 'users' (write "{{ users }}")`],
    ['command: x\nloop: {a: 1}', `4:13: ${LOOP}, not a mapping (turn the mapping into a list: … | dict2items)`],
    ['command: x\nloop: 5', `4:13: ${LOOP}, not the number 5`],
    [
      'command: x\nloop: [1]\nloop_control: {loop_vr: x}',
      "5:22: unknown key 'loop_vr' of loop_control (did you mean loop_var?)",
    ],
    [
      'command: x\nloop: [1]\nloop_control: {pause: soon}',
      `5:29: pause must be a number of at least 0 or a string such as "{{ pause }}", not 'soon'`,
    ],
    ['command: x\nloop: [1]\nloop_control: x', "5:21: loop_control must be a mapping, not 'x'"],
    ['certs.check: [x]', `3:20: the value of certs.check must be a mapping, not a list (${BELOW})`],
    ['certs.check: 5', `3:20: the value of certs.check must be a mapping, not the number 5 (${BELOW})`],
    [
      'certs.backup: to=/x 5',
      "3:21: the value of certs.backup must be a mapping, not 'to=/x 5' (write name: value instead of name=value, each on its own line)",
    ],
    ['command: [a]', `3:16: the value of command must be a string or a mapping, not a list (${BELOW})`],
    ['certs.delete', "3:7: a task must be a mapping, not 'certs.delete' (write - certs.delete: {})"],
    ['command uptime', "3:7: a task must be a mapping, not 'command uptime' (write a colon after command)"],
    ['do something', "3:7: a task must be a mapping, not 'do something' (write a mapping such as - certs.check: {})"],
    ['[a]', '3:7: a task must be a mapping, not a list (write a mapping such as - certs.check: {})'],
  ])('%j', (task, problem) => {
    expect(read(playbookWith(task)).problems).toEqual([`error ${problem}`]);
  });

  test('a step that is named twice in different ways is named twice', () => {
    expect(read(playbookWith('command: x\nansible.builtin.command: y')).problems).toEqual([
      'error 4:7: this task names two steps, command and command (a task has one step: make it two tasks)',
    ]);
  });

  test('loop_control without a loop is only odd', () => {
    expect(read(playbookWith('command: x\nloop_control: {label: x}')).problems).toEqual([
      'warning 3:7: loop_control has no effect without loop (remove it, or add loop)',
    ]);
  });
});

describe('what Ansible has and kplay has not', () => {
  const KEYS = ['action', 'local_action'];
  test.each(KEYS)('%s is said to be unsupported, and no step to be missing', (key) => {
    const { problems } = read(playbookWith(`${key}: x`));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^error 3:7: ${key} is not supported \\(.+\\)$`))]);
  });

  const MODULES = [
    ...['apt', 'yum', 'dnf', 'package', 'template', 'lineinfile', 'blockinfile', 'user', 'group', 'cron'],
    ...['mount', 'get_url', 'uri', 'git', 'unarchive', 'stat', 'find', 'fetch', 'synchronize', 'script', 'raw'],
    ...['systemd', 'pause', 'fail', 'setup', 'ping', 'reboot', 'sysctl'],
    ...['service_facts', 'package_facts', 'getent', 'rpm_key', 'set_stats', 'validate_argument_spec', 'alternatives'],
    ...['community.crypto.x509_certificate_info', 'community.crypto.openssl_csr'],
    ...['ansible.builtin.apt', 'ansible.posix.synchronize', 'community.general.snap', 'kubernetes.core.k8s'],
  ];
  test.each(MODULES)('%s, a module of Ansible, is answered with what to use instead', (key) => {
    const { problems } = read(playbookWith(`${key}: x`));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^error 3:7: kplay has no step '${key}' \\(.+\\)$`))]);
  });

  test.each([
    ['fail', 'assert with that: false and fail_msg:, and leave its when: as it is'],
    ['file', '{ cmd: rm -r /opt/x, removes: /opt/x }'],
    ['stat', 'failed_when: r.rc > 1, and r.rc == 0 for r.stat.exists'],
    ['slurp', 'r.stdout for r.content | b64decode'],
    ['find', 'find DIRECTORY -maxdepth 1 -type f …'],
    ['find', 'r.stdout_lines, the paths, for r.files'],
    ['raw', 'use shell'],
    ['kubernetes.core.k8s_drain', 'kubectl --kubeconfig'],
    ['archive', 'tar -czf FILE DIRECTORY'],
    ['get_url', "curl -fsSL -o FILE.new 'URL' && mv FILE.new FILE, creates: FILE"],
    ['uri', 'curl -fsSL '],
    ['systemd', 'service, with the same name, state and enabled'],
  ])('what is advised for %s has: %s', (module, advice) => {
    expect(moduleReplacement(module)).toContain(advice);
  });

  const PARTS = [
    ...['delegate_facts'],
    ...['collections', 'become_user', 'become_method', 'sudo', 'sudo_user'],
    ...['debugger', 'connection', 'port', 'remote_user'],
    ...['with_lines', 'with_random_choice'],
  ];
  test.each(PARTS)('%s is said to be unsupported', (key) => {
    const { problems } = read(playbookWith(`command: x\n${key}: x`));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^error 4:7: ${key} is not supported \\(.+\\)$`))]);
  });

  test.each([
    ['root', 'remove it: become makes root, by sudo'],
    ['deploy', 'become makes root: for the user that logs in write become: false, '],
    ['"{{ ansible_user }}"', 'become makes root: for the user that logs in write become: false, '],
  ])('become_user: %s is not taken away from a task that would then run as root', (user, hint) => {
    const { problems } = read(playbookWith(`command: x\nbecome_user: ${user}`));
    expect(problems).toEqual([expect.stringContaining(`become_user is not supported (${hint}`)]);
  });

  const OF_PLAYS = ['gather_subset', 'gather_timeout'];
  test.each(OF_PLAYS)('%s of a play is said to be unsupported', (key) => {
    const { problems } = read(`- hosts: all\n  ${key}: x\n`);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^error 2:3: ${key} is not supported \\(.+\\)$`))]);
  });
});
