import type { Problems } from '../../core/diagnostic.ts';
import type { Signal } from '../../core/signal.ts';
import type { ApplyRequest } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { Playbook } from '../../playbook/model.ts';
import type { Environment } from '../environment.ts';
import type { RunControl } from '../fleet/run-control.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { signalOrigin } from '../journal/signal-receiver.ts';
import type { PlaybookRun } from '../run/playbook-run.ts';
import { type EngineAddress, engineAddress } from './address.ts';
import { RolloutClient } from './rollout-client.ts';
import { checkOrder, type OrderOptions, orderOf } from './rollout-order.ts';

/** A run that workers carry out: this machine requests it and reports its events and result. */
export interface RemoteRun {
  /** The parts of the run that differ from one in which this machine reaches the hosts. */
  readonly run: Required<Pick<PlaybookRun, 'apply' | 'reachOthers' | 'checkInputs' | 'inputs'>>;
  close(): Promise<void>;
}

/** The requested rollout. */
export interface RequestedRollout {
  /** As `playbookPath` returns it. */
  readonly path: string;
  readonly source: string;
  /** Whether the result of the resumed run, if any, has been reported here. */
  readonly previousRun: 'followed' | 'unfollowed' | undefined;
  /** Why the user resumes that run. */
  readonly resumeReason: string | undefined;
}

/** @throws {InputError} when the server is not known. */
export function startRemoteRun(
  { path, source, previousRun, resumeReason }: RequestedRollout,
  options: OrderOptions & { readonly engine: string },
  inputs: PlaybookRun['inputs'],
  environment: Environment,
): RemoteRun {
  const address = engineAddress(options.engine, environment);
  const engine: EngineAddress = previousRun === undefined ? address : { ...address, isRecorded: true };
  const first = (): Signal => ({ kind: 'resume', ...signalOrigin(resumeReason, environment) });
  let client: RolloutClient | undefined;
  let read: { readonly inputs: Inputs; readonly playbook: Playbook } | undefined;
  let playbook: Playbook | undefined;
  const instead = (request: ApplyRequest, control: RunControl): Promise<RunResult> => {
    if (!read || !client) throw new Error('a run begins with its inputs checked');
    const { runId, tools, stop, sideBySide } = request;
    const order = orderOf(read.inputs, read.playbook, { path, source }, options, {
      runId,
      sideBySide,
      control,
    });
    const { emit, clock, wait, abort } = tools;
    const firstSignal = previousRun === undefined ? {} : { first: first() };
    return client.rollOut(
      order,
      { emit, clock, wait, abort, stop, signals: control.signals, ...firstSignal },
      previousRun,
    );
  };
  return {
    run: {
      apply: { instead },
      reachOthers: async () => {
        client = await RolloutClient.open(engine);
      },
      inputs: { ...inputs, playbook: (problems: Problems) => (playbook = inputs.playbook(problems)) },
      checkInputs: (found, problems) => {
        if (!playbook) return;
        read = { inputs: found, playbook };
        checkOrder(found, options, problems);
      },
    },
    close: async () => client?.close(),
  };
}
