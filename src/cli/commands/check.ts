import { count } from '../../core/count.ts';
import { InputError, type Problems } from '../../core/diagnostic.ts';
import { isDuration, parseDuration } from '../../core/duration.ts';
import { isHostPath } from '../../core/host-path.ts';
import { quoteWord } from '../../core/shell.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { formatCertificates } from '../../report/check/certificates.ts';
import { type CheckReport, worstSeverity } from '../../report/check/findings.ts';
import { CHECK_FORMATS } from '../../report/check/formats.ts';
import { CHECK_REPORTS } from '../../report/check/kinds.ts';
import { NAGIOS_CODES, nagiosLine, nagiosText } from '../../report/check/nagios.ts';
import { escapeControls } from '../../report/text/escape.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { given } from '../inputs/given-variables.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { RENEWAL } from '../inputs/playbook-files.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { MetricsOptions } from '../options/metrics-options.ts';
import { DEFAULT_RENEW_BEFORE, type OutputOptions, type ReportOptions, type StateOptions } from '../options/options.ts';
import { checkTableOptions, type TableOptions } from '../options/table-options.ts';
import { CERTIFICATES, checkPlaybook } from '../output/certificate-check.ts';
import { apiNotAsked, type CheckFindings, findingsIn, isForRenewal, rowsOf } from '../output/check-findings.ts';
import { checkReport, defaultWarn, SEVERITY_CODES } from '../output/check-report.ts';
import { MetricsFile } from '../output/metrics-file.ts';
import { textOptions, timeZone } from '../output/output.ts';
import { troubleReporter } from '../output/quiet-reporter.ts';
import { reportError } from '../output/report-error.ts';
import { ReportFiles, refuseInputs, type WantedReports } from '../output/report-files.ts';
import type { FinishedRun } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { sameOptions } from '../run/same-options.ts';
import { renewalWork } from '../run/work.ts';

export interface CheckCommandOptions
  extends HostOptions,
    MetricsOptions,
    OutputOptions,
    ReportOptions,
    StateOptions,
    TableOptions {
  /** Default: the variable of that name, or the step's default. */
  readonly renewBefore?: string;
  readonly extraVars: readonly string[];
  /** Paths on the hosts. Default: the variable `kubeconfig_paths`. */
  readonly kubeconfig: readonly string[];
  readonly warn?: string;
  readonly critical?: string;
  /** Both were not typed, so they may be for other commands. */
  readonly arePresetThresholds?: boolean;
  /** The file of the page; short for a report. */
  readonly html?: string;
  /** The exit code depends on the certificates. */
  readonly exitCode?: boolean;
  /** Behave as a Nagios plugin: one line, and its exit codes. */
  readonly nagios?: boolean;
}

/** `kplay check`: all certificates of all hosts, the most urgent first. */
export async function check(options: CheckCommandOptions, environment: Environment): Promise<number> {
  if (options.nagios) return nagios(options, environment);
  checkTableOptions(options);
  const { output } = options;
  const { finished, findings, report } = await checkCertificates(options, environment);
  const format = await CHECK_FORMATS[output]?.();
  const table = format ? '' : asTable(findings, finished.inputs.hosts.length, options, environment);
  const text = format ? format(report) : table === '' ? '' : `${table}\n`;
  environment.stdout.write(text);
  return checkExitCode({ ...finished, options, findings, report });
}

/** A plugin always prints one line and exits with one of four codes: any other would be misinterpreted. */
async function nagios(options: CheckCommandOptions, environment: Environment): Promise<number> {
  const { stdout } = environment;
  try {
    const { finished, findings, report } = await checkCertificates(options, environment);
    stdout.write(finished.wasInterrupted ? nagiosText('unknown', 'interrupted') : nagiosLine(report));
    return checkExitCode({ ...finished, options, findings, report });
  } catch (error) {
    const message = error instanceof InputError ? error.message : 'kplay was ended by an error';
    stdout.write(nagiosText('unknown', message));
    await reportError(error, options.color ? [] : ['--no-color'], environment);
    return NAGIOS_CODES.unknown;
  }
}

