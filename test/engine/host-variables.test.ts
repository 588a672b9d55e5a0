import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import type { Host } from '../../src/core/host.ts';
import { SourceFile } from '../../src/core/source.ts';
import { applyRun } from '../../src/engine/run.ts';
import { compileJson } from '../../src/template/compile.ts';
import type { CompiledValue } from '../../src/template/template.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, carryOut, type Report } from './support/workshop.ts';

/** Hosts that count how often one of them is gone over. */
class CountingHosts extends Map<string, Host> {
  visited = 0;

  override *entries(): MapIterator<[string, Host]> {
    for (const entry of super.entries()) {
      this.visited += 1;
      yield entry;
    }
  }

  override [Symbol.iterator](): MapIterator<[string, Host]> {
    return this.entries();
  }
}

const named = (count: number): readonly FakeHost[] =>
  Array.from({ length: count }, (_, at) => new FakeHost(`h${at}`, { a: 'old' }));

/** How many hosts are gone over, and how many are compiled, while so many read the variables of one. */
async function work(count: number): Promise<number> {
  let hosts = new CountingHosts();
  let compiled = 0;
  const playbook = `- hosts: all
  tasks:
    - set: { key: a, value: "{{ hostvars['h0'].inventory_hostname }}" }
    - set: { key: b, value: "{{ hostvars['h0'].group_names | length }} {{ hostvars.h1.inventory_hostname }}" }
`;
  const report = await carryOut(
    (request) => {
      hosts = new CountingHosts(request.surroundings.hosts);
      hosts.visited = 0;
      const compileHost: typeof request.surroundings.compileHost = (host) => {
        compiled += 1;
        return request.surroundings.compileHost(host);
      };
      return applyRun({ ...request, sideBySide: 1, surroundings: { ...request.surroundings, hosts, compileHost } });
    },
    playbook,
    named(count),
    {},
  );
  expect(report.result.hosts).toHaveLength(count);
  return hosts.visited + compiled;
}

function compiled(text: string): CompiledValue {
  const problems = new Problems();
  const value = compileJson(text, { file: new SourceFile('hosts.yml', text), start: 0, end: 0 }, problems);
  problems.throwIfErrors();
  if (!value) throw new Error(text);
  return value;
}

/** Applies a playbook to some hosts, of whose last one the inventory tells what another one has made known. */
function applyWhereOneShows(shown: string, playbook: string, hosts: readonly FakeHost[]): Promise<Report> {
  const last = hosts.at(-1)?.name;
  const vars = new Map([
    ['plain', compiled('p')],
    ['shown', compiled(shown)],
  ]);
  return carryOut(
    (request) => {
      const compileHost: typeof request.surroundings.compileHost = (host) => ({
        ...request.surroundings.compileHost(host),
        ...(host.name === last && { vars }),
      });
      return applyRun({ ...request, surroundings: { ...request.surroundings, compileHost } });
    },
    playbook,
    hosts,
    {},
  );
}

describe('hostvars', () => {
  it('costs each of thousands of hosts no more than each of a few', async () => {
    const few = await work(10);
    const many = await work(80);
    expect(many).toBeLessThanOrEqual(8 * few);
  });

  const said = ({ result }: Report, host: string, name: string) => result.registered.get(host)?.get(name);

  it('shows each task what those before it have set, by way of variables of the host as well', async () => {
    const shown = "{{ hostvars['b'].x | default('none') }} {{ hostvars['c'].y | default('none') }}";
    const playbook = `- hosts: all
  tasks:
    - remember: { of_b: "{{ hostvars['b'].inventory_hostname }}" }
    - remember: { before: "${shown}" }
    - remember: { x: 1 }
      when: inventory_hostname == 'b'
    - remember: { between: "${shown}" }
    - remember: { y: 2 }
      when: inventory_hostname == 'c'
    - remember: { after: "${shown}" }
`;
    const report = await apply(
      playbook,
      ['a', 'b', 'c'].map((name) => new FakeHost(name)),
    );
    for (const host of ['a', 'b', 'c'])
      expect(['of_b', 'before', 'between', 'after'].map((name) => said(report, host, name))).toEqual([
        'b',
        'none none',
        '1 none',
        '1 2',
      ]);
  });

  it('is a mapping like others: its hosts can be listed, counted and looked for', async () => {
    const playbook = `- hosts: all
  tasks:
    - remember:
        all: "{{ hostvars | list | join(',') }} {{ hostvars | length }} {{ 'b' in hostvars }} {{ 'x' in hostvars }}"
        local: "{{ hostvars.localhost.inventory_hostname }} {{ hostvars.x is defined }}"
        each: "{{ hostvars | dict2items | map(attribute='value.inventory_hostname') | join(',') }}"
`;
    const report = await apply(playbook, [new FakeHost('a'), new FakeHost('b')]);
    expect(said(report, 'a', 'all')).toBe('a,b 2 True False');
    expect(said(report, 'a', 'local')).toBe('localhost False');
    expect(said(report, 'a', 'each')).toBe('a,b');
  });

  it('shows the run what it has made known, not what its plan knew of it', async () => {
    const playbook = `- hosts: a
  tasks:
    - set: { key: first, value: "{{ hostvars.b.plain }}" }
    - shell: hi
      register: r
    - meta: end_host
      when: hostvars.b.shown != 'hi'
    - set: { key: last, value: "{{ hostvars.b.plain }}" }
`;
    const host = new FakeHost('a');
    await applyWhereOneShows('{{ hostvars.a.r.out }}', playbook, [host, new FakeHost('b')]);
    expect([host.slots.get('first'), host.slots.get('last')]).toEqual(['p', 'p']);
  });
});
