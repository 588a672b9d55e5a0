import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EVENT_SCHEMA_VERSION } from '../../src/core/events/line.ts';
import { JsonReporter } from '../../src/report/screen/json-reporter.ts';
import { type Definition, EVENT_DEFINITIONS, expectEventsOfSchema } from '../support/event-schema.ts';
import { START } from './support/cluster.ts';
import { EVERY_EVENT, OPTIONAL_FIELDS } from './support/events.ts';
import { MemoryOutput } from './support/memory-output.ts';

const DOCUMENT = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');

interface Field {
  readonly name: string;
  readonly isOptional: boolean;
}

/** What the tables say of fields, by `TYPE.FIELD`. */
const MEANINGS = new Map<string, string>();

/** The tables of docs/events.md, by the name in the heading above them. */
function documentedTypes(): ReadonlyMap<string, readonly Field[]> {
  const types = new Map<string, Field[]>();
  let fields: Field[] = [];
  for (const line of DOCUMENT.split('\n')) {
    const heading = /^#{2,3} (?:`([\w-]+)`|(.*))$/.exec(line);
    if (heading) {
      fields = [];
      types.set(heading[1] ?? heading[2] ?? '', fields);
    }
    const row = /^\| `(\w+)` +\| ([^|]*)\|(.*)/.exec(line);
    if (!row) continue;
    const [, name = '', type = '', meaning = ''] = row;
    fields.push({ name, isOptional: type.includes('optional') });
    MEANINGS.set(`${[...types.keys()].at(-1)}.${name}`, meaning);
  }
  return types;
}

const TYPES = documentedTypes();
const namesOf = (type: string) => TYPES.get(type)?.map(({ name }) => name);

const ENVELOPE = ['version', 'sequence', 'time', 'type'];

function definition(name: string): Definition {
  const found = EVENT_DEFINITIONS[name];
  if (!found) throw new RangeError(`the schema has no ${name}`);
  return found;
}

/** The definition itself, or those of which it is one. */
function variants(one: Definition): readonly Definition[] {
  if (one.$ref !== undefined) return variants(definition(one.$ref.replace('#/definitions/', '')));
  return one.anyOf ? one.anyOf.flatMap(variants) : [one];
}

/** Every field that a value of a definition may have; optional where not all variants have it. */
function fieldsOf(one: Definition): readonly Field[] {
  const all = variants(one);
  const names = new Set(all.flatMap(({ properties = {} }) => Object.keys(properties)));
  return [...names].map((name) => ({ name, isOptional: !all.every(({ required = [] }) => required.includes(name)) }));
}

const byName = (a: Field, b: Field) => (a.name < b.name ? -1 : 1);

const EVENTS = new Map(
  variants(definition('Event')).map((one) => [String(one.properties?.['type']?.const), one] as const),
);

describe('docs/events.md', () => {
  test('describes what every line holds, in the version that is written', () => {
    expect(namesOf('Every line')).toEqual(ENVELOPE);
    expect(Object.keys(definition('Envelope').properties ?? {})).toEqual(ENVELOPE.filter((name) => name !== 'type'));
    expect(DOCUMENT).toContain(`of this schema: ${EVENT_SCHEMA_VERSION}`);
  });

  test('describes every type of event and no other', () => {
    const events = [...TYPES.keys()].filter((name) => /^[a-z-]+$/.test(name));
    expect(events.toSorted()).toEqual([...EVENTS.keys()].toSorted());
  });

  test.each([...EVENTS])('describes every field of %s', (type, one) => {
    const fields = fieldsOf(one).filter(({ name }) => name !== 'type');
    expect(TYPES.get(type)?.toSorted(byName)).toEqual(fields.toSorted(byName));
  });

  const types = Object.entries(EVENT_DEFINITIONS).filter(
    ([name, one]) =>
      name !== 'Envelope' &&
      !name.endsWith('Event') &&
      // The shapes that a task's plan has are described together.
      !(name.startsWith('Planned') && name !== 'PlannedTask') &&
      fieldsOf(one).length > 0,
  );
  test.each(types)('describes every field of %s', (name, one) => {
    expect(
      TYPES.get(name)
        ?.map((field) => field.name)
        .toSorted(),
    ).toEqual(
      fieldsOf(one)
        .map((field) => field.name)
        .toSorted(),
    );
  });

  test.each(types.filter(([, one]) => one.anyOf === undefined))('says which fields of %s are optional', (name, one) => {
    expect(TYPES.get(name)?.toSorted(byName)).toEqual(fieldsOf(one).toSorted(byName));
  });
});

/** The fields whose values are codes of a short list, with the codes. Those that are described at another place are not among them. */
const CODED = [...EVENTS, ...Object.entries(EVENT_DEFINITIONS)].flatMap(([type, one]) =>
  variants(one).flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([field, { $ref, enum: own = [] }]) => {
      const codes = $ref === undefined ? own : (definition($ref.replace('#/definitions/', '')).enum ?? []);
      const isListed = MEANINGS.get(`${type}.${field}`)?.includes(`\`${codes[0]}\``);
      return isListed && codes.length < 20 ? [[`${type}.${field}`, codes] as const] : [];
    }),
  ),
);

test('docs/events.md lists the codes of many fields', () => expect(CODED.length).toBeGreaterThan(5));

test.each(CODED)('docs/events.md lists every code of %s', (field, codes) => {
  const missing = codes.filter((code) => !MEANINGS.get(field)?.includes(`\`${code}\``));
  expect(missing).toEqual([]);
});

describe('schemas/events.schema.json', () => {
  test.each(Object.values(EVERY_EVENT))(
    'describes $type as the reporter writes it, with and without what is optional',
    (event) => {
      const output = new MemoryOutput();
      new JsonReporter(output, () => START).handle(event);
      const { version: _version, sequence: _sequence, time: _time, ...written } = JSON.parse(output.text);
      const needed = Object.fromEntries(
        Object.entries(written).filter(([name]) => !(name in OPTIONAL_FIELDS[event.type])),
      );
      expectEventsOfSchema([written, needed]);
      expect(() => expectEventsOfSchema([{ ...written, odd: true }])).toThrow('odd');
    },
  );
});
