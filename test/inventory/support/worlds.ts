import type { Json, JsonObject } from '../../../src/core/json.ts';
import { fc } from '../../support/random-cases.ts';

/** A small inventory of one file. Names carry the number of the world, so that many worlds fit into one inventory. */
export interface World {
  readonly form: 'yaml' | 'ini';
  readonly groups: readonly WorldGroup[];
  readonly hosts: readonly WorldHost[];
}

interface WorldGroup {
  /** Groups after it in the list, by their distance: so there is never a circle. */
  readonly children: readonly number[];
  readonly vars: WorldVars;
  readonly priority: number | undefined;
  /** In `group_vars`. */
  readonly file: JsonObject | undefined;
}

interface WorldHost {
  /** The groups that list it, by number. */
  readonly groups: readonly number[];
  readonly vars: WorldVars;
  /** In `host_vars`. */
  readonly file: JsonObject | undefined;
}

/** As JSON for YAML, and as a text for INI. */
type WorldVars = Readonly<Record<string, { readonly json: Json; readonly text: string }>>;

const TEXTS = [
  '5',
  "'5'",
  '"x"',
  'True',
  'true',
  'None',
  '',
  'a b',
  '1.5',
  '[1, "x"]',
  "{'k': (1, 2)}",
  '007',
  '0x1f',
  '1,2',
  'x=y',
  '-3',
  "'a' 'b'",
];
const name = fc.constantFrom('x', 'y', 'z');
const json = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.boolean(),
  fc.constantFrom(null, 'yes', '5', 'a: b', '{{ x }}', [1, 'x'], { k: [true] }),
);
const vars = fc.dictionary(name, fc.record({ json, text: fc.constantFrom(...TEXTS) }), {
  maxKeys: 3,
  noNullPrototype: true,
});
const file = fc.option(fc.dictionary(name, json, { maxKeys: 2, noNullPrototype: true }), { nil: undefined, freq: 2 });
const number = fc.nat({ max: 4 });

export const worlds: fc.Arbitrary<readonly World[]> = fc.array(
  fc.record({
    form: fc.constantFrom('yaml', 'ini'),
    groups: fc.array(
      fc.record({
        children: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        vars,
        priority: fc.option(fc.integer({ min: -1, max: 3 }), { nil: undefined, freq: 3 }),
        file,
      }),
      { minLength: 1, maxLength: 5 },
    ),
    hosts: fc.array(fc.record({ groups: fc.uniqueArray(number, { maxLength: 3 }), vars, file }), { maxLength: 4 }),
  }),
  { minLength: 8, maxLength: 16 },
);

/** The files of a directory that is an inventory of all these worlds. */
export function filesOf(all: readonly World[]): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  all.forEach((world, index) => {
    const group = (number: number) => `w${index}_g${number % world.groups.length}`;
    files[`inventory/${index}${world.form === 'yaml' ? '.yml' : ''}`] =
      world.form === 'yaml' ? yamlOf(world, group, index) : iniOf(world, group, index);
    world.groups.forEach((each, number) => {
      if (each.file) files[`inventory/group_vars/${group(number)}.yml`] = JSON.stringify(each.file);
    });
    world.hosts.forEach((each, number) => {
      if (each.file) files[`inventory/host_vars/w${index}_h${number}.yml`] = JSON.stringify(each.file);
    });
  });
  return files;
}

type GroupName = (number: number) => string;

function childrenOf(world: World, number: number): readonly number[] {
  return (world.groups[number]?.children ?? [])
    .map((step) => number + step)
    .filter((child) => child < world.groups.length);
}

function yamlOf(world: World, group: GroupName, index: number): string {
  const first = new Set<number>();
  const groups = world.groups.map(({ vars: own, priority }, number) => {
    const hosts = world.hosts.flatMap((host, hostNumber) => {
      if (!host.groups.some((each) => group(each) === group(number))) return [];
      const said = first.has(hostNumber);
      first.add(hostNumber);
      return [[`w${index}_h${hostNumber}`, said ? null : jsonOf(host.vars)] as const];
    });
    const body = {
      vars: { ...jsonOf(own), ...(priority !== undefined && { ansible_group_priority: priority }) },
      hosts: Object.fromEntries(hosts),
      children: Object.fromEntries(childrenOf(world, number).map((child) => [group(child), null])),
    };
    return [group(number), body] as const;
  });
  return JSON.stringify({ ...Object.fromEntries(groups), all: { hosts: alone(world, index) } }, null, 1);
}

/** The hosts that no group lists. */
function alone(world: World, index: number): JsonObject {
  const hosts = world.hosts.flatMap((host, number) =>
    host.groups.length > 0 ? [] : [[`w${index}_h${number}`, jsonOf(host.vars)] as const],
  );
  return Object.fromEntries(hosts);
}

function iniOf(world: World, group: GroupName, index: number): string {
  const lines: string[] = [];
  const said = new Set<number>();
  const host = (number: number): void => {
    const own = said.has(number) ? [] : Object.entries(world.hosts[number]?.vars ?? {});
    said.add(number);
    lines.push([`w${index}_h${number}`, ...own.map(([key, { text }]) => `${key}=${quoted(text)}`)].join(' '));
  };
  world.hosts.forEach((each, number) => {
    if (each.groups.length === 0) host(number);
  });
  world.groups.forEach(({ vars: own, priority }, number) => {
    lines.push(`[${group(number)}:children]`, ...childrenOf(world, number).map(group), `[${group(number)}]`);
    world.hosts.forEach((each, hostNumber) => {
      if (each.groups.some((listed) => group(listed) === group(number))) host(hostNumber);
    });
    lines.push(`[${group(number)}:vars]`, ...Object.entries(own).map(([key, { text }]) => `${key} = ${text}`));
    if (priority !== undefined) lines.push(`ansible_group_priority=${priority}`);
  });
  return `${lines.join('\n')}\n`;
}

function jsonOf(own: WorldVars): JsonObject {
  return Object.fromEntries(Object.entries(own).map(([key, value]) => [key, value.json]));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
