import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/core/json.ts';
import type { JsonSchema } from '../../src/core/schema.ts';
import type { PlanContext, Step } from '../../src/core/step.ts';
import { UnknownValueError, World } from '../../src/core/world.ts';
import { isWord } from '../../src/engine/program/variable-watch.ts';
import { createParameterChecker } from '../../src/playbook/parameters/parameter-checker.ts';
import { registry } from '../../src/steps/registry.ts';
import { fc } from '../support/random-cases.ts';

const checker = await createParameterChecker({ steps: registry.steps, strategies: new Set() });
const NOW = new Date('2026-11-24T15:12:44Z');
const HOST = { name: 'm1', groups: ['all'] };

/** Parameters that a step needs besides. */
const OTHERS: Readonly<Record<string, JsonObject>> = {
  assert: { that: [false] },
  command: { cmd: 'true' },
  shell: { cmd: 'true' },
  copy: { content: 'x', dest: '/tmp/x' },
  service: { name: 'x' },
  wait_for: { path: '/tmp/x' },
};

/** What becomes of a task on a host of which nothing is known. */
function outcome(step: Step, given: JsonObject): string {
  const completed = checker.complete(step.name, given);
  if (completed.kind === 'wrong') return completed.problems.map(({ path }) => `wrong ${path}`).join();
  const { params } = completed;
  const asked = step.needs(params, World.empty, HOST, new Map());
  if (asked.length > 0) return 'asks';
  const contexts: readonly PlanContext[] = [
    { host: HOST, now: NOW, observedAt: () => NOW, runId: 'r', startedAt: NOW, peers: new Map(), order: 'linear' },
    {
      host: HOST,
      now: NOW,
      observedAt: () => NOW,
      runId: 'r',
      startedAt: NOW,
      peers: new Map(),
      order: 'linear',
      isBehindCommand: true,
    },
  ];
  return contexts
    .map((context) => {
      try {
        const plan = step.plan(params, World.empty, context);
        return plan.action === 'refuse' ? `refused ${plan.code} ${plan.isFailure}` : plan.action;
      } catch (error) {
        if (error instanceof UnknownValueError) return 'unknown';
        throw error;
      }
    })
    .join();
}

const word = fc.oneof(
  fc.constantFrom('h1', 'H-1.example', '2', '0644', '10.0.0.7', 'true', 'a_b', '1m', 'x'.repeat(255)),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,20}$/),
);
const piece = fc.constantFrom(
  '',
  '/',
  ' ',
  '-',
  '"',
  "'",
  '\\',
  '$',
  '${',
  '}',
  '%',
  '|',
  '>',
  '2>&',
  '&&',
  '\n',
  ':',
  '=',
  'etc/',
  'a',
);
const around = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));

function inShape(schema: JsonSchema, text: string): Json {
  return [schema.type].flat().includes('string') || schema.type === undefined ? text : [text, 'more'];
}

describe('parameters for which any word will do', () => {
  const marked = [...registry.steps.values()].flatMap((step) =>
    Object.entries(step.schema.properties).flatMap(([name, schema]) =>
      schema['x-any-word'] ? [{ step, name, schema }] : [],
    ),
  );

  test('there are some', () => {
    expect(marked.map(({ step, name }) => `${step.name}.${name}`)).toContain('command.cmd');
  });

  test.each(marked)('$step.name: $name', ({ step, name, schema }) => {
    fc.assert(
      fc.property(around, around, word, word, (before, after, one, other) => {
        expect(isWord(one) && isWord(other)).toBe(true);
        const given = (text: string): JsonObject => {
          const { [name]: own, ...others } = OTHERS[step.name] ?? {};
          const rest = step.name === 'command' && name === 'argv' ? {} : others;
          return { ...rest, [name]: inShape(schema, `${before}${text}${after}`) };
        };
        expect(outcome(step, given(one))).toBe(outcome(step, given(other)));
      }),
      { numRuns: 300 },
    );
  });
});
