import { expect, test } from 'vitest';
import { Controller } from './support/controller.ts';

const SECRET = 'hunter2-hunter2';
const PLAY = (more: string): string => `- hosts: all
${more}  tasks:
    - copy: { content: x, dest: "{{ db_password }}" }
`;

/** Each place in which a secret may be written that is no answer to a question. */
const PLACES: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['a variable of the play', PLAY(`  vars: { db_password: ${SECRET} }\n`), '', []],
  ['a variable of the inventory', PLAY(''), `db_password: ${SECRET}`, []],
  ['-e', PLAY(''), '', ['-e', `db_password=${SECRET}`]],
];

test.each(PLACES)('an error of the input does not tell a secret: %s', async (_, playbook, vars, words) => {
  const controller = new Controller();
  try {
    const play = controller.file('play.yml', playbook);
    const hosts = controller.file('hosts.yml', `all: { hosts: { a: { ${vars} } } }\n`);
    for (const command of ['run', 'plan', 'validate']) {
      const { exitCode, stdout, stderr } = await controller.run([command, play, '-i', hosts, ...words]);
      expect(exitCode).toBe(1);
      const [message = ''] = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('error'));
      expect(message).toContain('dest');
      expect(message).toContain('***');
      expect(message).not.toContain(SECRET);
    }
  } finally {
    controller.close();
  }
});

/** What is wrong beside a secret: each file by its name, and options. */
interface Mistake {
  readonly files?: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
}

