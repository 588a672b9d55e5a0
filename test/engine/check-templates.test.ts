import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { formatPosition, SourceFile } from '../../src/core/source.ts';
import { unseenState } from '../../src/engine/hosts/host-state.ts';
import { checkTemplates } from '../../src/engine/plan/check-templates.ts';
import { planPlay } from '../../src/engine/plan/plan-play.ts';
import { compilePlaybook, hostCompiler } from '../../src/engine/program/compile.ts';
import type { Surroundings } from '../../src/engine/program/place.ts';
import { ALL_TAGS } from '../../src/engine/program/tags.ts';
import { VariableFiles } from '../../src/engine/program/variable-files.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { readPlaybook } from '../../src/playbook/load.ts';
import { createParameterChecker } from '../../src/playbook/parameter-checker.ts';
import { registry } from '../../src/steps/registry.ts';

const CATALOGUE = { steps: registry.steps, strategies: new Set(['linear', ...registry.strategies.keys()]) };
const checker = await createParameterChecker(CATALOGUE);
const NOW = new Date('2026-11-24T15:12:44Z');

interface Files {
  readonly inventory: string;
  readonly playbook: string;
}

/** What is said of the templates of a playbook: by the quick way, and by planning every host. */
function saidOf({ inventory, playbook }: Files): {
  readonly quick: readonly string[];
  readonly full: readonly string[];
} {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-templates-'));
  try {
    const path = join(directory, 'hosts.yml');
    writeFileSync(path, inventory);
    const problems = new Problems();
    const loaded = loadInventory([path], problems);
    const read = readPlaybook(new SourceFile('play.yml', playbook), CATALOGUE, problems);
    problems.throwIfErrors();
    if (!loaded || !read) throw new Error('nothing to check');
    const compileHost = hostCompiler(problems);
    const compiling = { playbook: read, inventory: loaded, registry, limit: undefined, tags: ALL_TAGS, compileHost };
    const plays = compilePlaybook(compiling, problems);
    problems.throwIfErrors();
    const groups = Object.fromEntries([...loaded.groups].map(([name, { hosts }]) => [name, hosts]));
    const surroundings: Surroundings = {
      extra: new Map(),
      groups,
      hosts: loaded.hosts,
      variableFiles: new VariableFiles(),
      localhosts: loaded.localhosts,
      compileHost,
      tags: ALL_TAGS,
      complete: (step, params) => {
        const completion = checker.complete(step, params);
        if (completion.kind === 'complete') return { params: completion.params };
        return { problems: completion.complaints.map(({ message }) => message) };
      },
    };
    const [quick, full] = [new Problems(), new Problems()];
    checkTemplates(plays, surroundings, NOW, quick);
    for (const play of plays) {
      const states = new Map(play.hosts.map((member) => [member.host.name, unseenState(member, new Map())]));
      const names = [...states.keys()];
      const fleet = { live: names, batchOf: () => names, registered: () => undefined };
      planPlay(
        { play, surroundings, now: NOW, runId: 'check', order: 'linear', fleet, delegates: { find: () => undefined } },
        states,
        { problems: full },
      );
    }
    const texts = ({ all }: Problems): readonly string[] =>
      all.map(({ message, range }) => `${range ? formatPosition(range) : ''} ${message}`).sort();
    return { quick: texts(quick), full: texts(full) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const TEXTS = [
  'a text',
  '{{ a }}',
  '{{ b }}',
  '{{ a.key }}',
  '{{ c | default(b) }}',
  '{{ inventory_hostname | int + a }}',
  "{{ hostvars['h0'].a.key }}",
  "{{ groups['all'] | length }} {{ group_names | join(' ') }}",
];
const CONDITIONS = [
  'true',
  "a == 'x'",
  'b is defined',
  "inventory_hostname == 'h3'",
  "'left' in group_names",
  'c | length > 1',
  'inventory_hostname == ansible_play_hosts[0]',
];
const VALUES = ['x', 'y', 3, { key: 'k' }, '{{ b }}', '{{ inventory_hostname }}', '{{ missing }}'];

const host = fc.record(
  { a: fc.constantFrom(...VALUES), b: fc.constantFrom(...VALUES.slice(0, 4)), c: fc.constantFrom('x', ['y']) },
  { requiredKeys: [] },
);
const task = fc.record({ text: fc.constantFrom(...TEXTS), when: fc.constantFrom(...CONDITIONS) });

test('finds what planning every host finds', () => {
  let wrong = 0;
  fc.assert(
    fc.property(
      fc.array(host, { minLength: 1, maxLength: 6 }),
      fc.array(task, { minLength: 1, maxLength: 4 }),
      host,
      (hosts, tasks, shared) => {
        const members = hosts.map((vars, index) => [`h${index}`, vars] as const);
        const part = (from: number) => ({
          hosts: Object.fromEntries(members.filter((_, index) => index % 2 === from)),
        });
        const inventory = { all: { vars: shared, children: { left: part(0), right: part(1) } } };
        const playbook = [
          {
            hosts: 'all',
            tasks: tasks.map(({ text, when }) => ({ command: { cmd: text }, when, changed_when: false })),
          },
        ];
        const { quick, full } = saidOf({ inventory: JSON.stringify(inventory), playbook: JSON.stringify(playbook) });
        if (full.length > 0) wrong += 1;
        expect(quick).toEqual(full);
      },
    ),
    { numRuns: 200 },
  );
  expect(wrong).toBeGreaterThan(20);
});
