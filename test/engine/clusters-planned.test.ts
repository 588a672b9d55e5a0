import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { fakeRegistry } from './support/fake-steps.ts';
import { plan } from './support/workshop.ts';

const PLAYBOOK = `- hosts: all
  tasks:
    - set: { key: a, value: "1" }
    - follow: { from: link }
`;

const CLUSTERS = { a: 'prod', b: 'prod', c: 'dev', d: 'dev' };
const fleet = () => Object.keys(CLUSTERS).map((name) => new FakeHost(name, { link: 'target', target: 'found' }));

afterEach(() => {
  vi.restoreAllMocks();
});

/** How often the step \`follow\` is planned while these hosts are looked at. */
async function timesPlanned(clusters: Readonly<Record<string, string>>): Promise<number> {
  const step = fakeRegistry.steps.get('follow');
  if (!step) throw new Error('no such step');
  const planned = vi.spyOn(step, 'plan');
  await plan(PLAYBOOK, fleet(), { clusters });
  const times = planned.mock.calls.length;
  planned.mockRestore();
  return times;
}

describe('the hosts of several clusters', () => {
  it('are planned no more often than as many of one', async () => {
    expect(await timesPlanned(CLUSTERS)).toBe(await timesPlanned({}));
  });

  it('are all asked for what follows from an answer before the next question', async () => {
    const hosts = fleet();
    const order: string[] = [];
    for (const host of hosts) host.onMessage = (message) => order.push(`${host.name}: ${message}`);
    await plan(PLAYBOOK, hosts, { clusters: CLUSTERS });
    const looks = order.filter((message) => message.includes('look'));
    expect(looks).toEqual([
      ...['a', 'b', 'c', 'd'].map((name) => `${name}: look a link`),
      ...['a', 'b', 'c', 'd'].map((name) => `${name}: look target`),
    ]);
  });

  it('are warned of the same in one sentence', async () => {
    const hosts = [...fleet().slice(0, 3), new FakeHost('d', { link: 'other' })];
    const text = '- hosts: all\n  tasks:\n    - beware: { key: link }\n';
    const { events } = await plan(text, hosts, { clusters: CLUSTERS });
    expect(events.filter(({ type }) => type === 'warning')).toEqual([
      { type: 'warning', hosts: ['a', 'b', 'c'], message: 'link is target', remedy: 'look' },
      { type: 'warning', hosts: ['d'], message: 'link is other', remedy: 'look' },
    ]);
  });
});
