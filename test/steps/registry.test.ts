import { readdirSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Problems } from '../../src/core/diagnostic.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { JsonSchema } from '../../src/core/schema.ts';
import { formatPosition, SourceFile } from '../../src/core/source.ts';
import type { Step } from '../../src/core/step.ts';
import { World } from '../../src/core/world.ts';
import type { DocumentedCatalogue } from '../../src/playbook/catalogue.ts';
import { readPlaybook } from '../../src/playbook/load.ts';
import { createParameterChecker } from '../../src/playbook/parameters/parameter-checker.ts';
import { stepTasksOf } from '../../src/playbook/step-tasks.ts';
import { registry } from '../../src/steps/registry.ts';
import { fc } from '../support/random-cases.ts';

const STEPS = [...registry.steps.values()].map((step) => [step.name, step] as const);
const DIRECTORY = join(import.meta.dirname, '../../src/steps');

const catalogue: DocumentedCatalogue = {
  steps: registry.steps,
  strategies: new Set(['linear', ...registry.strategies.keys()]),
};
const HOST = { name: 'master-1', groups: ['all'], address: '10.0.0.1' };
const NOW = new Date('2026-01-01T00:00:00Z');

const checker = await createParameterChecker(catalogue);

test('every file of src/steps that defines a step is registered, under its own name', () => {
  const names = readdirSync(DIRECTORY, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
    const text =
      file.endsWith('.ts') && !file.startsWith('strategies/') ? readFileSync(join(DIRECTORY, file), 'utf8') : '';
    const name = /^ {2}name: '([^']+)',$/m.exec(text)?.[1];
    if (name === undefined) return [];
    expect(basename(file)).toBe(`${name.replaceAll(/[._]/g, '-')}.ts`);
    return [name];
  });
  expect([...registry.steps.keys()].sort()).toEqual(names.sort());
});

describe.each(STEPS)('%s', (name, step) => {
  test('says what it is', () => {
    expect(registry.steps.get(name)).toBe(step);
    expect(name).toMatch(/^[a-z_]+([.][a-z_]+)?$/);
    expect(step.summary).toMatch(/^[a-z].*[^.]$/);
    expect(step.summary.length).toBeLessThan(100);
    expect(step.details).toMatch(/^\S[\s\S]*\.$/);
    expect(step.examples.length).toBeGreaterThan(0);
  });

  test.runIf(step.schema.properties['timeout'])('takes a timeout with and without a unit', () => {
    for (const timeout of [10, '10', '10s', '1h1m1s']) {
      const completion = checker.complete(name, { timeout });
      const problems = completion.kind === 'wrong' ? completion.problems : [];
      expect(problems.filter(({ path }) => path === 'timeout')).toEqual([]);
    }
  });

  test('describes every parameter', () => {
    const { properties, additionalProperties, required = [] } = step.schema;
    // The parameters of set_fact are the user's variables.
    expect(additionalProperties).toBe(name === 'set_fact');
    for (const key of required) expect(Object.keys(properties)).toContain(key);
    for (const [key, schema] of Object.entries(properties)) {
      expect(key).toMatch(/^[a-z_]+$/);
      expect(schema.description, key).toMatch(/^\S.*[^.]$/);
      expect(badDefault(schema), key).toBe(false);
    }
  });

  test.each(step.examples.map(({ title, task }) => [title, task] as const))(
    'has an example that is a task: %s',
    (title, task) => {
      const lines = `name: ${JSON.stringify(title)}\n${task}`.split('\n');
      const text = `- name: Example\n  hosts: all\n  tasks:\n    - ${lines.join('\n      ')}\n`;
      const problems = new Problems();
      const found = readPlaybook(new SourceFile('example.yml', text), catalogue, problems)?.plays.flatMap(
        stepTasksOf,
      )[0];
      if (found) checker.check(found.step, found.params, problems);
      expect(problems.all.map(({ message, range }) => `${range && formatPosition(range)} ${message}`)).toEqual([]);
      expect(found?.step.value).toBe(name);
    },
  );

  test('asks for something, or for nothing, of a host of which nothing is known', () => {
    const params = leastParameters(step);
    const refs = step.needs(params, World.empty, HOST, new Map());
    expect(step.needs(params, World.empty, HOST, new Map()).map(({ key }) => key)).toEqual(refs.map(({ key }) => key));
    for (const ref of refs) expect(ref.key.startsWith(ref.name)).toBe(true);
  });

  test('changes a host only in stages that it names, and says how', () => {
    if (step.stages) expect(new Set(step.stages).size).toBe(step.stages.length);
    if (step.settle) expect(step.apply).toBeDefined();
  });
});

