import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { needing, program } from '../support/programs.ts';
import { Controller } from './support/controller.ts';

const FLEET = `[masters]
m2 a=1 ansible_password=hush
m1 ansible_host=10.0.0.11
[workers]
w[1:3]
[prod:children]
workers
masters
[masters:vars]
ansible_group_priority=7
[prod:vars]
domain={{ base }}.example
words=[1, "it's", 'a "b"', None, True, {'k': 1.5, 'l': []}]
[empty]
`;
const MORE = `all:
  hosts:
    lonely: { settings: { api_token: hush, list: [1, { password: hush }], z: 1, b: [true, null, 1.5] } }
  children:
    prod: { hosts: { m1: , extra: } }
    outer: { children: { prod: } }
`;

let controller: Controller;
let sources: readonly string[];
beforeAll(() => {
  controller = new Controller();
  sources = ['-i', controller.file('inv/fleet.ini', FLEET), '-i', controller.file('inv/more.yml', MORE)];
});
afterAll(() => controller.close());

const run = (...words: readonly string[]) => controller.run(['inventory', ...sources, ...words]);

describe('kplay inventory', () => {
  it('points out that there are no hosts', async () => {
    const empty = controller.file('none.yml', '# nothing yet\n');
    const { exitCode, stderr } = await controller.run(['inventory', '--list', '-i', empty]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`warning: the inventory ${empty} contains no hosts\n  only localhost can be named\n`);
  });

  it('--graph is a tree of groups and their hosts', async () => {
    const { exitCode, stdout } = await controller.run([
      'inventory',
      '--graph',
      '-i',
      controller.file('one.ini', FLEET),
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`@all:
  |--@ungrouped:
  |--@prod:
  |  |--@workers:
  |  |  |--w1
  |  |  |--w2
  |  |  |--w3
  |  |--@masters:
  |  |  |--m2
  |  |  |--m1
  |--@empty:
`);
  });

  it('--list --yaml keeps groups without hosts', async () => {
    const { stdout } = await controller.run([
      'inventory',
      '--list',
      '-y',
      '-i',
      controller.file('e.ini', '[a]\nm1\n[e]\n'),
    ]);
    expect(parse(stdout)).toEqual({ all: { children: { a: { hosts: { m1: {} } }, e: {}, ungrouped: {} } } });
  });

  it('hides passwords in what programs are started with, whatever that is called', async () => {
    const jump = `-o ProxyCommand="sshpass -p hush ssh -W %h:%p j"`;
    const hosts = `all:\n  hosts:\n    m1: { ansible_ssh_common_args: '${jump}', url: "https://u:hush@h/x" }\n`;
    const { stdout } = await controller.run(['inventory', '--host', 'm1', '-i', controller.file('jump.yml', hosts)]);
    expect(JSON.parse(stdout)).toEqual({
      ansible_ssh_common_args: jump.replace('hush', '***'),
      url: 'https://***@h/x',
    });
  });

  it('hides what looks like a secret, at any depth', async () => {
    const { stdout } = await run('--list');
    expect(stdout).not.toContain('hush');
    expect(JSON.parse(stdout)['_meta'].hostvars.lonely.settings).toEqual({
      api_token: '(hidden)',
      b: [true, null, 1.5],
      list: [1, { password: '(hidden)' }],
      z: 1,
    });
  });

  it('--host prints the variables of one host, templates as they are written', async () => {
    const { stdout } = await run('--host', 'm1');
    expect(JSON.parse(stdout)).toMatchObject({ ansible_host: '10.0.0.11', domain: '{{ base }}.example' });
  });

  it.each([
    [['--host', 'm4'], "there is no host 'm4'", 'did you mean'],
    [['--list', '--vars'], '--vars is for --graph', '--list and --host print variables without it'],
    [['--graph', '--yaml'], "option '-y, --yaml' cannot be used with option '--graph'", 'kplay inventory --help'],
    [['--list', '--toml'], "unknown option '--toml'", '--list --yaml prints YAML'],
    [
      ['--graph', 'masters'],
      "too many arguments for 'inventory'",
      '--graph prints all groups; an inventory is given with -i',
    ],
    [['--list', '--limit', 'm1'], "unknown option '--limit'", 'kplay inventory --help'],
    [[], 'kplay inventory has nothing to print', 'add --list, --graph or --host NAME'],
  ])('says what is wrong with %j', async (words, message, hint) => {
    const { exitCode, stdout, stderr } = await run(...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toContain(hint);
  });
});

describe('compared with ansible-inventory', needing('ansible-inventory'), () => {
  const ansible = (...words: readonly string[]): string => {
    const configuration = controller.file('ansible.cfg', '[inventory]\nany_unparsed_is_failed = true\n');
    const env = { PATH: process.env['PATH'], HOME: controller.home, LC_ALL: 'C.UTF-8', ANSIBLE_CONFIG: configuration };
    const { stdout } = spawnSync(program('ansible-inventory') ?? '', [...sources, ...words], { env, encoding: 'utf8' });
    return stdout.replace(/hush/g, '(hidden)');
  };

  it.each([[['--list']], [['--graph']], [['--host', 'm1']], [['--host', 'lonely']], [['--graph', '--vars']]])(
    '%j prints the same',
    async (words) => {
      expect((await run(...words)).stdout).toBe(ansible(...words));
    },
    60_000,
  );

  it.each([[['--list', '--yaml']], [['--host', 'lonely', '-y']], [['--host', 'm1', '--yaml']]])(
    '%j prints the same data in the same order',
    async (words) => {
      const { stdout } = await run(...words);
      expect(JSON.stringify(parse(stdout))).toBe(JSON.stringify(parse(ansible(...words))));
    },
    60_000,
  );
});
