import { Problems } from '../../core/diagnostic.ts';
import type { Event, EventSink } from '../../core/events/event.ts';
import type { Recipe } from '../../core/journal.ts';
import { SecretMask } from '../../core/secret.ts';
import type { Connector } from '../../core/session.ts';
import type { WindowPolicy } from '../../fleet/timing.ts';
import { windowPolicy } from '../fleet/window-policy.ts';
import { inputError } from '../inputs/input-error.ts';
import { type Inputs, readInputs } from '../inputs/inputs.ts';
import { addSecrets } from '../inputs/secret-variables.ts';
import { digestsOf, sourceFilesIn } from '../journal/source-digests.ts';
import { refuseInputs } from '../output/report-files.ts';
import type { RunReports } from '../output/run-reports.ts';
import { prepareConnector } from './connections.ts';
import type { PlaybookRun } from './playbook-run.ts';

/** Everything that a run needs, read and checked; no host has been contacted. */
export interface ReadRun {
  readonly inputs: Inputs;
  readonly policy: WindowPolicy;
  readonly connector: Connector;
  readonly mask: SecretMask;
  /** Warnings about the input. */
  readonly problems: Problems;
  /** Warnings of the connector. */
  readonly warnings: DeferredWarnings;
  /** Digests of all files that were read. */
  readonly files: () => Recipe['files'];
}

/**
 * Reads and checks everything that a run needs, and reserves its output files.
 * @throws {InputError} with all errors.
 */
export async function readRun(run: PlaybookRun, reports: RunReports): Promise<ReadRun> {
  const { environment, options, apply } = run;
  const problems = new Problems();
  const inputs = await readInputs({ ...run.inputs, options, environment, asks: true, knowsRollout: true }, problems);
  const policy = windowPolicy(run.fleet ?? {}, apply?.confirm ? '--confirm' : apply?.askBefore && '--step', problems);
  run.checkOutputs?.(problems);
  if (run.reports) reports.reserve(run.reports, options, problems);
  const mask = new SecretMask();
  if (!inputs) throw inputError(problems, inputs, mask);
  for (const secret of inputs.secrets) mask.add(secret);
  if (!problems.hasErrors) addSecrets(inputs, mask);
  const files = (): Recipe['files'] => filesOf(inputs);
  if (run.reports) refuseInputs(run.reports, () => Object.keys(files()), problems);
  if (apply?.askBefore) checkStepByStep(inputs, problems);
  run.checkInputs?.(inputs, problems, files);
  const warnings = new DeferredWarnings();
  const findings = { problems, mask, warn: warnings.add };
  const connector = run.reachOthers ? NO_CONNECTION : await prepareConnector(inputs, options, environment, findings);
  if (problems.hasErrors) throw inputError(problems, inputs, mask);
  await run.reachOthers?.();
  return { inputs, policy, connector, mask, problems, warnings, files };
}

/** Only workers reach the hosts. */
const NO_CONNECTION: Connector = {
  openForReading: () => Promise.reject(new Error('this machine does not connect to hosts')),
  openForWriting: () => Promise.reject(new Error('this machine does not connect to hosts')),
};

/** With `strategy: free` there is no moment before a task that is the same for all hosts. */
function checkStepByStep({ playbook: { plays } }: Inputs, problems: Problems): void {
  for (const { strategy } of plays)
    if (strategy?.value === 'free')
      problems.error(
        '--step asks before each task, and with strategy: free each host comes to it at another time',
        strategy.range,
        'leave --step out, or write strategy: linear',
      );
}

/** Collects warnings about hosts until the run has started, and passes them on from then. */
class DeferredWarnings {
  #emit: EventSink | undefined;
  readonly #held: Event[] = [];

  readonly add = (host: string, message: string, remedy?: string): void => {
    const warning: Event = { type: 'warning', hosts: [host], message, ...(remedy !== undefined && { remedy }) };
    if (this.#emit) this.#emit(warning);
    else this.#held.push(warning);
  };

  /** Emits the collected warnings, and from now on each as it arrives. */
  passTo(emit: EventSink): void {
    this.#emit = emit;
    for (const warning of this.#held.splice(0)) emit(warning);
  }
}

function filesOf({ playbook, inventory, surroundings, schedules, rollout }: Inputs): Recipe['files'] {
  const { extraPlaces, variableFiles } = surroundings;
  return digestsOf(sourceFilesIn([inventory, playbook, rollout, schedules, extraPlaces, variableFiles]));
}