const host = (vars: string): Mistake => ({ files: { 'hosts.yml': `all:\n  hosts:\n    a:\n      ${vars}\n` } });
const ini = (text: string): Mistake => ({ files: { hosts: text }, words: ['-i', 'DIR/hosts'] });
const play = (text: string): Mistake => ({ files: { 'play.yml': `- hosts: all\n${text}  tasks: []\n` } });
const task = (text: string): Mistake => ({ files: { 'play.yml': `- hosts: all\n  tasks:\n    - ${text}\n` } });
const extra = (text: string): Mistake => ({ words: ['-e', text] });

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'a password before a host': ini(`ops:${SECRET}@m1\n`),
  'a password before a host of a mapping': { files: { 'hosts.yml': `all:\n  hosts:\n    ops:${SECRET}@m1:\n` } },
  'no sign on a line of hosts': ini(`m1 ansible_password ${SECRET}\n`),
  'a space in a value without quotes': ini(`m1 ansible_password=first ${SECRET}\n`),
  'a space in -e without quotes': extra(`db_password=first ${SECRET}`),
  'a space in -e behind a part in quotes': extra(`a=1 db_password='first' ${SECRET} b=2`),
  'a tag before a value in quotes with a sign that begins a comment': host(
    `ansible_become_password: !unsafe "first #${SECRET}"`,
  ),
  'no space behind the colon': host(`ansible_password:${SECRET}`),
  'a value that goes on behind its quotes': host(`ansible_password: "abc"${SECRET}`),
  'an alias': host(`ansible_become_pass: *${SECRET}`),
  'a name in a template': host(`ansible_password: "{{ ${SECRET} }}"`),
  'a template that does not end': host(`ansible_password: "${SECRET} {{ x"`),
  'a list': host(`ansible_password: [${SECRET}]`),
  'a list at the column of its name': { files: { 'group_vars/all.yml': `admin_passwords:\n- "${SECRET} {{ x"\n` } },
  'a loop at the column of its name in a task that is to be told nowhere': task(
    `debug:\n      loop:\n      - "${SECRET} {{ x("\n      no_log: true`,
  ),
  'a loop that its task begins with, and that is to be told nowhere': task(
    `loop:\n      - "${SECRET} {{ x("\n      debug:\n      no_log: true`,
  ),
  'a name that is mistyped': host(`ansible_pasword: ${SECRET}\n      ansible_port: x`),
  'a tab': host(`x: 1\n\t  ansible_password: ${SECRET}`),
  'spaces around the sign': ini(`[all]\na ansible_password = ${SECRET}\n`),
  'no sign at all': ini(`[all]\na\n[all:vars]\nansible_password ${SECRET}\n`),
  'variables of a group': { files: { 'group_vars/all.yml': `db_password: ${SECRET}: x\n` } },
  'a default of a question': play(`  vars_prompt:\n    - { name: pin, default: ${SECRET}, encrpt: 1 }\n`),
  'a default whose name is mistyped': play(`  vars_prompt:\n    - name: pin\n      defualt: ${SECRET}\n`),
  'a default whose name is mistyped, in a mapping': play(`  vars_prompt: [{ name: pin, de-fault: "${SECRET}" }]\n`),
  'a task that is to be told nowhere, mistyped': task(
    `copy: { dest: /x, content: ${SECRET}, mde: 1 }\n      nolog: true`,
  ),
  'a task that is told nowhere where a template says so': task(
    `copy: { dest: /x, content: ${SECRET}, mde: 1 }\n      no_log: "{{ x }}"`,
  ),
  'a password in the command of a jump host': host(
    `ansible_ssh_common_args: -o ProxyCommand="sshpass -p ${SECRET} ssh j\n      ansible_port: x`,
  ),
  'a default with a template': play(`  vars_prompt:\n    - name: pin\n      default: "${SECRET}{{ x }}"\n`),
  'a header of a hook': play(
    `  on_start: [{ uri: { url: "http://x", headers: { Authorization: "Bearer ${SECRET}" }, mthod: POST } }]\n`,
  ),
  'the path of a hook': play(`  on_start: [{ uri: { url: "https://x/${SECRET}", mthod: POST } }]\n`),
  'the path of an address in a variable': host(`slack: "https://hooks.example/T0/{{ ${SECRET} }}/B,${SECRET} {{ x"`),
  'the query of an address in a list': host(`hooks: [https://u@x?a=${SECRET}, {{ x]`),
  'the path of an address that another line gives': {
    files: {
      'hosts.yml': `all: { hosts: { a: { slack: "https://x/${SECRET}" } } }\n`,
      'play.yml': PLAY('').replace('db_password', 'slack'),
    },
  },
  'a user in an address': play(`  on_start: [{ uri: { url: "https://u:${SECRET}@x", mthod: POST } }]\n`),
  'a user in the address of an inventory': { words: ['-i', `https://u:${SECRET}@x/hosts.yml`] },
  'a variable of the environment': play(`  environment: { DB_PASSWORD: ${SECRET}, x: [1] }\n`),
  'a text with a password': task(`copy: { dest: /x, content: "password=${SECRET}", mde: 1 }`),
  'an option of a command': task(`command: mysql --password ${SECRET} {{ x`),
  'a condition': task(`command: "true"\n      when: db_password == "${SECRET}" and`),
  'a task that is to be told nowhere': task(`copy: { dest: /x, content: ${SECRET}, mde: 1 }\n      no_log: true`),
  'defaults of a project': { files: { 'kplay.yml': `extra_vars: [ "db_password=${SECRET}" ]\nfoo: 1\n` } },
  '-e with a quote that is not closed': extra(`db_password="${SECRET}`),
  '-e with a quote that is not closed, and a space': extra(`db_password='a ${SECRET}`),
  '-e that goes on behind its quote': extra(`db_password="abc"${SECRET}`),
  '-e without a sign': extra(`db_password ${SECRET}`),
  '-e that is a list': extra(`[db_password, ${SECRET}]`),
  '-e of a file': { words: ['-e', '@DIR/extra.yml'], files: { 'extra.yml': `db_password: ${SECRET}\n x: a\n` } },
};

/** Of each, what is said of it. */
const SHORT_PIECES: Readonly<Record<string, readonly [string, string]>> = {
  'of short pieces': ['copy: { dest: /x, content: x, mode: "p(4;w,o{r" }', "mode cannot be '***'"],
  'of short pieces, below its task': [
    'copy:\n        dest: /x\n        content: x\n        mode: "p(4;w,o{r"',
    "mode cannot be '***'",
  ],
  'in a template': [`debug: { msg: "{{ 'x' | nofilter }}" }`, "there is no filter '***'"],
};

