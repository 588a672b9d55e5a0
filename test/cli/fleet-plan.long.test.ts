import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MarkedFleet } from './support/marked-fleet.ts';

vi.setConfig({ testTimeout: 60_000 });

let fleet: MarkedFleet;
beforeEach(() => {
  fleet = new MarkedFleet();
});
afterEach(() => fleet.close());

/** Of this cluster no host can be reached any more. */
function loses(name: string): void {
  const host = `${name}-m1: {`;
  const lost = `${host} ansible_host: 127.0.0.1, ansible_port: 1,`;
  const inventory = fleet.controller.read('fleet.yml');
  fleet.controller.file('fleet.yml', inventory.replace(`${host} ansible_connection: local,`, lost));
}

test.each([
  ['', 2],
  ['{ order: name }', 2],
  ['', 3],
])(
  'a run shows the line of a cluster that cannot be reached before it begins (rollout %j, %i clusters)',
  async (rollout, clusters) => {
    const names = ['a', 'b', 'c'].slice(0, clusters);
    fleet.fleet(Object.fromEntries(names.map((name) => [name, ''])));
    loses('b');
    fleet.play(rollout);
    const { stdout, exitCode } = await fleet.run([]);
    const line = /^- {2}b .*1 unreachable +not at all: none of its hosts could be reached$/m.exec(stdout);
    expect(line).not.toBeNull();
    expect(stdout.match(/CLUSTER/g)).toHaveLength(1);
    expect(line?.index).toBeLessThan(stdout.indexOf('cluster a: started'));
    expect(stdout).toMatch(/^cluster b:\nb-m1 : .*unreachable=1/m);
    expect(exitCode).toBe(4);
    expect(fleet.marked(...names)).toEqual(names.filter((name) => name !== 'b'));
  },
);

test('a plan over several clusters is a line each, also of those that could not be reached; -v and -l show the rest', async () => {
  const inventory = fleet.fleet({ a: '', b: '', c: '' });
  loses('b');
  const words = ['plan', fleet.play('{ order: name }'), '-i', inventory];
  const { stdout, exitCode } = await fleet.controller.run(words);
  expect(stdout).toMatch(/^- {2}b +all +1 unreachable +not at all: none of its hosts could be reached$/m);
  expect(stdout).toMatch(/^2 {2}c +all +1 host to change {2}now$/m);
  expect(stdout).not.toContain('/tmp/mark');
  expect(exitCode).toBe(4);
  const detailed = await fleet.controller.run([...words, '-v']);
  expect(detailed.stdout).toMatch(/^Plan for cluster a, 'Mark', in linear order: /m);
  expect(detailed.stdout).toContain('/tmp/mark');
  expect(detailed.stdout).toMatch(/^1 {2}a +all +1 host to change {2}now$/m);
  expect(stdout).not.toContain('Contact');
  const one = await fleet.controller.run([...words, '-l', 'cluster:a']);
  expect(one.stdout).toMatch(/^Plan for 'Mark', in linear order: /m);
  expect(one.stdout).not.toContain('CLUSTER');
});

test('a plan and a run say which clusters wait for others, by --clusters and --forks', async () => {
  const inventory = fleet.fleet({ a: '', b: '', c: '' });
  const words = [fleet.play('{ order: name }'), '-i', inventory];
  const starts = async (...more: readonly string[]) => {
    const { stdout } = await fleet.controller.run([...more, ...words]);
    return [...stdout.matchAll(/^\d {2}\w +all +1 host to change {2}(.*)$/gm)].map(([, text]) => text);
  };
  expect(await starts('plan')).toEqual(['now', 'now', 'now']);
  const two = ['now', 'now', 'when a place is free (2 at a time)'];
  expect(await starts('plan', '--clusters', '2')).toEqual(two);
  expect(await starts('plan', '-f', '2')).toEqual(two);
  expect(await starts('run', '-C', '--clusters', '1')).toEqual(['now', 'after a', 'after b']);
  const { stdout } = await fleet.controller.run(['plan', ...words, '--clusters', '2']);
  expect(stdout).toMatch(/^Next: kplay run .* --clusters 2$/m);
  expect(await starts('run', '--clusters', '2')).toEqual(two);
});

test('whom to turn to about a cluster is said where something of it did not come through, and nowhere else', async () => {
  const inventory = fleet.fleet({ a: "contact: 'Team A, +1'", b: "contact: 'Team B'" });
  const report = `${fleet.controller.directory}/report`;
  const words = [
    '--report',
    `markdown=${report}.md`,
    '--report',
    `json=${report}.json`,
    '--report',
    `html=${report}.html`,
  ];
  fleet.play('', ['b']);
  const { stdout, exitCode } = await fleet.run(words);
  expect(exitCode).toBe(2);
  expect(stdout).toMatch(/^Contact for cluster b: Team B$/m);
  expect(stdout).not.toContain('Team A');
  for (const kind of ['md', 'json', 'html']) {
    expect(fleet.controller.read(`report.${kind}`)).toContain('Team B');
    expect(fleet.controller.read(`report.${kind}`)).not.toContain('Team A');
  }
  const alone = await fleet.run(['-l', 'cluster:b']);
  expect(alone.stdout).toContain('Contact for cluster b: Team B');
  fleet.play('');
  expect((await fleet.run([])).stdout).not.toContain('Contact');
  fleet.controller.file('fleet.yml', fleet.controller.read('fleet.yml').replace("'Team A, +1'", '[Team A]'));
  const wrong = await fleet.controller.run(['plan', fleet.play(''), '-i', inventory]);
  expect(wrong.stderr).toMatch(/contact must be a text[\s\S]*fleet\.yml:3:\d+/);
  expect(wrong.exitCode).toBe(1);
});