test.each(STEPS.filter(([, { readsFactsFor }]) => readsFactsFor))(
  '%s reads no facts and predicts nothing without the parameters that it says',
  (_, step) => {
    const params = leastParameters(step);
    expect((step.readsFactsFor ?? []).filter((name) => name in params)).toEqual([]);
    expect(step.needs(params, World.empty, HOST, new Map())).toEqual([]);
    const context = { host: HOST, now: NOW, observedAt: () => NOW, runId: 'r', startedAt: NOW, peers: new Map() };
    expect(step.plan(params, World.empty, { ...context, order: 'linear' })).toHaveProperty('after', World.empty);
  },
);

test('what steps share is shared: the same parameter means the same everywhere', () => {
  const shared = new Map<string, string>();
  for (const [, step] of STEPS.filter(([name]) => name.startsWith('certs.') || name.startsWith('kubeconfig.'))) {
    for (const [key, { description, ...schema }] of Object.entries(step.schema.properties)) {
      const text = JSON.stringify(schema);
      expect(shared.get(key) ?? text, `${step.name} ${key}`).toBe(text);
      shared.set(key, text);
    }
  }
  expect(shared.size).toBeGreaterThan(4);
});

test('no certificate is to be valid for no time at all', () => {
  const isTaken = (validity: string) => checker.complete('certs.regenerate', { validity }).kind === 'complete';
  expect(['90d', '1y10d', '10h', '100d'].filter(isTaken)).toHaveLength(4);
  expect(['0d', '0y0h', '00h'].filter(isTaken)).toEqual([]);
});

test('an address among the names is taken where it is one of IPv6, and only there', () => {
  const isTaken = (name: string) => checker.complete('certs.regenerate', { extra_sans: [name] }).kind === 'complete';
  const almost = fc
    .tuple(fc.ipV6(), fc.nat(40), fc.constantFrom(':', '::', '0', '.', ''))
    .map(([address, at, more]) => `${address.slice(0, at)}${more}${address.slice(at + 1)}`);
  fc.assert(fc.property(fc.ipV6(), (address) => isTaken(address)));
  fc.assert(
    fc.property(
      almost.filter((text) => text.includes(':')),
      (text) => isTaken(text) === isIPv6(text),
    ),
  );
});

test('a name that no certificate can have is refused where it is written, and not by kubeadm in the run', () => {
  const names = ['API.example.org', '*.example.org', 'fd00::9', '10.0.0.9', 'm-1'];
  const wrong = ['a b', 'example.org:6443', '10.0.0.9:6443', 'https://api', 'a..b', '-a', 'a.*', '', 'a,b'];
  const problemsOf = (name: string) => {
    const completion = checker.complete('certs.regenerate', { extra_sans: [name] });
    return completion.kind === 'complete' ? [] : completion.problems.map(({ message, hint }) => `${message}: ${hint}`);
  };
  const addresses = [
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    '::2:3:4:5:6:7:8',
    '::ffff:10.0.0.1',
    '1:2:3:4:5:6:10.0.0.1',
  ];
  const noAddresses = [
    'fd00:1:2',
    '1:2:3:4:5:6:7:8:9',
    '::1::',
    '12345::',
    'fe80::1%eth0',
    '::300.1.1.1',
    ':',
    '1:2::3:4:5:6:7:8:9',
  ];
  expect(addresses.flatMap(problemsOf)).toEqual([]);
  expect(noAddresses.map(problemsOf).filter((problems) => problems.length === 0)).toEqual([]);
  expect(names.flatMap(problemsOf)).toEqual([]);
  expect(wrong.map(problemsOf)).toEqual(
    wrong.map(() => [expect.stringMatching(/^extra_sans\[0\] .*: a DNS name or an address, without a port$/)]),
  );
});

/** A default that its own schema would not take. */
function badDefault({ default: value, enum: allowed, pattern, type, minimum }: JsonSchema): boolean {
  if (value === undefined) return false;
  if (allowed && !allowed.some((one) => one === value)) return true;
  if (pattern !== undefined && !new RegExp(pattern).test(String(value))) return true;
  if (typeof value === 'number' && minimum !== undefined && value < minimum) return true;
  const is = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  return type !== undefined && ![type].flat().includes(is as never);
}

/** No more parameters than a step requires, as it gets them: as its examples have them. */
function leastParameters({ name, schema, examples }: Step): JsonObject {
  const choices = [schema['x-one-of'], schema['x-some-of']];
  const required = [...(schema.required ?? []), ...choices.flatMap((names) => names?.slice(0, 1) ?? [])];
  const shown = examples.flatMap(({ task }) => Object.entries(parse(task)[name] as JsonObject));
  // Conditions have been evaluated when a step gets them.
  const known = Object.fromEntries([...shown, ['that', [{ a: true }]]]);
  const completion = checker.complete(name, Object.fromEntries(required.map((key) => [key, known[key] ?? null])));
  if (completion.kind !== 'complete')
    throw new Error(`no example of ${name} has usable values for ${required.join(', ')}`);
  return completion.params;
}
