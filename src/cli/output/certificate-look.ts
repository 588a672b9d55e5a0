import { Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { compilePlaybook } from '../../engine/program/compile.ts';
import { waysOf } from '../../engine/program/play-tasks.ts';
import { ALL_TAGS } from '../../engine/program/tags.ts';
import { planRun } from '../../engine/run.ts';
import type { RunRequest } from '../../engine/run-request.ts';
import { readPlaybook } from '../../playbook/load.ts';
import type { Playbook } from '../../playbook/model.ts';
import type { CheckReport } from '../../report/check/findings.ts';
import { registry } from '../../steps/registry.ts';
import { catalogue } from '../catalogue.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { findingsIn } from './check-findings.ts';
import { checkReport } from './check-report.ts';

/** In which the hosts register what certs.check tells. */
export const CERTIFICATES = 'certificates';

/** The playbook of `kplay check`, which asks the API as well. */
export function checkPlaybook(problems: Problems): Playbook | undefined {
  return lookPlaybook(problems, undefined, '{ api: true }');
}

/** The playbook of a look at certificates alone. @param params of certs.check */
export function lookPlaybook(problems: Problems, become?: true, params = '{}'): Playbook | undefined {
  const text = `- name: Certificates
  hosts: all${become ? '\n  become: true' : ''}
  tasks:
    - name: Check all certificates
      certs.check: ${params}
      register: ${CERTIFICATES}
`;
  return readPlaybook(new SourceFile('kplay check', text), catalogue, problems);
}

/**
 * Looks at the certificates of all hosts of a run once more, with sessions that cannot write, and says nothing of it.
 * @param now by which it is judged what is due.
 */
export async function lookAgain(request: RunRequest, inputs: Inputs, now: Date): Promise<CheckReport> {
  const become = request.plays.some((play) => waysOf(play).includes(true)) || undefined;
  const problems = new Problems();
  const playbook = lookPlaybook(problems, become);
  if (!playbook) throw new Error(`kplay’s own playbook is wrong: ${problems.all.map(({ message }) => message)}`);
  const names = inputs.hosts.map(({ name }) => name);
  const { inventory, surroundings } = inputs;
  const { compileHost } = surroundings;
  const plays = compilePlaybook(
    { playbook, inventory, registry, limit: new Set(names), tags: ALL_TAGS, compileHost },
    problems,
  );
  const tools = { ...request.tools, emit: () => undefined, journal: { write: async () => undefined } };
  const result = await planRun({ ...request, plays, surroundings, now, tools });
  return checkReport(findingsIn(result, CERTIFICATES, names), result, {}, now);
}
