import type { ReadElement } from '../../support/xml-reader.ts';

interface Shape {
  readonly needs: readonly string[];
  readonly may: readonly string[];
  readonly holds: readonly string[];
}

/** https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd */
const SHAPES: Readonly<Record<string, Shape>> = {
  testsuites: {
    needs: [],
    may: ['name', 'time', 'tests', 'failures', 'disabled', 'errors'],
    holds: ['testsuite'],
  },
  testsuite: {
    needs: ['name', 'tests'],
    may: [
      'failures',
      'errors',
      'group',
      'time',
      'skipped',
      'timestamp',
      'hostname',
      'id',
      'package',
      'file',
      'log',
      'url',
    ],
    holds: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
  },
  testcase: {
    needs: ['name'],
    may: ['time', 'classname', 'group'],
    holds: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  skipped: { needs: [], may: ['type', 'message'], holds: [] },
  error: { needs: [], may: ['type', 'message'], holds: [] },
  failure: { needs: [], may: ['type', 'message'], holds: [] },
  'system-out': { needs: [], may: [], holds: [] },
};

const TIME = /^\d+(\.\d+)?$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const NUMBERS = ['tests', 'failures', 'errors', 'skipped', 'disabled'];

/** What of a document is not as Jenkins' schema for JUnit has it, and where; empty for one that is valid. */
export function againstJenkins(element: ReadElement, path = `/${element.name}`): readonly string[] {
  const shape = SHAPES[element.name];
  if (!shape) return [`${path} is unknown`];
  const given = Object.entries(element.attributes);
  return [
    ...shape.needs.filter((name) => !(name in element.attributes)).map((name) => `${path} lacks ${name}`),
    ...given
      .filter(([name]) => ![...shape.needs, ...shape.may].includes(name))
      .map(([name]) => `${path} must not have ${name}`),
    ...given.filter(([name, value]) => name === 'time' && !TIME.test(value)).map(() => `${path} has an odd time`),
    ...given
      .filter(([name, value]) => name === 'timestamp' && !TIMESTAMP.test(value))
      .map(() => `${path} has an odd timestamp`),
    ...given
      .filter(([name, value]) => NUMBERS.includes(name) && !/^\d+$/.test(value))
      .map(([name]) => `${path} has an odd number of ${name}`),
    ...(shape.holds.length > 0 && element.text.trim() !== '' ? [`${path} must not hold text`] : []),
    ...element.children.flatMap((child, index) => {
      const at = `${path}/${child.name}[${index}]`;
      return shape.holds.includes(child.name) ? againstJenkins(child, at) : [`${at} must not be there`];
    }),
  ];
}
