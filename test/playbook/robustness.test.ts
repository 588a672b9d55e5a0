import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { Problems } from '../../src/core/diagnostic.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { SourceFile } from '../../src/core/source.ts';
import { readPlaybook } from '../../src/playbook/load.ts';
import { createParameterChecker } from '../../src/playbook/parameters/parameter-checker.ts';
import { stepTasksOf } from '../../src/playbook/step-tasks.ts';
import { fc } from '../support/random-cases.ts';
import { catalogue, SHIPPED } from './support/playbooks.ts';

const checker = await createParameterChecker(catalogue);
const keys = [
  ...[
    'name',
    'hosts',
    'vars',
    'become',
    'serial',
    'tags',
    'tasks',
    'strategy',
    'when',
    'loop',
    'loop_control',
    'register',
  ],
  ...['certs.check', 'certs.backup', 'command', 'ansible.builtin.command', 'cluster.verify', 'block', 'gather_facts'],
  ...[
    'to',
    'keep',
    'probes',
    'port',
    'sans',
    'cmd',
    'renew_before',
    '__proto__',
    'constructor',
    'toString',
    'with_x',
    '<<',
  ],
];

/** Texts made of what a playbook gives a meaning to, which gets farther than any characters do. */
const playbookText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '- ',
        '\n',
        '\n  ',
        '\n    ',
        '\n- hosts: all\n  tasks:\n    - ',
        ': ',
        ',',
        '[',
        ']',
        '{',
        '}',
        '"',
        "'",
        '#',
      ),
      fc.constantFrom(
        '{{',
        '}}',
        '&a ',
        '*a',
        '<<: ',
        '!x ',
        '|\n',
        '>-\n',
        '\t',
        '---',
        '~',
        'yes',
        '0644',
        '25%',
        '- - ',
      ),
      fc.constantFrom(...keys).map((key) => `${key}: `),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 50 },
  )
  .map((pieces) => pieces.join(''));

/** Values of the form of a playbook, in which everything may be wrong. */
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.oneof(
      fc.constantFrom(null, true, 0, 1.5, '', '{{ x }}', 'yes', 'all', 'keep', '5m'),
      fc.string({ maxLength: 5 }),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys) }, fc.string({ maxLength: 4 })),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
}));
const mapping = fc.dictionary(fc.constantFrom(...keys), anyValue, { maxKeys: 5 });
const playbookValue = fc.array(
  fc.tuple(mapping, fc.array(mapping, { maxLength: 4 })).map(([play, tasks]) => ({ hosts: 'all', ...play, tasks })),
  { maxLength: 3 },
);

function readAndCheck(text: string): void {
  const problems = new Problems();
  const playbook = readPlaybook(new SourceFile('p.yml', text), catalogue, problems);
  for (const play of playbook?.plays ?? []) {
    for (const { step, params } of stepTasksOf(play)) checker.check(step, params, problems);
  }
  if (!playbook) expect(problems.hasErrors).toBe(true);
  for (const { range, message, hint } of problems.all) {
    expect(message).toMatch(/^\S.*[^.\s]$/s);
    expect(hint).not.toBe('');
    expect(range && 0 <= range.start && range.start <= range.end && range.start <= text.length, message).toBe(true);
  }
}

describe('whatever the text is, problems are reported and nothing is thrown', () => {
  test('any characters', () => {
    fc.assert(fc.property(fc.oneof(playbookText, fc.string({ unit: 'binary', maxLength: 300 })), readAndCheck), {
      numRuns: 1000,
    });
  });

  test('any YAML', () => {
    fc.assert(
      fc.property(
        fc.oneof(playbookValue, anyValue).map((value) => stringify(value)),
        readAndCheck,
      ),
      { numRuns: 500 },
    );
  });

  test('the shipped playbook with a piece cut out or put in', () => {
    const place = fc.nat({ max: SHIPPED.length });
    fc.assert(
      fc.property(place, place, fc.string({ unit: 'binary', maxLength: 3 }), (a, b, piece) => {
        readAndCheck(SHIPPED.slice(0, Math.min(a, b)) + piece + SHIPPED.slice(Math.max(a, b)));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['deep brackets', '['.repeat(100_000)],
    ['deep brackets that are closed', `${'['.repeat(2000)}${']'.repeat(2000)}`],
    [
      'deep parameters',
      `- hosts: all\n  tasks:\n    - cluster.verify: { headers: ${'['.repeat(500)}${']'.repeat(500)} }\n`,
    ],
    ['an alias bomb', `- &a [${'x,'.repeat(1000)}]\n- &b [${'*a,'.repeat(1000)}]\n- [${'*b,'.repeat(1000)}]\n`],
    ['a long line', `- hosts: {{ ${' '.repeat(200_000)}x\n`],
    ['a long word', `- hosts: all\n  tasks:\n    - ${'x'.repeat(200_000)}: 1\n`],
  ])('%s', (_, text) => {
    readAndCheck(text);
  });
});

describe('whatever was rendered', () => {
  test('parameters are complete or there is a complaint, and completing them again changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...catalogue.steps.keys()), mapping, (step, params) => {
        const completion = checker.complete(step, params as JsonObject);
        if (completion.kind === 'complete') expect(checker.complete(step, completion.params)).toEqual(completion);
        else expect(completion.problems).not.toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
