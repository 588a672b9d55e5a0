import { expect, it } from 'vitest';
import { SourceFile } from '../../src/core/source.ts';
import { fc, seedOfCases } from '../support/random-cases.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { playWith } from './support/play-files.ts';
import { apply, plan } from './support/workshop.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const RUNS = Number(process.env['KPLAY_CASES'] ?? 150);

const onSome = fc.subarray(NAMES).map((names) => `inventory_hostname in ${JSON.stringify(names)}`);
const action = fc.constantFrom('ENDING', 'ENDING', 'ENDING', 'end_host', 'end_host', 'clear_host_errors');

const { node } = fc.letrec<{ node: readonly string[] }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: fc.constant(['set: { key: KEY, value: v }']) },
    { weight: 1, arbitrary: onSome.map((when) => ['set: { key: KEY, value: v }', `when: ${when}`, 'notify: Reload']) },
    { weight: 1, arbitrary: fc.constant(['set: { key: KEY, value: v }', 'ignore_errors: true', 'notify: Reload']) },
    { weight: 2, arbitrary: fc.tuple(action, onSome).map(([what, when]) => [`meta: ${what}`, `when: ${when}`]) },
    {
      weight: 1,
      arbitrary: fc.tuple(action, onSome).map(([what, when]) => [`include_tasks: ${what}.yml`, `when: ${when}`]),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({
          block: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
          rescue: fc.array(tie('node'), { maxLength: 2 }),
          always: fc.array(tie('node'), { maxLength: 2 }),
        })
        .map((parts) =>
          Object.entries(parts).flatMap(([name, nodes]) => (nodes.length > 0 ? [`${name}:`, ...listed(nodes)] : [])),
        ),
    },
  ),
}));

function listed(nodes: readonly (readonly string[])[]): readonly string[] {
  return nodes.flatMap(([first, ...rest]) => [`  - ${first}`, ...rest.map((line) => `    ${line}`)]);
}

const cases = fc.record({
  isOpaque: fc.boolean(),
  ending: fc.constantFrom('end_play', 'end_batch'),
  head: fc.subarray(['serial: 2', 'force_handlers: true', 'max_fail_percentage: 60', 'any_errors_fatal: true']),
  nodes: fc.array(node, { minLength: 3, maxLength: 7 }),
  faults: fc.array(fc.record({ host: fc.nat({ max: 3 }), at: fc.nat({ max: 4 }) }), { minLength: 1, maxLength: 3 }),
});

const FILES = Object.fromEntries(
  ['end_play', 'end_batch', 'end_host', 'clear_host_errors'].map((what) => [`${what}.yml`, `- meta: ${what}\n`]),
);

it(
  'whoever fails before the end of a play, nothing is done to the others but what the plan shows, and none of them is refused',
  async () => {
    const { path } = playWith(FILES);
    await fc.assert(
      fc.asyncProperty(cases, async ({ isOpaque, ending, head, nodes, faults }) => {
        let keys = 0;
        const lines = [
          ...head,
          'tasks:',
          // Behind a command a host is not bound by its plan.
          ...(isOpaque ? ['  - shell: hello'] : []),
          ...listed(nodes),
          'handlers:',
          '  - { name: Reload, set: { key: reloaded, value: v } }',
        ].map((line) => `  ${line.replace('KEY', () => `k${keys++}`).replace('ENDING', ending)}\n`);
        const playbook = new SourceFile(path, `- hosts: all\n${lines.join('')}`);
        const fleet = NAMES.map((name) => new FakeHost(name));
        const shown = await plan(playbook, fleet);
        for (const { host, at } of faults) fleet[host]?.break(/^set/, 'fails', at);
        const { result } = await apply(playbook, fleet);
        expect(result.mistake).toBeUndefined();
        expect(result.refused).toEqual([]);
        for (const { host, changes } of result.hosts) {
          const tasks = shown.result.plans[0]?.hosts.find((one) => one.host === host)?.tasks ?? [];
          const known = new Set(
            tasks.flatMap((one) => (one.action === 'change' ? one.changes : [])).map((one) => one.target),
          );
          expect(changes.map(({ target }) => target).filter((target) => !known.has(target))).toEqual([]);
        }
      }),
      { numRuns: RUNS, seed: seedOfCases(20_261_202) },
    );
  },
  60_000 + RUNS * 500,
);
