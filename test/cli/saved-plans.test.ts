import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Controller, type Ended } from './support/controller.ts';
import { localHost } from './support/local-host.ts';
import { MarkedFleet } from './support/marked-fleet.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let controller: Controller;
let inventory: string;
let root: string;
let plan: string;
beforeAll(async () => {
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
  const playbook = controller.file('play.yml', '- hosts: all\n  tasks:\n    - copy: { dest: /made, content: x }\n');
  plan = join(controller.directory, 'a.kplan');
  expect((await controller.run(['plan', playbook, '-i', inventory, '--out', plan])).exitCode).toBe(0);
});
afterAll(() => controller.close());

type Editable = Record<string, unknown>;

/** The plan as somebody would have it who knows how its digest is made. */
async function applied(edit: Editable): Promise<Ended> {
  const { digest: _, ...saved } = JSON.parse(controller.read('a.kplan')) as Editable;
  const content = { ...saved, ...edit };
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const path = controller.file('edited.kplan', JSON.stringify({ ...content, digest }));
  return controller.run(['apply', path]);
}

describe('a saved plan', () => {
  it.each<[what: string, edit: Editable, where: string]>([
    ['whose run would be written elsewhere', { runId: '../../../../tmp/elsewhere' }, '/runId'],
    ['without inputs', { inputs: null }, '/inputs'],
    ['with inputs of another kind', { inputs: { inventory: 'x' } }, '/inputs'],
    ['without a part', { plays: undefined }, '/'],
    ['with a part too many', { more: 1 }, '/'],
    ['with a play that is none', { plays: [{}] }, '/plays/0'],
    ['of no time', { plannedAt: 'tomorrow' }, '/plannedAt'],
    ['of a time that no clock shows', { plannedAt: '2026-99-99T99:99:99Z' }, '/plannedAt'],
  ])('%s is refused before anything is contacted', async (_what, edit, where) => {
    const { exitCode, stdout, stderr } = await applied(edit);
    expect(stderr).toContain(`edited.kplan is not a valid plan: ${where} is wrong`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(existsSync('/tmp/elsewhere')).toBe(false);
  });

  it('goes through its hosts in the order that was shown, or not at all where the inventory has another by now', async () => {
    const names = ['first', 'second'];
    const hosts = (order: readonly string[]): string => {
      const lines = order.map((name) => `${name} ansible_connection=local kplay_rootfs=${join(root, name)}\n`);
      return controller.file('ordered.ini', lines.join(''));
    };
    for (const name of names) mkdirSync(join(root, name), { recursive: true });
    const tasks = '    - copy: { dest: /made, content: x }\n';
    const playbook = controller.file('serial.yml', `- hosts: all\n  serial: 1\n  tasks:\n${tasks}`);
    const file = join(controller.directory, 'ordered.kplan');
    const planned = await controller.run(['plan', playbook, '-i', hosts(names), '--out', file]);
    expect(planned.stdout).toContain('One after another: first, second.');
    hosts(names.toReversed());
    const { exitCode, stdout } = await controller.run(['apply', file]);
    expect(stdout).toMatch(/order: planned +first, second\n +order: now +second, first$/m);
    expect(exitCode).toBe(3);
    expect(names.filter((name) => existsSync(join(root, name, 'made')))).toEqual([]);
    hosts(names);
    expect((await controller.run(['apply', file])).exitCode).toBe(0);
  });

  it('is not made by an interrupted command, which proposes itself again and not what an old file holds', async () => {
    const old = controller.read('a.kplan');
    const report = `json=${join(controller.directory, 'report.json')}`;
    const play = join(controller.directory, 'play.yml');
    const words = ['plan', play, '-i', inventory, '--out', plan, '--report', report];
    const { exitCode, stdout } = await controller.run(words, {
      onOutput: (text) => {
        if (text.includes('/made')) process.emit('SIGINT');
      },
    });
    expect(exitCode).toBe(130);
    expect(stdout).toContain(`Next: kplay ${words.join(' ')}`);
    expect(stdout).not.toContain('kplay apply');
    expect(controller.read('a.kplan')).toBe(old);
  });

  it('that was edited is refused', async () => {
    const path = controller.file('changed.kplan', controller.read('a.kplan').replace('/made', '/more'));
    const { exitCode, stderr } = await controller.run(['apply', path]);
    expect(stderr).toContain('changed.kplan was changed after it was saved');
    expect(exitCode).toBe(1);
  });

  it('of another format says which one it is, and which is read', async () => {
    const { exitCode, stderr } = await applied({ formatVersion: 1 });
    expect(stderr).toMatch(/is a plan of format 1, and this is kplay [\d.]+, which reads format \d/);
    expect(exitCode).toBe(1);
  });

  it('is not applied to a host of the same name that is somewhere else', async () => {
    const vars = `ansible_connection: local, kplay_rootfs: ${JSON.stringify(`${root}-other`)}`;
    const other = controller.file('other.yml', `all:\n  hosts:\n    here: { ${vars} }\n`);
    const { exitCode, stderr } = await controller.run(['apply', plan, '-i', other]);
    expect(stderr).toContain(`here was planned on at this machine${root}, and now it is at this machine`);
    expect(exitCode).toBe(1);
    expect(existsSync(join(`${root}-other`, 'made'))).toBe(false);
  });

  it('is not applied without the options that led to its hosts', async () => {
    const vars = `kplay_rootfs: ${JSON.stringify(root)}`;
    const other = controller.file('by-option.yml', `all:\n  hosts:\n    here: { ${vars} }\n`);
    const { exitCode, stderr } = await controller.run(['apply', plan, '-i', other]);
    expect(stderr).toContain(`here was planned on at this machine${root}, and now it is at here:22${root}`);
    expect(exitCode).toBe(1);
    const { stderr: none } = await controller.run(['apply', plan, '-i', other, '-c', 'local', '--step']);
    expect(none).not.toContain('was planned on at');
  });

  it('that was made elsewhere says how to name the inventory of this machine', async () => {
    const elsewhere = { inventory: ['/builds/7/fleet/prod.yml'], limit: null, tags: [], skipTags: [], extraVars: [] };
    const { exitCode, stderr } = await applied({ inputs: elsewhere });
    const edited = join(controller.directory, 'edited.kplan');
    expect(stderr).toContain(
      'the saved plan was made with the inventory /builds/7/fleet/prod.yml, which is not on this machine',
    );
    expect(stderr).toContain(`kplay apply ${edited} -i FILE`);
    expect(exitCode).toBe(1);
    const named = await controller.run(['apply', edited, '-i', inventory]);
    expect({ exitCode: named.exitCode, stderr: named.stderr }).toEqual({ exitCode: 0, stderr: '' });
    rmSync(join(root, 'made'));
  });

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['KPLAY_INVENTORY', '', { KPLAY_INVENTORY: 'ITS' }],
    ['ANSIBLE_INVENTORY', '', { ANSIBLE_INVENTORY: 'ITS' }],
    ['ansible.cfg', '[defaults]\ninventory = ITS\n', {}],
    ['kplay.yml', 'inventory: ITS\n', {}],
  ])('is applied with its own inventory, whatever %s says', async (where, text, variables) => {
    const its = (value: string): string => value.replace('ITS', join(controller.directory, 'default.yml'));
    controller.file('default.yml', 'all: { hosts: { elsewhere: { ansible_host: 127.0.0.1, ansible_port: 1 } } }\n');
    if (text !== '') controller.file(where, its(text));
    onTestFinished(() => controller.remove(where));
    const set = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, its(value)]));
    const { exitCode, stdout, stderr } = await controller.run(['apply', plan], { variables: set });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^here : ok=1 /m);
    rmSync(join(root, 'made'));
  });

  it('that is whole is applied', async () => {
    expect((await controller.run(['apply', plan])).exitCode).toBe(0);
    expect(existsSync(join(root, 'made'))).toBe(true);
  });
});