interface CompletedCheck {
  readonly finished: FinishedRun;
  readonly findings: CheckFindings;
  readonly report: CheckReport;
}

async function checkCertificates(options: CheckCommandOptions, environment: Environment): Promise<CompletedCheck> {
  const metrics = new MetricsFile(options);
  const reports = new ReportFiles(CHECK_REPORTS, environment);
  const wanted: WantedReports = {
    reports: options.report,
    html: options.html,
    otherFiles: [['--metrics', options.metrics]],
  };
  // Those that are no paths are reported as they were typed.
  const kubeconfigs = options.kubeconfig.filter(isHostPath);
  let found: Omit<CompletedCheck, 'finished'> | undefined;
  const finished = await runPlaybook({
    command: 'check',
    source: '',
    options: { ...options, output: 'plain' },
    environment,
    inputs: {
      beside: undefined,
      playbook: checkPlaybook,
      work: renewalWork(),
      variables: () => ({
        renew_before: given(options.renewBefore, '--renew-before'),
        kubeconfig_paths: given(kubeconfigs.length > 0 ? kubeconfigs : undefined, '--kubeconfig'),
      }),
    },
    checkOutputs: (problems) => {
      checkThresholds(options, problems);
      checkKubeconfigs(options.kubeconfig, problems);
      metrics.reserve(problems);
      reports.reserve(wanted, options, problems);
    },
    checkInputs: (inputs, problems, files) => {
      checkCritical(options, inputs, problems);
      refuseInputs(wanted, () => Object.keys(files()), problems);
    },
    reporter: troubleReporter(environment, options),
    afterwards: async ({ result, inputs, now, elapsedMs, exitCode, wasInterrupted }) => {
      const findings = findingsIn(result, CERTIFICATES, inputs.hosts, { areExpected: true });
      for (const path of findings.missingKubeconfigs)
        environment.stderr.write(`warning: no host that was checked has the kubeconfig ${escapeControls(path)}\n`);
      found = { findings, report: { ...checkReport(findings, result, options, now), labels: metrics.labels } };
      const figures = { command: 'check', endedAt: environment.clock(), elapsedMs, hosts: [] };
      const code = checkExitCode({ options, exitCode, wasInterrupted, ...found });
      metrics.write({ ...figures, exitCode: code }, found.report, environment);
    },
  }).finally(() => {
    metrics.discard();
    reports.finish(found?.report);
  });
  if (!found) throw new Error('the certificates were not checked');
  return { finished, ...found };
}

interface CheckEnd extends Omit<CompletedCheck, 'finished'> {
  readonly options: CheckCommandOptions;
  readonly exitCode: number;
  readonly wasInterrupted: boolean;
}

function checkExitCode({ options, findings, report, exitCode, wasInterrupted }: CheckEnd): number {
  const severity = worstSeverity(report.findings);
  if (options.nagios) return NAGIOS_CODES[wasInterrupted ? 'unknown' : severity];
  if (wasInterrupted) return EXIT.interrupted;
  if (options.exitCode) return SEVERITY_CODES[severity];
  // A host that could not be read completely counts as unreachable.
  return exitCode === EXIT.good && findings.notReadable.length > 0 ? EXIT.unreachable : exitCode;
}

/** Refuses thresholds that contradict each other or have no effect. */
function checkThresholds(options: CheckCommandOptions, problems: Problems): void {
  const { warn, critical, output, exitCode, nagios, metrics, report, html } = options;
  const isTyped = (warn !== undefined || critical !== undefined) && !options.arePresetThresholds;
  if (
    isTyped &&
    !exitCode &&
    !nagios &&
    metrics === undefined &&
    report.length === 0 &&
    html === undefined &&
    CHECK_FORMATS[output] === undefined
  ) {
    const name = warn === undefined ? '--critical' : '--warn';
    problems.error(
      `${name} has no effect with -o ${output}`,
      [name, '--output'],
      'add --exit-code or --nagios, or a format with severities: -o json, --report html=FILE; the table uses --renew-before',
    );
  }
  if (warn !== undefined && critical !== undefined && parseDuration(critical) > parseDuration(warn)) {
    problems.error(
      `--critical ${critical} is longer than --warn ${warn}`,
      ['--critical', '--warn'],
      'give --critical the shorter time',
    );
  }
}

