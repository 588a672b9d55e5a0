import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ClusterRef, ClusterWindow } from '../../src/core/cluster.ts';
import type { HostPlan, HostRecap, PlayPlan, TaskRef } from '../../src/core/event.ts';
import type { Change } from '../../src/core/plan.ts';
import { EVENT_SCHEMA_VERSION, JsonReporter } from '../../src/report/json-reporter.ts';
import { BACKUP_CHANGE, masterPlan, RECOVERY_PLAN, recap, START, task } from './support/cluster.ts';
import { EVERY_EVENT, OPTIONAL_FIELDS, SHUT } from './support/events.ts';
import { MemoryOutput } from './support/memory-output.ts';

interface Field {
  readonly name: string;
  readonly isOptional: boolean;
}

/** The tables of docs/events.md, by the name in the heading above them. */
function documentedTypes(): ReadonlyMap<string, readonly Field[]> {
  const text = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const types = new Map<string, Field[]>();
  let fields: Field[] = [];
  for (const line of text.split('\n')) {
    const heading = /^#{2,3} (?:`([\w-]+)`|(.*))$/.exec(line);
    if (heading) {
      fields = [];
      types.set(heading[1] ?? heading[2] ?? '', fields);
    }
    const row = /^\| `(\w+)` +\| ([^|]*)\|/.exec(line);
    if (row) fields.push({ name: row[1] ?? '', isOptional: (row[2] ?? '').includes('optional') });
  }
  return types;
}

const TYPES = documentedTypes();
const namesOf = (type: string) => TYPES.get(type)?.map(({ name }) => name);
const optionalsOf = (type: string) => TYPES.get(type)?.flatMap(({ name, isOptional }) => (isOptional ? [name] : []));

const ENVELOPE = ['version', 'sequence', 'time', 'type'];

/** The fields of an event as the reporter writes it, without those of every line. */
function writtenFields(event: (typeof EVERY_EVENT)[keyof typeof EVERY_EVENT]): readonly string[] {
  const output = new MemoryOutput();
  new JsonReporter(output, () => START).handle(event);
  return Object.keys(JSON.parse(output.text)).filter((name) => !ENVELOPE.includes(name));
}

describe('docs/events.md', () => {
  test('describes what every line holds, in the version that is written', () => {
    expect(namesOf('Every line')).toEqual(ENVELOPE);
    expect(readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')).toContain(
      `of this schema: ${EVENT_SCHEMA_VERSION}`,
    );
  });

  test('describes every type of event and no other', () => {
    const events = [...TYPES.keys()].filter((name) => /^[a-z-]+$/.test(name));
    expect(events.toSorted()).toEqual(Object.keys(EVERY_EVENT).toSorted());
  });

  test.each(Object.values(EVERY_EVENT))('describes every field of $type', (event) => {
    expect(namesOf(event.type)?.toSorted()).toEqual(writtenFields(event).toSorted());
    expect(optionalsOf(event.type)?.toSorted()).toEqual(Object.keys(OPTIONAL_FIELDS[event.type]).toSorted());
  });

  const change: Required<Change> = { ...BACKUP_CHANGE, summary: '', details: [], item: '', stage: '' };
  const hostPlan: Required<HostPlan> = { about: '', ...masterPlan('prod-m1') };
  const cluster: ClusterRef = { kind: 'declared', name: 'prod' };
  const recapOfHost: Required<HostRecap> = { ...recap('prod-m1'), cluster };
  const window: Required<ClusterWindow> = { ...SHUT, until: '' };
  const plan: Required<PlayPlan> = { ...RECOVERY_PLAN, cluster, window };
  const ref: Required<TaskRef> = task(0);
  test.each([
    ['Change', change],
    ['HostPlan', hostPlan],
    ['HostRecap', recapOfHost],
    ['PlayPlan', plan],
    ['ClusterRef', cluster],
    ['ClusterWindow', window],
    ['TaskRef', ref],
  ])('describes every field of %s', (name, value) => {
    expect(namesOf(name)?.toSorted()).toEqual(Object.keys(value).toSorted());
  });

  test('describes every field of a TaskPlan', () => {
    const plans = [
      { path: '', action: 'none', reason: '' },
      { path: '', action: 'change', changes: [BACKUP_CHANGE] },
      { path: '', action: 'check', expectation: '' },
      { path: '', action: 'unknown', until: '' },
      { path: '', condition: '', action: 'skip', reason: '' },
      { path: '', action: 'refuse', reason: '', remedy: '', details: [] },
    ] satisfies HostPlan['tasks'];
    const fields = new Set(plans.flatMap((taskPlan) => Object.keys(taskPlan)));
    expect(namesOf('TaskPlan')?.toSorted()).toEqual([...fields].toSorted());
  });
});
