import { InputError, type Problems } from '../../core/diagnostic.ts';
import type { CheckReport } from '../../report/check/findings.ts';
import { checkMetrics } from '../../report/check/prom.ts';
import { prometheusText } from '../../report/prometheus.ts';
import { type RunFigures, runMetrics } from '../../report/run-metrics.ts';
import type { Environment } from '../environment.ts';
import type { EndedRun } from '../run/playbook-run.ts';
import { lookAgain } from './certificate-look.ts';
import { OutputFile } from './output-file.ts';

/** node_exporter runs as a user of its own. */
const METRICS = { option: '--metrics', mode: 0o644, isShared: true } as const;

/** The file of `--metrics`, for node_exporter's textfile collector; without the option it does nothing. */
export class MetricsFile {
  readonly #path: string | undefined;
  #file: OutputFile | undefined;

  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Before the first contact: that it cannot be written is added to `problems`. */
  reserve(problems: Problems): void {
    if (this.#path !== undefined) this.#file = OutputFile.reserve(this.#path, problems, METRICS);
  }

  /**
   * Of a run that may have changed certificates: they are looked at once more, unless it was cut short, or others have reached the hosts.
   * @param reach who has
   */
  async writeAfter(
    command: string,
    ended: EndedRun,
    environment: Environment,
    reach: 'own' | 'of others' = 'own',
  ): Promise<void> {
    if (this.#file === undefined) return;
    const { result, elapsedMs, exitCode, wasInterrupted, request, inputs } = ended;
    const isCutShort = wasInterrupted || result.mistake !== undefined;
    const endedAt = environment.clock();
    const report = isCutShort || reach === 'of others' ? undefined : await lookAgain(request, inputs, endedAt);
    this.write({ command, endedAt, elapsedMs, exitCode, hosts: result.hosts }, report, environment);
  }

  /** What has been done has been done: that it cannot be told any more is said on stderr, and changes no exit code. */
  write(figures: RunFigures, report: CheckReport | undefined, { stderr }: Environment): void {
    try {
      this.#file?.write(prometheusText([...(report ? checkMetrics(report) : []), ...runMetrics(figures)]));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      stderr.write(`warning: ${error.message}. Exit code ${figures.exitCode} is valid all the same.\n`);
    }
  }

  /** Leaves an old file as it was, where none was written. */
  discard(): void {
    this.#file?.discard();
  }
}