/** Refuses a `--critical` longer than the default of `--warn` for each host, with which nothing would ever be a warning. */
function checkCritical(
  { warn, critical }: CheckCommandOptions,
  { plays, surroundings }: Inputs,
  problems: Problems,
): void {
  if (critical === undefined || warn !== undefined) return;
  const extra = surroundings.extra.get('renew_before');
  const hosts = plays.flatMap((play) => play.hosts);
  const variables = new Set(extra ? [extra] : hosts.map(({ vars }) => vars.get('renew_before')));
  const rules = [...variables].map((variable) =>
    defaultWarn(variable?.kind === 'constant' ? String(variable.value) : undefined),
  );
  // What a template comes to is known later, and what is no duration is refused where it stands.
  const areKnown = [...variables].every((each) => each === undefined || each.kind === 'constant');
  if (!areKnown || !rules.every(isDuration)) return;
  const [rule] = rules.sort((a, b) => parseDuration(b) - parseDuration(a));
  if (rule !== undefined && parseDuration(critical) > parseDuration(rule))
    problems.error(
      `--critical ${critical} is longer than the default of --warn, ${rule}`,
      ['--critical'],
      'give --warn as well, at least as long; its default is that of --renew-before',
    );
}

/** The paths are on other machines, so relative ones have no meaning. */
function checkKubeconfigs(paths: readonly string[], problems: Problems): void {
  for (const path of paths)
    if (!isHostPath(path))
      problems.error(
        `--kubeconfig ${path} is not a path on the hosts`,
        rangeOfArgument('--kubeconfig', path),
        'write an absolute path: /home/ops/.kube/config',
      );
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
    renewBefore: findings.rules.length > 1 ? undefined : (findings.rules[0] ?? DEFAULT_RENEW_BEFORE),
    now: clock(),
    wide: options.output === 'wide',
    timeZone: timeZone(options),
    view: options,
    without: findings.without.map(({ host, group }) =>
      group === undefined ? host : `${host} (in the group ${group})`,
    ),
    unseen: findings.unseen,
    apiNotAsked: apiNotAsked(findings),
  });
  if (!options.headers) return table;
  const next = nextCommand(findings, options);
  return next === undefined ? table : `${table}\n\nNext: ${next}`;
}

/** First what is needed to see everything; then to renew what is due, by the same rule. */
function nextCommand({ hosts, notReadable }: CheckFindings, options: CheckCommandOptions): string | undefined {
  const { renewBefore } = options;
  if (notReadable.length > 0 && !options.become) {
    return `kplay check ${sameOptions({ ...options, become: true }, { command: 'check', isSame: true })}`;
  }
  if (!hosts.some(({ certificates }) => certificates.some(isForRenewal))) return undefined;
  const rule = renewBefore === undefined ? '' : ` -e renew_before=${quoteWord(renewBefore)}`;
  return `kplay plan ${RENEWAL} ${sameOptions(options, { command: 'plan', isSame: false })}${rule}`;
}

/** `prod · 3 hosts`, or `prod · 2 of 3 hosts` if not all could be checked. */
function titleOf({ inventory }: CheckCommandOptions, seen: number, all: number): string {
  const name = inventory.map((source) => source.replace(/^.*\//, '').replace(/\.ya?ml$|\.ini$/, '')).join(', ');
  return `${name} · ${seen === all ? '' : `${seen} of `}${count(all, 'host')}`;
}
