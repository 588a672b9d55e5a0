import { describe, expect, test } from 'vitest';
import { registry } from '../../src/steps/registry.ts';
import { asExpected, caseFiles, type PlanCase, resultOf } from './support/cases.ts';
import { afterTask, begin, observed, type Planning, planOf, type Task } from './support/planning.ts';
import { withCertificates } from './support/signed-texts.ts';
import { expectConverges, expectSound } from './support/soundness.ts';

describe.each(caseFiles())('$step', ({ step, cases }) => {
  test.each(cases.map((planCase) => [planCase.what, planCase] as const))('%s', (_what, planCase) => {
    const { params, host = {} } = planCase;
    const task: Task = { step, ...(params && { params: withCertificates(params, host) }) };
    const planning = observed(task, before(planCase));
    const plan = planOf(task, planning);
    expect(asExpected(plan, planCase.plan)).toEqual(withoutResult(planCase));
    if (planCase.plan.result !== undefined) expect(resultOf(plan)).toMatchObject(planCase.plan.result as object);
    expectSound(task, plan);
    // The worlds are frozen: a plan that changed something would have failed. Nor does it keep anything for the next time.
    expect(planOf(task, planning)).toEqual(plan);
    expectConverges(task, planning, plan);
  });
});

test('there are cases for every step', () => {
  expect(
    caseFiles()
      .map(({ step }) => step)
      .sort(),
    // What include_vars reads is known before it is planned: test/playbook and the corpus have its cases.
  ).toEqual(
    [...registry.steps.values()].flatMap(({ name, includesVariables }) => (includesVariables ? [] : name)).sort(),
  );
});

function before({ host = {}, peers = {}, before: tasks = [], behind_command }: PlanCase): Planning {
  const start = begin(host, peers);
  const context = { ...start.context, ...(behind_command && { isBehindCommand: behind_command }) };
  return tasks
    .map((task): Task => (typeof task === 'string' ? { step: task } : task))
    .map((task) => (task.params ? { ...task, params: withCertificates(task.params, host) } : task))
    .reduce((planning, task) => afterTask(task, planning), { ...start, context });
}

function withoutResult({ plan }: PlanCase): object {
  const { result, ...rest } = plan;
  return rest;
}
