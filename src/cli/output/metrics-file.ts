import { InputError, type Problems } from '../../core/diagnostic.ts';
import type { CheckReport } from '../../report/check/findings.ts';
import { checkMetrics } from '../../report/check/prom.ts';
import { type MetricLabels, prometheusText } from '../../report/formats/prometheus.ts';
import { type RunFigures, runMetrics } from '../../report/formats/run-metrics.ts';
import type { Environment } from '../environment.ts';
import type { MetricsOptions } from '../options/metrics-options.ts';
import type { EndedRun } from '../run/playbook-run.ts';
import { recheckCertificates } from './certificate-check.ts';
import { metricLabels } from './metric-labels.ts';
import { OutputFile } from './output-file.ts';

/** Readable by all, because node_exporter has a user of its own. */
const METRICS = { option: '--metrics', mode: 0o644, isShared: true } as const;

/** The file of `--metrics`, for node_exporter's textfile collector; without the option it does nothing. */
export class MetricsFile {
  readonly #options: MetricsOptions;
  #file: OutputFile | undefined;
  #labels: MetricLabels = {};

  constructor(options: MetricsOptions) {
    this.#options = options;
  }

  /** Known once the file is reserved. */
  get labels(): MetricLabels {
    return this.#labels;
  }

  /** Before the first contact: adds to `problems` if it cannot be written. */
  reserve(problems: Problems): void {
    const { metrics, metricsLabel = [] } = this.#options;
    this.#labels = metricLabels(metricsLabel, problems);
    if (metrics !== undefined) this.#file = OutputFile.reserve(metrics, problems, METRICS);
  }

  /**
   * Writes the metrics of a run that may have changed certificates, which are checked once more, unless it was interrupted or other
   * machines have reached the hosts.
   * @param reachedBy who has
   */
  async writeAfter(
    command: string,
    ended: EndedRun,
    environment: Environment,
    reachedBy: 'own' | 'of others' = 'own',
  ): Promise<void> {
    if (this.#file === undefined) return;
    const { result, elapsedMs, exitCode, wasInterrupted, request, inputs } = ended;
    const isCutShort = wasInterrupted || result.mistake !== undefined;
    const endedAt = environment.clock();
    const report =
      isCutShort || reachedBy === 'of others' ? undefined : await recheckCertificates(request, inputs, endedAt);
    this.write({ command, endedAt, elapsedMs, exitCode, hosts: result.hosts, left: result.left }, report, environment);
  }

  /** An error is only reported on stderr, and does not change the exit code: the run itself is over. */
  write(figures: RunFigures, report: CheckReport | undefined, { stderr }: Environment): void {
    try {
      const metrics = [...(report ? checkMetrics(report) : []), ...runMetrics(figures)];
      this.#file?.write(prometheusText(metrics, this.#labels));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      stderr.write(`warning: ${error.message}. Exit code ${figures.exitCode} is valid all the same.\n`);
    }
  }

  /** Keeps an old file if none was written. */
  discard(): void {
    this.#file?.discard();
  }
}
