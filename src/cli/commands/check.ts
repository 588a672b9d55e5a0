import { InputError, type Problems } from '../../core/diagnostic.ts';
import { parseDuration } from '../../core/duration.ts';
import { formatCertificates } from '../../report/certificates.ts';
import { type CheckReport, gravest } from '../../report/check/findings.ts';
import { CHECK_FORMATS } from '../../report/check/formats.ts';
import { NAGIOS_CODES, nagiosLine, nagiosText } from '../../report/check/nagios.ts';
import { count } from '../../report/words.ts';
import { CERTIFICATES, lookPlaybook } from '../certificate-look.ts';
import { type CheckFindings, findingsIn, isForRenewal, rowsOf } from '../check-findings.ts';
import { checkReport, SEVERITY_CODES } from '../check-report.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { given } from '../inputs.ts';
import { MetricsFile } from '../metrics-file.ts';
import { sameOptions } from '../next-commands.ts';
import { DEFAULT_RENEW_BEFORE, type HostOptions, type OutputOptions } from '../options.ts';
import { textOptions, timeZone } from '../output.ts';
import { RENEWAL } from '../playbook-files.ts';
import { troubleReporter } from '../quiet-reporter.ts';
import { reportError } from '../report-error.ts';
import { type FinishedRun, runPlaybook } from '../run-playbook.ts';

export interface CheckCommandOptions extends HostOptions, OutputOptions {
  /** Without it the variable of that name, or the step's default. */
  readonly renewBefore?: string;
  readonly extraVars: readonly string[];
  readonly warn?: string;
  readonly critical?: string;
  /** The exit code says how the certificates are. */
  readonly exitCode?: boolean;
  /** As a plugin of Nagios: one line, and its exit codes. */
  readonly nagios?: boolean;
  readonly metrics?: string;
}

/** `kplay check`: every certificate of every host, the most urgent first. */
export async function check(options: CheckCommandOptions, environment: Environment): Promise<number> {
  if (options.nagios) return nagios(options, environment);
  const { output } = options;
  const { finished, findings, report } = await look(options, environment);
  const format = await CHECK_FORMATS[output]?.();
  const text = format ? format(report) : `${asTable(findings, finished.inputs.hosts.length, options, environment)}\n`;
  environment.stdout.write(text);
  return checkExitCode({ ...finished, options, findings, report });
}

/** Whatever happens, a plugin says one line and ends with one of four codes: any other is taken for something else. */
async function nagios(options: CheckCommandOptions, environment: Environment): Promise<number> {
  const { stdout } = environment;
  try {
    const { finished, findings, report } = await look(options, environment);
    stdout.write(finished.wasInterrupted ? nagiosText('unknown', 'interrupted') : nagiosLine(report));
    return checkExitCode({ ...finished, options, findings, report });
  } catch (error) {
    const message = error instanceof InputError ? error.message : 'kplay was ended by an error';
    stdout.write(nagiosText('unknown', message));
    await reportError(error, options.color ? [] : ['--no-color'], environment);
    return NAGIOS_CODES.unknown;
  }
}

interface Look {
  readonly finished: FinishedRun;
  readonly findings: CheckFindings;
  readonly report: CheckReport;
}

async function look(options: CheckCommandOptions, environment: Environment): Promise<Look> {
  const metrics = new MetricsFile(options.metrics);
  let found: Omit<Look, 'finished'> | undefined;
  const finished = await runPlaybook({
    command: 'check',
    source: 'kplay check',
    options: { ...options, output: 'plain' },
    environment,
    inputs: {
      playbook: lookPlaybook,
      variables: () => ({ renew_before: given(options.renewBefore, '--renew-before') }),
    },
    checkOutputs: (problems) => {
      checkThresholds(options, problems);
      metrics.reserve(problems);
    },
    reporter: troubleReporter(environment, options),
    afterwards: async ({ result, inputs, now, elapsedMs, exitCode, wasInterrupted }) => {
      const hosts = inputs.hosts.map(({ name }) => name);
      const findings = findingsIn(result, CERTIFICATES, hosts);
      found = { findings, report: checkReport(findings, result.unreachable, options, now) };
      const figures = { command: 'check', endedAt: environment.clock(), elapsedMs, hosts: [] };
      const code = checkExitCode({ options, exitCode, wasInterrupted, ...found });
      metrics.write({ ...figures, exitCode: code }, found.report, environment);
    },
  }).finally(() => metrics.discard());
  if (!found) throw new Error('the certificates were not looked at');
  return { finished, ...found };
}

interface Ended extends Omit<Look, 'finished'> {
  readonly options: CheckCommandOptions;
  readonly exitCode: number;
  readonly wasInterrupted: boolean;
}

function checkExitCode({ options, findings, report, exitCode, wasInterrupted }: Ended): number {
  const severity = gravest(report.findings);
  if (options.nagios) return NAGIOS_CODES[wasInterrupted ? 'unknown' : severity];
  if (wasInterrupted) return EXIT.interrupted;
  if (options.exitCode) return SEVERITY_CODES[severity];
  // A host of which not all could be read was not looked at, as one that could not be reached.
  return exitCode === EXIT.good && findings.notReadable.length > 0 ? EXIT.unreachable : exitCode;
}

/** Thresholds that contradict each other, or that nothing would be decided by. */
function checkThresholds(options: CheckCommandOptions, problems: Problems): void {
  const { warn, critical, output, exitCode, nagios, metrics } = options;
  const isGiven = warn !== undefined || critical !== undefined;
  if (isGiven && !exitCode && !nagios && metrics === undefined && CHECK_FORMATS[output] === undefined) {
    const name = warn === undefined ? '--critical' : '--warn';
    problems.error(
      `${name} decides nothing with -o ${output}`,
      undefined,
      'add --exit-code or --nagios, or a format that gives the severity of each: -o json; the table goes by --renew-before',
    );
  }
  if (warn !== undefined && critical !== undefined && parseDuration(critical) > parseDuration(warn)) {
    problems.error(
      `--critical ${critical} is longer than --warn ${warn}`,
      undefined,
      'what ends sooner is graver: give --critical the shorter time',
    );
  }
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
