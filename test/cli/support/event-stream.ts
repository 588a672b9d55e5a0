import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';

const DOCUMENTATION = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');

/** Events as `-o json` writes them, one a line and nothing else. */
export function eventsIn(stdout: string): readonly JsonObject[] {
  expect(stdout.endsWith('\n')).toBe(true);
  return stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
}

/** Every event has a number, one after another, and is of a type, with fields, that docs/events.md tells of. */
export function expectDocumented(events: readonly JsonObject[]): void {
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_event, index) => index + 1));
  const documented = documentedFields();
  for (const event of events) {
    const { version, sequence: _sequence, time, type, ...fields } = event;
    expect(version).toBe(1);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const known = documented.get(String(type));
    expect(known, `${type} is documented`).toBeDefined();
    for (const [name, optional] of known ?? []) if (!optional) expect(event, String(type)).toHaveProperty(name);
    expect([...(known?.keys() ?? [])]).toEqual(expect.arrayContaining(Object.keys(fields)));
  }
}

/** The fields of each type of event, and whether they are optional, from the tables of the documentation. */
function documentedFields(): ReadonlyMap<string, ReadonlyMap<string, boolean>> {
  const sections = DOCUMENTATION.split(/^### /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [, name = ''] = /^`([\w-]+)`/.exec(section) ?? [];
      const rows = [...section.matchAll(/^\| `(\w+)` +\| ([^|]+)\|/gm)];
      return [name, new Map(rows.map(([, field = '', kind = '']) => [field, kind.includes('optional')]))];
    }),
  );
}
