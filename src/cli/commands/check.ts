import type { Json } from '../../core/json.ts';
import { SourceFile } from '../../core/source.ts';
import type { RunResult } from '../../engine/run-state.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { formatCertificates } from '../../report/certificates.ts';
import { count } from '../../report/words.ts';
import { catalogue } from '../catalogue.ts';
import { type CheckFindings, findingsIn, isForRenewal, rowsOf } from '../check-findings.ts';
import type { Environment } from '../environment.ts';
import { EXIT, exitCodeOf } from '../exit-code.ts';
import { given } from '../inputs.ts';
import { sameOptions } from '../next-commands.ts';
import { DEFAULT_RENEW_BEFORE, type HostOptions, type OutputOptions } from '../options.ts';
import { textOptions, timeZone } from '../output.ts';
import { RENEWAL } from '../playbook-files.ts';
import { troubleReporter } from '../quiet-reporter.ts';
import { runPlaybook } from '../run-playbook.ts';

export interface CheckCommandOptions extends HostOptions, OutputOptions {
  /** Without it the variable of that name, or the step's default. */
  readonly renewBefore?: string;
  readonly extraVars: readonly string[];
}

const PLAYBOOK = `- name: Certificates
  hosts: all
  tasks:
    - name: Look at every certificate
      certs.check: {}
      register: certificates
`;

/** `kplay check`: every certificate of every host, the most urgent first. */
export async function check(options: CheckCommandOptions, environment: Environment): Promise<number> {
  const { renewBefore, output } = options;
  const finished = await runPlaybook({
    command: 'check',
    source: 'kplay check',
    options: { ...options, output: 'plain' },
    environment,
    inputs: {
      playbook: (problems) => readPlaybook(new SourceFile('kplay check', PLAYBOOK), catalogue, problems),
      variables: () => ({ renew_before: given(renewBefore, '--renew-before') }),
    },
    reporter: troubleReporter(environment, options),
    exitCodeOf: checkExitCode,
  });
  const findings = findingsIn(finished.result, 'certificates');
  const { stdout } = environment;
  if (output === 'json') stdout.write(`${JSON.stringify(asJson(findings), null, 2)}\n`);
  else stdout.write(`${asTable(findings, finished.inputs.hosts.length, options, environment)}\n`);
  return finished.exitCode;
}

/** A host of which not all could be read was not looked at, as one that could not be reached. */
function checkExitCode(result: RunResult, wasInterrupted: boolean): number {
  const code = exitCodeOf(result, wasInterrupted);
  return code === EXIT.good && findingsIn(result, 'certificates').notReadable.length > 0 ? EXIT.unreachable : code;
}

function asTable(
  findings: CheckFindings,
  hosts: number,
  options: CheckCommandOptions,
  environment: Environment,
): string {
  const { stdout, clock } = environment;
  const table = formatCertificates(rowsOf(findings), {
    ...textOptions(stdout, options, environment),
    title: titleOf(options, hosts - findings.unseen.length, hosts),
    renewBefore: findings.renewBefore ?? DEFAULT_RENEW_BEFORE,
    now: clock(),
    wide: options.output === 'wide',
    timeZone: timeZone(options),
    without: findings.without,
    unseen: findings.unseen,
  });
  const next = nextCommand(findings, options);
  return next === undefined ? table : `${table}\n\nNext: ${next}`;
}

/** To see everything comes first; then to renew what is due, by the rule that it was judged by. */
function nextCommand({ hosts, notReadable }: CheckFindings, options: CheckCommandOptions): string | undefined {
  const { renewBefore } = options;
  if (notReadable.length > 0 && !options.become) {
    const rule = renewBefore === undefined ? '' : ` --renew-before ${renewBefore}`;
    return `kplay check ${sameOptions({ ...options, become: true })}${rule}`;
  }
  if (!hosts.some(({ certificates }) => certificates.some(isForRenewal))) return undefined;
  const rule = renewBefore === undefined ? '' : ` -e renew_before=${renewBefore}`;
  return `kplay plan ${RENEWAL} ${sameOptions(options)}${rule}`;
}

/** `prod · 3 hosts`, or `prod · 2 of 3 hosts` where not all could be looked at. */
function titleOf({ inventory }: CheckCommandOptions, seen: number, all: number): string {
  const name = inventory.map((source) => source.replace(/^.*\//, '').replace(/\.ya?ml$|\.ini$/, '')).join(', ');
  return `${name} · ${seen === all ? '' : `${seen} of `}${count(all, 'host')}`;
}

function asJson({ hosts, without, notReadable, unseen }: CheckFindings): Json {
  return {
    version: 1,
    hosts: hosts.map(({ host, certificates, authorities }) => ({ host, certificates, authorities })),
    without_certificates: without,
    not_readable: notReadable.map(({ host, user, paths }) => ({ host, user, paths })),
    unreachable: unseen,
  };
}
