import { Problems } from '../../../src/core/diagnostic.ts';
import { formatPosition, SourceFile } from '../../../src/core/source.ts';
import { readPlaybook } from '../../../src/playbook/load.ts';
import { createParameterChecker } from '../../../src/playbook/parameters/parameter-checker.ts';
import { stepTasksOf } from '../../../src/playbook/step-tasks.ts';
import { registry } from '../../../src/steps/registry.ts';

const CATALOGUE = { steps: registry.steps, strategies: new Set<string>() };

/** Knows the parameters of every step. */
export const checker = await createParameterChecker(CATALOGUE);

/** What is said of a task as it is written. */
export function saidOf(task: string): readonly string[] {
  const problems = new Problems();
  const read = readPlaybook(new SourceFile('p.yml', `- hosts: all\n  tasks:\n    - ${task}\n`), CATALOGUE, problems);
  for (const { step, params } of read?.plays.flatMap(stepTasksOf) ?? []) checker.check(step, params, problems);
  return problems.all.map(({ message, range }) => `${range ? formatPosition(range) : ''} ${message}`);
}