describe('a saved plan of the hosts in a file', () => {
  it.each([
    ['@limits', 'limits'],
    ['none-of-these,@limits', 'limits'],
    ['@limits,', 'in a directory: with a colon/limits'],
  ])('is applied from another directory: -l %s', async (limit, name) => {
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    const hosts = join(controller.directory, 'several.yml');
    const vars = `{ ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)} }`;
    controller.file('several.yml', `all: { hosts: { here: ${vars}, there: ${vars}, none-of-these: ${vars} } }\n`);
    const play = controller.file('limited.yml', '- hosts: here:there\n  tasks: [{ command: "true" }]\n');
    process.chdir(dirname(controller.file(name, 'here\n')));
    const out = join(controller.directory, 'limited.kplan');
    expect((await controller.run(['plan', play, '-i', hosts, '-l', limit, '--out', out])).exitCode).toBe(0);
    process.chdir('/');
    const { exitCode, stdout, stderr } = await controller.run(['apply', out]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(' on 1 host: here\n');
  });
});

describe('a saved plan whose hosts are no longer those of the inventory', () => {
  let words: readonly string[];
  let both: string;
  beforeAll(async () => {
    inventoryOf('a b', 'b');
    const text = ['one', 'two'].map((group) => `- { name: ${group}, hosts: ${group}, tasks: [{ command: "true" }] }\n`);
    words = [controller.file('groups.yml', text.join('')), '-i', join(controller.directory, 'groups.ini')];
    both = join(controller.directory, 'both.kplan');
    expect((await controller.run(['plan', ...words, '--out', both])).exitCode).toBe(0);
  });

  /** Hosts of the groups `one` and `two`, which stand on this machine. */
  function inventoryOf(one: string, two: string): string {
    const vars = `[all:vars]\nansible_connection=local\nkplay_rootfs=${root}\n`;
    const [inOne, inTwo] = [one, two].map((hosts) => hosts.replaceAll(' ', '\n'));
    return controller.file('groups.ini', `[one]\n${inOne}\n[two]\n${inTwo}\n${vars}`);
  }

  it.each([
    [
      'gone from the inventory',
      'a',
      '',
      'not all hosts of the saved plan are in the inventory, or selected by its limit: b',
    ],
    ['gone from a play', 'a', 'b', "play 'one' of the saved plan no longer has b"],
    ['new in the inventory', 'a b c', 'b', 'hosts would take part that are not in the saved plan: c'],
    ['new in a play', 'a b', 'a b', 'hosts would take part in more plays than in the saved plan: a'],
  ])('is refused as a whole, and names them: %s', async (_what, one, two, says) => {
    inventoryOf(one, two);
    const { exitCode, stdout, stderr } = await controller.run(['apply', both]);
    expect(stderr).toContain(`error: ${says}\n`);
    expect(stderr).toContain('make a new plan: kplay plan … --out FILE\n');
    expect(stderr).toMatch(/^1 problem\b.* No host was contacted\.$/m);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('is applied while they are, to each in its plays', async () => {
    inventoryOf('a b', 'b');
    const { exitCode, stdout } = await controller.run(['apply', both]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^a : ok=1 [\s\S]*^b : ok=2 /m);
  });
});

describe('a saved plan of a play whose name contains a secret', () => {
  const at = (name: string): string => join(controller.directory, name);
  const inventoryWith = (web: string): string =>
    controller.file(
      'masked.ini',
      `[web]\n${web}\n[all]\na\nb\n[all:vars]\nansible_connection=local\nkplay_rootfs=${root}\nmy_password=vagrant\n`,
    );
  const planned = async (...names: readonly string[]): Promise<readonly string[]> => {
    const plays = names.map(
      (name) =>
        `- { name: ${name}, hosts: ${name.startsWith('Tell') ? 'all' : 'web'}, tasks: [{ command: "true" }] }\n`,
    );
    const words = [controller.file('masked.yml', plays.join('')), '-i', inventoryWith('a\nb')];
    expect((await controller.run(['plan', ...words, '--out', at('masked.kplan')])).exitCode).toBe(0);
    return (JSON.parse(controller.read('masked.kplan')) as { plays: { play: string }[] }).plays.map(({ play }) => play);
  };
  const PLAYS = ['Prepare vagrant machines', 'Tell vagrant', 'Prepare vagrant machines', 'Tell'];

  it('is applied', async () => {
    const masked = PLAYS.map((name) => name.replace('vagrant', '***'));
    expect(await planned(...PLAYS)).toEqual(masked);
    const { exitCode, stdout, stderr } = await controller.run(['apply', at('masked.kplan')]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^a : ok=4 [\s\S]*^b : ok=4 /m);
  });

  it('is refused when a host is gone from the play', async () => {
    await planned(...PLAYS);
    inventoryWith('a');
    const { exitCode, stderr } = await controller.run(['apply', at('masked.kplan')]);
    expect(stderr).toContain("error: play 'Prepare *** machines' of the saved plan no longer has b\n");
    expect(exitCode).toBe(1);
  });
});

describe('what comes after a saved plan was applied', () => {
  let fleet: MarkedFleet;
  beforeAll(() => {
    fleet = new MarkedFleet();
    fleet.fleet({ a: 'window: "Sat 01:00-24:00 UTC", expected: 5m' });
  });
  afterAll(() => fleet.close());
  const saved = async (name: string): Promise<string> => {
    const path = fleet.at(name);
    const words = ['plan', fleet.at('play.yml'), '-i', fleet.at('fleet.yml'), '--out', path];
    expect((await fleet.controller.run(words)).exitCode).toBe(0);
    return path;
  };

  it('outside a window is the same plan again, in it', async () => {
    fleet.play('');
    const path = await saved('p.kplan');
    const words = [path, '--clusters', '2', '-i', fleet.at('fleet.yml')];
    const wallClock = () => new Date('2026-11-27T12:00:00Z');
    const { stdout, exitCode } = await fleet.controller.run(['apply', ...words], { wallClock });
    expect(exitCode).toBe(3);
    const next = `when the next window opens, 2026-11-28 01:00 UTC: kplay apply ${words.join(' ')}`;
    expect(stdout).toContain(`Exit 3.\nNext: ${next}\n`);
    expect(fleet.marked('a')).toEqual([]);
  });

  it('and has failed is a plan of what is left, in a file of its own', async () => {
    fleet.play('', ['a']);
    const wallClock = () => new Date('2026-11-28T12:00:00Z');
    for (const [name, other] of [
      ['p.kplan', 'p-2.kplan'],
      ['p-2.kplan', 'p-3.kplan'],
      ['bare', 'bare-2'],
    ] as const) {
      const { stdout, exitCode } = await fleet.controller.run(['apply', await saved(name)], { wallClock });
      expect(exitCode).toBe(2);
      expect(stdout).toMatch(new RegExp(`Next: kplay plan .* --out ${fleet.at(other)}\n`));
    }
  });

  it.each([
    ['-e renew_before=all', '', '-l a-m1 '],
    ['-e other=all', '', ''],
    ['renew_before: all in the inventory', 'renew_before: all', '-l a-m1 '],
    ['renew_before: 60d in the inventory', 'renew_before: 60d', ''],
  ])('and has failed is planned again with %s only where it would do no work twice', async (what, ofAll, limit) => {
    const two = new MarkedFleet();
    onTestFinished(() => two.close());
    const inventory = two.fleet({ a: '', b: '' });
    if (ofAll !== '') appendFileSync(inventory, `all:\n  vars: { ${ofAll} }\n`);
    two.play('', ['a']);
    const [place, given] = [`${two.at('play.yml')} -i ${inventory}`, ofAll === '' ? `${what} ` : ''];
    const path = two.at('two.kplan');
    const words = `plan ${place} ${given}--out ${path}`;
    expect((await two.controller.run(words.split(' '))).exitCode).toBe(0);
    const { stdout, exitCode } = await two.controller.run(['apply', path]);
    expect(exitCode).toBe(2);
    const [, next = ''] = /^Next: (kplay plan .*)$/m.exec(stdout) ?? [];
    expect(next).toBe(`kplay plan ${place} ${limit}${given}--out ${two.at('two-2.kplan')}`);
  });
});

it('is not applied in other waves than it showed, as after a label that put a cluster behind an approval is gone', async () => {
  const fleet = new MarkedFleet();
  onTestFinished(() => fleet.close());
  const labelled = (label: string): string =>
    fleet.fleet({ a: '', b: `labels: { tier: ${label} }`, c: 'labels: { tier: mid }', d: '' });
  labelled('mid');
  const waves = '{ name: first, size: 1 }, { name: mid, label: tier=mid, approval: manual }, { name: rest }';
  const play = fleet.play(`{ waves: [${waves}] }`);
  const plan = fleet.at('waves.kplan');
  const planned = await fleet.controller.run(['plan', play, '-i', fleet.at('fleet.yml'), '--out', plan]);
  expect(planned.exitCode).toBe(0);
  labelled('low');
  const { exitCode, stderr } = await fleet.controller.run(['apply', plan]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("cluster 'b' was planned in wave 'mid', and now it is in wave 'rest'");
  expect(stderr).toContain('make a new plan: kplay plan … --out FILE');
  expect(fleet.marked('a', 'b', 'c', 'd')).toEqual([]);
});

describe.each([
  ['with waves', '{ waves: [{ name: first, size: 1 }, { name: rest }] }'],
  ['without a rollout', ''],
])('a saved plan of several clusters, %s, is refused before anything is changed', (_which, rollout) => {
  const changed = async (
    after: (fleet: MarkedFleet) => void,
  ): Promise<Ended & { readonly marked: readonly string[] }> => {
    const fleet = new MarkedFleet();
    onTestFinished(() => fleet.close());
    const plan = fleet.at('clusters.kplan');
    const words = ['plan', fleet.play(rollout), '-i', fleet.fleet({ a: '', b: '' }), '--out', plan];
    expect((await fleet.controller.run(words)).exitCode).toBe(0);
    after(fleet);
    const ended = await fleet.controller.run(['apply', plan]);
    return { ...ended, marked: fleet.marked('a', 'b', 'c') };
  };
  const edited = (fleet: MarkedFleet, from: string, to: string): void =>
    void fleet.controller.file('fleet.yml', fleet.controller.read('fleet.yml').replace(from, to));

  it.each<[string, (fleet: MarkedFleet) => void, string]>([
    ['a cluster is new', (fleet) => fleet.fleet({ a: '', b: '', c: '' }), 'not in the saved plan: c-m1'],
    [
      'a host of a cluster is new',
      (fleet) => edited(fleet, '    b-m1:', '    b-m2: { ansible_connection: local }\n    b-m1:'),
      'not in the saved plan: b-m2',
    ],
    ['a host has another name', (fleet) => edited(fleet, 'b-m1:', 'b-m2:'), 'not in the saved plan: b-m2'],
    ['a host has another address', (fleet) => edited(fleet, at(fleet, 'b'), at(fleet, 'c')), 'b-m1 was planned on at'],
    [
      'a cluster has another name',
      (fleet) => edited(fleet, 'kplay_cluster: { name: b', 'kplay_cluster: { name: c'),
      "cluster 'b' of the saved plan no longer has b-m1",
    ],
  ])('when %s', async (_what, after, says) => {
    const { exitCode, stdout, stderr, marked } = await changed(after);
    expect(stderr).toContain(says);
    expect(stderr).toContain('make a new plan: kplay plan … --out FILE\n');
    expect(stderr).toContain('No host was contacted.');
    expect({ exitCode, stdout, marked }).toEqual({ exitCode: 1, stdout: '', marked: [] });
  });
});

it.each([
  ['which has others', '    b-m2: HOST\n', "cluster 'b' of the saved plan no longer has b-m2"],
  ['in which it was not', 'c:\n  hosts:\n    b-m2: HOST\n', "cluster 'b' did not have b-m2 in the saved plan"],
])('a saved plan is refused when a host has left or joined a cluster %s', async (_which, before, says) => {
  const fleet = new MarkedFleet();
  onTestFinished(() => fleet.close());
  const own = fleet.fleet({ a: '', b: '' });
  const text = fleet.controller.read('fleet.yml');
  const write = (more: string): string =>
    fleet.controller.file(
      'fleet.yml',
      text + more.replace('HOST', `{ ansible_connection: local, kplay_rootfs: ${at(fleet, 'b')} }`),
    );
  write(before);
  const plan = fleet.at('left.kplan');
  expect((await fleet.controller.run(['plan', fleet.play(''), '-i', own, '--out', plan])).exitCode).toBe(0);
  write(before.startsWith('c') ? '    b-m2: HOST\n' : 'c:\n  hosts:\n    b-m2: HOST\n');
  const { exitCode, stdout, stderr } = await fleet.controller.run(['apply', plan]);
  expect(stderr).toContain(`error: ${says}\n`);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(fleet.marked('a', 'b')).toEqual([]);
});

function at(fleet: MarkedFleet, name: string): string {
  return JSON.stringify(fleet.at(name));
}

describe('a saved plan of which not everything can be seen', () => {
  const LATER = '- { command: "true", when: first.stdout == "yes" }\n';
  const FILES = { 'later.yml': LATER, 'given.yml': 'v: one\ngiven_password: one\n', 'it.txt': 'one\n' };
  const hosts = (vars: string): string =>
    controller.file('seen.ini', `[web]\na kplay_rootfs=${root}\n[all:vars]\nansible_connection=local\n${vars}`);
  let words: readonly string[];
  let file: string;
  beforeAll(async () => {
    const lines = [
      '- hosts: all',
      '  tasks:',
      '    - { command: echo yes, register: first, environment: { V: "{{ v }}", W: "{{ w }}" } }',
      '    - { command: "echo {{ item }} {{ first.stdout }}", with_file: [it.txt] }',
      '    - include_tasks: later.yml',
    ];
    for (const [name, text] of Object.entries(FILES)) controller.file(name, text);
    const given = controller.file('given.yml', FILES['given.yml']);
    words = [controller.file('decides.yml', `${lines.join('\n')}\n`), '-e', `@${given}`];
    file = join(controller.directory, 'decides.kplan');
    const planned = await controller.run(['plan', ...words, '-i', hosts('w=one\n'), '--out', file]);
    expect(planned.exitCode).toBe(0);
    expect(planned.stdout).toContain('echo yes');
  });
  const at = (name: string): string => join(controller.directory, name);

  it.each<[what: string, name: keyof typeof FILES, text: string]>([
    ['an included file', 'later.yml', '- { copy: { dest: /other, content: x }, when: first.stdout == "yes" }\n'],
    ['a file of variables', 'given.yml', 'v: two\ngiven_password: one\n'],
    ['a file whose text a task uses', 'it.txt', 'two\n'],
  ])('is not applied with another text of %s', async (_what, name, text) => {
    controller.file(name, text);
    onTestFinished(() => void controller.file(name, FILES[name]));
    const { exitCode, stdout, stderr } = await controller.run(['apply', file]);
    expect(stderr).toContain(`error: files have changed since the plan was made: ${at(name)}\n`);
    expect(stderr).toContain('make a new plan: kplay plan … --out FILE\n1 problem. No host was contacted.\n');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('is not applied without a file that only its last tasks read', async () => {
    controller.remove('it.txt');
    onTestFinished(() => void controller.file('it.txt', FILES['it.txt']));
    const { exitCode, stderr } = await controller.run(['apply', file]);
    expect(stderr).toContain(at('it.txt'));
    expect(exitCode).toBe(1);
  });

  it.each([
    ['another value of a variable', `kplay_rootfs=ROOT\n[all:vars]\nw=two\n`],
    ['other groups', `kplay_rootfs=ROOT\n[db]\na\n[all:vars]\nw=one\n`],
  ])('is not applied with %s', async (_what, text) => {
    const other = controller.file('unseen.ini', `[web]\na ansible_connection=local ${text.replace('ROOT', root)}`);
    const { exitCode, stdout, stderr } = await controller.run(['apply', file, '-i', other]);
    expect(stderr).toContain('error: variables, groups or answers have changed since the plan was made: a\n');
    expect(stderr).toMatch(/^1 problem\b.* No host was contacted\.$/m);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('is applied with the same variables elsewhere, among others, and with another password', async () => {
    controller.file('given.yml', 'v: one\ngiven_password: two\n');
    onTestFinished(() => void controller.file('given.yml', FILES['given.yml']));
    const text = `all: { children: { web: { hosts: { a: { kplay_rootfs: ${JSON.stringify(root)}, ansible_connection: local, w: one, my_password: x } } } } }`;
    const other = controller.file('beside.yml', `${text}\n`);
    const { exitCode, stderr } = await controller.run(['apply', file, '-i', other]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});

it('is not applied with other answers than it was made with, unless they are private', async () => {
  const ask = (name: string, more: string): string => `{ name: ${name}, default: one, ${more} }`;
  const questions = `[${ask('shown', 'private: false')}, ${ask('hidden', 'private: true')}]`;
  const env = '{ V: "{{ shown }}", W: "{{ hidden }}" }';
  const play = `- { hosts: all, vars_prompt: ${questions}, tasks: [{ command: "true", environment: ${env} }] }\n`;
  const file = join(controller.directory, 'asked.kplan');
  const words = ['plan', controller.file('asked.yml', play), '-i', inventory, '--out', file];
  expect((await controller.run(words, { types: ['two', 'two'] })).exitCode).toBe(0);
  const { exitCode, stderr } = await controller.run(['apply', file]);
  expect(stderr).toContain('error: variables, groups or answers have changed since the plan was made: here\n');
  expect(exitCode).toBe(1);
  expect((await controller.run(['apply', file], { types: ['two', 'three'] })).exitCode).toBe(0);
});

it('has no digest of a secret in a file, by whatever its name, a question or no_log tells that it is one', async () => {
  const lines = [
    '- hosts: all',
    '  vars_prompt: [{ name: pin }]',
    '  tasks:',
    '    - { command: "true", environment: { V: "{{ item }}" }, with_file: [db_password.txt, secrets/db.txt] }',
    '    - { command: "true", environment: { V: "{{ item }}" }, with_file: [note.txt], no_log: true }',
  ];
  const play = controller.file('secret-files.yml', `${lines.join('\n')}\n`);
  mkdirSync(join(controller.directory, 'secrets'), { recursive: true });
  const fill = (value: string): string => {
    for (const name of ['db_password.txt', 'secrets/db.txt', 'note.txt']) controller.file(name, `${value}\n`);
    return controller.file('pin.yml', `pin: "${value}"\ndb_pw: "${value}"\nshown: one\n`);
  };
  const digests = async (value: string): Promise<unknown> => {
    const file = join(controller.directory, `secret-${value}.kplan`);
    const words = ['plan', play, '-i', inventory, '-e', `@${fill(value)}`, '--out', file];
    expect((await controller.run(words)).exitCode).toBe(0);
    return JSON.parse(readFileSync(file, 'utf8')).files;
  };
  const first = await digests('4711');
  expect(Object.keys(Object(first))).toEqual([join(controller.directory, 'pin.yml')]);
  expect(await digests('4712')).toEqual(first);
  const { exitCode, stderr } = await controller.run(['apply', join(controller.directory, 'secret-4711.kplan')]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

it('says where the variables beside its playbook are missed, in another checkout', async () => {
  const [before, after] = ['before', 'after'].map((name) => join(controller.directory, name)) as [string, string];
  mkdirSync(join(before, 'group_vars'), { recursive: true });
  controller.file('before/group_vars/all.yml', 'beside: 1\n');
  const play = controller.file('before/moved.yml', '- { hosts: all, tasks: [{ command: "true" }] }\n');
  const file = join(controller.directory, 'moved.kplan');
  expect((await controller.run(['plan', play, '-i', inventory, '--out', file])).exitCode).toBe(0);
  renameSync(before, after);
  const { exitCode, stderr } = await controller.run(['apply', file]);
  expect(stderr).toContain(`are read in ${before}, which is not here: have the repository there, or make a new plan`);
  expect(exitCode).toBe(1);
});

describe('a saved plan whose tasks would act in another account', () => {
  const inventoryOf = (vars: string): string =>
    controller.file('accounts.ini', `a ansible_host=127.0.0.1 ansible_port=1 ignore=1 ${vars}\n`);
  const saved = async (become: boolean, ...options: readonly string[]): Promise<string> => {
    const play = controller.file(
      'accounts.yml',
      `- { hosts: all, become: ${become}, ignore_unreachable: true, tasks: [{ command: "true" }] }\n`,
    );
    const file = join(controller.directory, 'accounts.kplan');
    const { exitCode } = await controller.run(['plan', play, '-i', inventoryOf(''), ...options, '--out', file]);
    expect(exitCode).toBe(0);
    return file;
  };

  it.each([
    ['another user', '', ['-u', 'other'], 'planner', 'other'],
    ['the user of kplay', '', [], 'planner', 'operator'],
    ['another user of the inventory', 'ansible_user=other', ['-u', 'planner'], 'planner', 'other'],
    ['root', 'ansible_become=true', ['-u', 'planner'], 'planner', 'root'],
  ])('is refused: %s', async (_what, vars, options, before, now) => {
    const file = await saved(false, '-u', 'planner');
    inventoryOf(vars);
    const { exitCode, stdout, stderr } = await controller.run(['apply', file, ...options]);
    expect(stderr).toContain(`error: the tasks were planned for a as ${before}, and now they would act as ${now}\n`);
    expect(stderr).toContain('give the options with which it was planned (-u, -b), or make a new plan');
    expect(stderr).toMatch(/^1 problem\b.* No host was contacted\.$/m);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('is applied whoever logs in, where all of them become root', async () => {
    const { exitCode, stderr } = await controller.run(['apply', await saved(true, '-u', 'planner'), '-u', 'other']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});

it('is applied where a play ends before the batch of some of its hosts', async () => {
  const hosts = controller.file(
    'ends.ini',
    ['a', 'b'].map((name) => `${name} ansible_connection=local kplay_rootfs=${root}\n`).join(''),
  );
  const play = controller.file(
    'ends.yml',
    '- { hosts: all, serial: 1, tasks: [{ command: "true" }, { meta: end_play }] }\n',
  );
  const file = join(controller.directory, 'ends.kplan');
  expect((await controller.run(['plan', play, '-i', hosts, '--out', file])).exitCode).toBe(0);
  const { exitCode, stderr } = await controller.run(['apply', file]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

it('is applied in its waves, though a wave with a size would be another one now', async () => {
  const fleet = new MarkedFleet();
  onTestFinished(() => fleet.close());
  fleet.fleet({ a: 'wave: rest', b: '', c: '' });
  const play = fleet.play('{ waves: [{ name: first, size: 1 }, { name: rest }] }');
  const plan = fleet.at('sizes.kplan');
  await fleet.controller.run(['plan', play, '-i', fleet.at('fleet.yml'), '--out', plan]);
  fleet.fleet({ a: '', b: '', c: '' });
  const { exitCode, stdout } = await fleet.controller.run(['apply', plan]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(' wave first: b; ');
});

describe('a plan that is not saved, because hosts fail in it', () => {
  it.each([
    {
      fails: 'inventory_hostname == "b"',
      next: "fix the errors above, or leave those hosts out with -l 'all,!b': a plan",
    },
    { fails: 'true', next: 'fix the errors above: a plan' },
  ])('tells to leave them out where others remain: $fails', async ({ fails, next }) => {
    const lines = ['a', 'b'].map((name) => {
      mkdirSync(join(controller.directory, name), { recursive: true });
      return `${name} ansible_connection=local kplay_rootfs=${join(controller.directory, name)}\n`;
    });
    const pair = controller.file('pair.ini', lines.join(''));
    const play = controller.file('fails.yml', `- { hosts: all, tasks: [{ assert: { that: not (${fails}) } }] }\n`);
    const out = join(controller.directory, 'unsaved.kplan');
    const { exitCode, stdout } = await controller.run(['plan', play, '-i', pair, '--out', out]);
    expect(stdout).toContain(`Next: ${next} is saved only when it covers all hosts`);
    expect([exitCode, existsSync(out)]).toEqual([2, false]);
  });
});
