import { Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { compilePlaybook } from '../../engine/program/compile.ts';
import { becomeValues } from '../../engine/program/play-tasks.ts';
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

/** The variable in which hosts register the result of certs.check. */
export const CERTIFICATES = 'certificates';

/** The playbook of `kplay check`, which also asks the API. */
export function checkPlaybook(problems: Problems): Playbook | undefined {
  return hostCheckPlaybook(problems, undefined, '{ api: true }');
}

/** A playbook that only checks the certificates on hosts. @param params of certs.check */
export function hostCheckPlaybook(problems: Problems, become?: true, params = '{}'): Playbook | undefined {
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
 * Checks the certificates of all hosts of a run once more, with sessions that cannot write and without output.
 * @param now decides what is due.
 */
export async function recheckCertificates(request: RunRequest, inputs: Inputs, now: Date): Promise<CheckReport> {
  const become = request.plays.some((play) => becomeValues(play).includes(true)) || undefined;
  const problems = new Problems();
  const playbook = hostCheckPlaybook(problems, become);
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
  return checkReport(findingsIn(result, CERTIFICATES, inputs.hosts), result, {}, now);
}