test.each(Object.entries(SHORT_PIECES))(
  'a message keeps its own words, and quotes nothing of a task that is to be told nowhere: %s',
  async (_, [text, said]) => {
    const controller = new Controller();
    try {
      const file = controller.file('play.yml', `- hosts: all\n  tasks:\n    - ${text}\n      no_log: true\n`);
      const hosts = controller.file('hosts.yml', 'all: { hosts: { a: } }\n');
      const { stdout, stderr } = await controller.run(['plan', file, '-i', hosts, '-o', 'json']);
      const { problems } = JSON.parse(stdout) as { readonly problems: readonly { readonly message: string }[] };
      expect(problems.map(({ message }) => message)).toEqual([said]);
      expect(stderr).toContain(`error: ${said}\n`);
      expect(`${stdout}${stderr}`).not.toMatch(/p\(4|w,o|nofilter/);
    } finally {
      controller.close();
    }
  },
);

/** What a task that is to be told nowhere makes of a variable of the inventory, and what it is. */
const RENDERED: Readonly<Record<string, readonly [task: string, name: string, what?: string]>> = {
  'a parameter that is not accepted': ['copy: { dest: /x, content: x, mode: "{{ pin }}" }', 'copy'],
  'a filter': ['debug: { msg: "{{ pin | int }}" }', 'debug'],
  'a condition': ['debug: { msg: x }\n          when: pin | bool', 'debug'],
  'what is registered': ['command: "true"\n          changed_when: pin | int > 1', 'command'],
  'the file of an include': [
    'include_tasks: "{{ pin }}.yml"',
    'include_tasks',
    'the task file that it names cannot be included',
  ],
  'the role of an include': [
    'include_role: { name: "{{ pin }}" }',
    'include_role',
    'the role that it names cannot be included',
  ],
  'the name of an include': ['include_tasks: "{{ pin | int }}.yml"', 'include_tasks'],
};

test.each(Object.entries(RENDERED))(
  'of the input of a task that is to be told nowhere only that it is wrong is told: %s',
  async (_, [text, name, what = 'its input is wrong']) => {
    const controller = new Controller();
    try {
      const file = controller.file(
        'play.yml',
        `- hosts: all\n  tasks:\n    - block:\n        - ${text}\n      no_log: true\n`,
      );
      const hosts = controller.file('hosts.yml', `all:\n  hosts:\n    a:\n      pin: ${SECRET}\n`);
      const { stdout, stderr } = await controller.run(['plan', file, '-i', hosts]);
      expect(stderr).toContain(`error: ${name}: ${what} (hidden by no_log)\n`);
      expect(stderr).toContain('run without no_log to see why');
      expect(stderr).toContain('No host was contacted.');
      expect(`${stdout}${stderr}`).not.toContain(SECRET);
    } finally {
      controller.close();
    }
  },
);

test.each(Object.entries(MISTAKES))(
  'a mistake beside a secret does not tell it: %s',
  async (_, { files = {}, words = [] }) => {
    const controller = new Controller();
    try {
      const all = { 'hosts.yml': 'all: { hosts: { a: } }\n', 'play.yml': '- hosts: all\n  tasks: []\n', ...files };
      for (const [name, text] of Object.entries(all)) controller.file(name, text);
      const given = words.map((word) => word.replace('DIR', controller.directory));
      const named = words.includes('-i') ? [] : ['-i', `${controller.directory}/hosts.yml`];
      const argv = ['plan', `${controller.directory}/play.yml`, ...named, ...given, '-o', 'json'];
      const { exitCode, stdout, stderr } = await controller.run(argv);
      expect(exitCode).toBe(1);
      expect(stdout).toContain('"input-error"');
      expect(`${stdout}${stderr}`).not.toContain(SECRET);
    } finally {
      controller.close();
    }
  },
);
