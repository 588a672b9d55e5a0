import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import type { Host } from '../../src/core/host.ts';
import { matchHosts, matchLimit } from '../../src/inventory/match.ts';
import { directoryOf, load, loaded, located, shown } from './support/inventories.ts';

const FLEET = `
[masters]
prod-m[1:3]
stage-m1
[workers]
prod-w[1:2]
[prod]
prod-m[1:3]
prod-w[1:2]
[empty]
[dotted.name]
fd00::1
[odd-name]
x1.example.com
x2.example.com
`;

const inventoryOf = (text = FLEET) => loaded({ 'fleet.ini': text });
const names = (hosts: readonly Host[]) => hosts.map(({ name }) => name).join(' ');

function match(pattern: string, text?: string): string {
  const problems = new Problems();
  const hosts = names(matchHosts(inventoryOf(text), located(pattern), problems));
  return [hosts, ...problems.all.map(shown)].filter((line) => line !== '').join('\n');
}

const EVERYTHING = 'prod-m1 prod-m2 prod-m3 stage-m1 prod-w1 prod-w2 fd00::1 x1.example.com x2.example.com';
const MASTERS = 'prod-m1 prod-m2 prod-m3 stage-m1';

describe('a pattern', () => {
  test.each([
    ['all', EVERYTHING],
    ['*', EVERYTHING],
    ['masters', MASTERS],
    ['prod-w2', 'prod-w2'],
    ['workers,masters', `prod-w1 prod-w2 ${MASTERS}`],
    ['workers:masters', `prod-w1 prod-w2 ${MASTERS}`],
    ['workers masters', `prod-w1 prod-w2 ${MASTERS}`],
    [' workers , masters ', `prod-w1 prod-w2 ${MASTERS}`],
    ['prod-m3,masters', 'prod-m3 prod-m1 prod-m2 stage-m1'],
    ['masters:&prod', 'prod-m1 prod-m2 prod-m3'],
    ['masters:!prod', 'stage-m1'],
    ['masters:!prod-m2:!stage-m1', 'prod-m1 prod-m3'],
    ['!masters', 'prod-w1 prod-w2 fd00::1 x1.example.com x2.example.com'],
    ['!masters:&prod', 'prod-w1 prod-w2'],
    ['&prod', 'prod-m1 prod-m2 prod-m3 prod-w1 prod-w2'],
    ['!prod,masters', 'stage-m1'],
    ['prod-?1', 'prod-m1 prod-w1'],
    ['*.example.com', 'x1.example.com x2.example.com'],
    ['x[!1].example.com', 'x2.example.com'],
    ['*-m[a-z12]', 'prod-m1 prod-m2 stage-m1'],
    ['m*', MASTERS],
    ['*m*', `${MASTERS} fd00::1 x1.example.com x2.example.com`],
    ['~prod-[mw]1', 'prod-m1 prod-w1'],
    ['~(stage|x1)', 'stage-m1 x1.example.com'],
    ['~(?i)STAGE', 'stage-m1'],
    [String.raw`~\Aprod-(?P<kind>w)\d\Z`, 'prod-w1 prod-w2'],
    ['~.*1$', 'prod-m1 stage-m1 prod-w1 fd00::1'],
    ['masters[0]', 'prod-m1'],
    ['masters[-1]', 'stage-m1'],
    ['masters[0:1]', 'prod-m1 prod-m2'],
    ['masters[1:]', 'prod-m2 prod-m3 stage-m1'],
    ['masters[2:99]', 'prod-m3 stage-m1'],
    ['masters[0],workers[0]', 'prod-m1 prod-w1'],
    ['masters:!masters[0]', 'prod-m2 prod-m3 stage-m1'],
    ['prod-*[-1]', 'prod-w2'],
    ['fd00::1', 'fd00::1'],
    ['[fd00::1]', 'fd00::1'],
    ['masters:[fd00::1]', `${MASTERS} fd00::1`],
    ['dotted.name', 'fd00::1'],
    ['empty', ''],
    ['empty[0]', ''],
    ['masters:&empty', ''],
    ['localhost', 'localhost'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['localhost,workers', 'localhost prod-w1 prod-w2'],
  ])('%j means these hosts, in this order', (pattern, hosts) => {
    expect(match(pattern)).toBe(hosts);
  });

  test('of many stars is compared in a moment', () => {
    const name = 'a'.repeat(60);
    expect(match(`${'*a'.repeat(25)}b`, name)).toContain('no host or group matches');
    expect(match(`${'*a'.repeat(25)}*`, name)).toBe(name);
  });

  test('that is a regular expression is not compared for longer than half a second', () => {
    expect(match('~(a+)+$', `${'a'.repeat(60)}b`)).toBe(
      "error at pattern:1:1: '~(a+)+$' takes too long to compare with the names (avoid repetitions inside of repetitions, as in (a+)+)",
    );
  });

  test('that is a glob does not mean everything because it fits the name all', () => {
    expect(match('a*', '[g]\na1\nb1\n')).toBe('a1');
    expect(match('un*', 'un1\nb1\n')).toBe('un1');
  });

  // As ansible-core 2.14 and 2.19 list them.
  test.each([
    ['a1', 'a1'],
    ['all:!a1', 'a1 a2 a.1'],
    ['all:&a1', 'b1'],
    ['a1[0]', 'b1'],
    ['!b1:!a.1', 'a1 a2'],
    ['a.1', 'a.1'],
  ])('with a name that a host and a group share means what Ansible means: %s', (pattern, hosts) => {
    const { inventory } = load({ 'fleet.ini': 'a1\na2\na.1\n[a1]\nb1\n[a.1]\nb1\n' });
    expect(inventory && names(matchHosts(inventory, located(pattern), new Problems()))).toBe(hosts);
  });

  const GROUPS = 'the groups are all, ungrouped, masters, workers, prod, empty, dotted.name, odd-name';
  test.each([
    [
      'mastres',
      `error at pattern:1:1: there is no host and no group called 'mastres' (did you mean masters? ${GROUPS})`,
    ],
    [
      'workers:!prod-m9',
      `error at pattern:1:9: there is no host and no group called 'prod-m9' (did you mean prod-m1? ${GROUPS})`,
    ],
    ['workers, &zzz', `error at pattern:1:10: there is no host and no group called 'zzz' (${GROUPS})`],
    ['w2', `error at pattern:1:1: there is no host and no group called 'w2' (did you mean prod-w2? ${GROUPS})`],
    ['zz*', `error at pattern:1:1: no host or group matches 'zz*' (${GROUPS})`],
    ['~zz', `error at pattern:1:1: no host or group matches '~zz' (${GROUPS})`],
    [
      '~(',
      "error at pattern:1:1: '~(' is not a regular expression (Invalid regular expression: /^(?:()/: Unterminated group)",
    ],
    [
      'masters[4]',
      "error at pattern:1:1: 'masters' has no such hosts: it has 4 (hosts are numbered from 0: the last is [3], or [-1])",
    ],
    [
      'masters[-5]',
      "error at pattern:1:1: 'masters' has no such hosts: it has 4 (hosts are numbered from 0: the last is [3], or [-1])",
    ],
    [
      'masters[4:9]',
      "error at pattern:1:1: 'masters' has no such hosts: it has 4 (hosts are numbered from 0: the last is [3], or [-1])",
    ],
    [
      'masters[0-1]',
      "error at pattern:1:1: 'masters[0-1]' is not a range of hosts (write masters[0:1] for the hosts at these positions, or masters[0-1]* for the names that match)",
    ],
    [
      '{{ target | default("masters") }}',
      'error at pattern:1:1: the pattern of hosts cannot be a template (use a group, or all, and select hosts with --limit)',
    ],
    [
      'masters[0',
      "error at pattern:1:1: a bracket in 'masters[0' is not closed or not opened (write group[0], group[0:2] or group[-1])",
    ],
    [
      'masters,workers:!prod',
      "error at pattern:1:9: there is no host and no group called 'workers:!prod' (separate all parts of a pattern with commas, or all with colons)",
    ],
    ['masters:!', "error at pattern:1:9: '!' names no hosts (write a host, a group or a pattern after it)"],
    ['', 'error at pattern:1:1: the pattern names no hosts (write all, a group or a host)'],
    [' : ', 'error at pattern:1:1: the pattern names no hosts (write all, a group or a host)'],
    [',', 'error at pattern:1:1: the pattern names no hosts (write all, a group or a host)'],
  ])('%j is refused, with the place of the part', (pattern, problem) => {
    expect(match(pattern)).toBe(problem);
  });

  test('finds the place of a part inside of quotes', () => {
    const problems = new Problems();
    const file = located(`hosts: "masters:nope"`).range.file;
    matchHosts(inventoryOf(), { value: 'masters:nope', range: file.range(7, 21) }, problems);
    expect(problems.all.map(shown)[0]).toMatch(/^error at pattern:1:17: /);
  });
});

describe('localhost', () => {
  const hostOf = (name: string, text: string, files = {}) =>
    matchHosts(loaded({ 'fleet.ini': text, ...files }), located(name), new Problems())[0];
  const varsOf = (host?: Host) => Object.fromEntries([...(host?.vars ?? [])].map(([name, { value }]) => [name, value]));

  test('that the inventory lacks is this machine, with the variables of all, in no group', () => {
    const files = { 'group_vars/all.yml': 'b: 2\nansible_connection: ssh\n', 'host_vars/localhost.yml': 'c: 3\n' };
    const host = hostOf('localhost', 'm1\n[all:vars]\na=1\n', files);
    expect(host?.groups).toEqual([]);
    expect(varsOf(host)).toEqual({ a: 1, b: 2, c: 3, ansible_connection: 'local' });
  });

  test('that the inventory has is its host, by any of its names', () => {
    const host = hostOf('127.0.0.1', '[g]\nlocalhost x=1\n');
    expect(host?.name).toBe('localhost');
    expect(varsOf(host)).toMatchObject({ x: 1 });
    expect(varsOf(host)).not.toHaveProperty('ansible_connection');
  });

  test('is not among all', () => {
    expect(match('all:!localhost')).toBe(EVERYTHING);
  });
});

describe('a limit', () => {
  function limit(text: string): string {
    const problems = new Problems();
    const hosts = names(matchLimit(inventoryOf(), text, problems));
    return [hosts, ...problems.all.map(shown)].filter((line) => line !== '').join('\n');
  }

  test('is a pattern', () => {
    expect(limit('masters:!prod')).toBe('stage-m1');
    expect(limit('masters,nope')).toMatch(/^error at --limit:1:9: there is no host and no group called 'nope'/);
  });

  test('@file stands for the lines of a file', () => {
    const directory = directoryOf({ retry: '\nprod-m2\n  workers\r\n!prod-w1\n' });
    expect(limit(`@${directory}/retry`)).toBe('prod-m2 prod-w2');
    expect(limit(`stage-m1,@${directory}/retry`)).toBe('stage-m1 prod-m2 prod-w2');
  });

  test('@file with a mistake names the line', () => {
    const directory = directoryOf({ retry: 'prod-m2\nprod-m9\n' });
    expect(limit(`@${directory}/retry`)).toMatch(/retry:2:1: there is no host and no group called 'prod-m9'/);
  });

  test('@file holds one pattern on a line, as in Ansible', () => {
    const directory = directoryOf({ retry: 'masters:!prod\nprod-m2,prod-w2\n~prod-w(1|2,)\nprod-w1\n' });
    expect(limit(`@${directory}/retry`).split('\n')).toEqual([
      expect.stringMatching(
        /retry:1:1: there is no host and no group called 'masters:!prod' .write each pattern on a line of its own/,
      ),
      expect.stringMatching(/retry:2:1: there is no host and no group called 'prod-m2,prod-w2'/),
    ]);
  });

  test('of an empty or missing file never means everything', () => {
    const directory = directoryOf({ retry: '\n\n' });
    expect(limit(`@${directory}/retry`)).toMatch(/^error at --limit:1:1: .*retry names no hosts/);
    expect(limit(`@${directory}/none`)).toMatch(/^error: cannot read .*none: there is no such file/);
  });
});

describe('a limit of clusters', () => {
  const CLUSTERS = `
eu: { vars: { kplay_cluster: { name: prod-eu, labels: { env: prod, region: eu, tier: 1 } } }, hosts: { eu-m1: , eu-w1: } }
us: { vars: { kplay_cluster: { name: prod-us, labels: { env: prod, region: us } } }, hosts: { us-m1: , us-w1: } }
dev: { vars: { kplay_cluster: {} }, hosts: { dev-m1: } }
masters: { hosts: { eu-m1: , us-m1: , dev-m1: } }
`;
  function limit(text: string, more = ''): string {
    const problems = new Problems();
    const hosts = names(matchLimit(loaded({ 'fleet.yml': CLUSTERS + more }), text, problems));
    return [hosts, ...problems.all.map(shown)].filter((line) => line !== '').join('\n');
  }

  test.each([
    ['cluster:prod-eu', 'eu-m1 eu-w1'],
    ['cluster:prod-*', 'eu-m1 eu-w1 us-m1 us-w1'],
    ['cluster:dev,cluster:prod-us', 'dev-m1 us-m1 us-w1'],
    ['cluster:dev:cluster:prod-us', 'dev-m1 us-m1 us-w1'],
    ['label:env=prod', 'eu-m1 eu-w1 us-m1 us-w1'],
    ['label:tier=1', 'eu-m1 eu-w1'],
    ['label:env=p*:!cluster:prod-us', 'eu-m1 eu-w1'],
    ['masters:&label:env=prod', 'eu-m1 us-m1'],
    ['masters,&label:region=us', 'us-m1'],
    ['all:!label:env=prod', 'dev-m1'],
  ])('%s', (text, expected) => {
    expect(limit(text)).toBe(expected);
  });

  test.each([
    ['cluster:prod-ue', "error at --limit:1:1: there is no cluster 'prod-ue'"],
    ['masters:&label:env=dev', 'error at --limit:1:9: no cluster has the label env=dev'],
    ['label:env', "error at --limit:1:1: 'label:env' has no value for the label"],
  ])('%s is a mistake', (text, expected) => {
    expect(limit(text)).toContain(expected);
  });

  test('means groups where a group is called so, as in Ansible', () => {
    expect(limit('cluster:dev', 'cluster: { hosts: { x1: } }\n')).toBe('x1 dev-m1');
  });
});
