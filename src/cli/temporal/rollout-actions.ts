import { InputError, Problems } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import { SecretMask } from '../../core/secret.ts';
import type { CompiledPlay } from '../../engine/program/compiled.ts';
import { withShortTexts } from '../../fleet/temporal/message-size.ts';
import type { CheckOrder, ClusterOrder, WaveOrder } from '../../fleet/temporal/orders.ts';
import type { Rollout } from '../../playbook/rollout/rollout-model.ts';
import { rolloutFile } from '../fleet/rollout-input.ts';
import { hookCaller } from '../hooks/play-hooks.ts';
import { checkAsker, readChecks } from '../hooks/rollout-checks.ts';
import { type InputRequest, type Inputs, readInputs } from '../inputs/inputs.ts';
import { addSecrets } from '../inputs/secret-variables.ts';
import {
  activityErrorOf,
  checkCluster,
  type OrderAttempt,
  orderedWork,
  type WorkerSite,
  withoutRollout,
} from './ordered-work.ts';
import { checksDigest } from './playbook-digest.ts';

/** Asks a check of the rollout once, on this machine. @returns why it does not pass, in a clause; '' if it passes */
export async function askCheck(site: WorkerSite, order: CheckOrder, attempt: OrderAttempt): Promise<string> {
  const { cluster, check, runId } = order;
  const { environment } = site;
  return unlessStopped(site, order, attempt, async () => {
    const { play, inputs, mask, rollout } = await read(site, order);
    const problems = new Problems();
    const checks = await readChecks(rollout, [play], inputs.surroundings.extra, problems);
    if (problems.hasErrors) throw new InputError(problems.all);
    const one = checks[check.index];
    if (!rollout || !one || checksDigest(rollout.checks) !== check.digest)
      throw InputError.of(
        `the worker has no check of this content (SHA-256 ${check.digest.slice(0, 12)}…): give it the file of the rollout, kplay worker --rollout FILE, as kplay run has it`,
      );
    const ask = checkAsker(play, runId, inputs.surroundings.extra, environment, attempt.stop);
    const { name, hosts } = cluster;
    const why = await ask(one, { name, hosts, at: check.at }, attempt.stop);
    return why === undefined ? '' : withShortTexts(mask.apply(why));
  }).catch((error: unknown) => {
    if (error instanceof InputError) return messageOf(error);
    throw error;
  });
}

/** Calls the hooks of a wave on this machine. @returns their events */
export async function callWaveHooks(
  site: WorkerSite,
  order: WaveOrder,
  attempt: OrderAttempt,
): Promise<readonly Event[]> {
  const { wave, runId } = order;
  return unlessStopped(site, order, attempt, async () => {
    const { play, inputs, mask } = await read(site, order);
    const events: Event[] = [];
    const addEvent = (event: Event): void => void events.push(withShortTexts(mask.applyTo(event)));
    const call = hookCaller(inputs.surroundings.extra, site.environment, addEvent, attempt.stop);
    await call(play, 'wave', { id: runId, play: play.name, ...wave });
    return events;
  }).catch((error: unknown): readonly Event[] => {
    if (!(error instanceof InputError)) throw error;
    const [first] = error.diagnostics;
    const remedy = first?.hint ?? 'look at the log of the worker';
    return [
      { type: 'warning', hosts: [], message: `wave ${wave.wave}: on_wave was not called: ${messageOf(error)}`, remedy },
    ];
  });
}

/**
 * Discards the result of an order when the worker was stopped, or has lost the order to another one, in the meantime. @throws {InputError}
 * of `action`
 */
async function unlessStopped<T>(
  site: WorkerSite,
  order: ClusterOrder,
  attempt: OrderAttempt,
  action: () => Promise<T>,
): Promise<T> {
  let done: T;
  try {
    done = await action();
  } catch (error) {
    throw error instanceof InputError ? error : activityErrorOf(error, site, order, attempt);
  }
  if (attempt.stop.aborted) throw attempt.tryAgain('the worker was stopped');
  return done;
}

type PlaybookSource = InputRequest['playbook'];

interface Read {
  readonly play: CompiledPlay;
  readonly inputs: Inputs;
  /** Masks this machine's secrets in what is reported. */
  readonly mask: SecretMask;
  /** The rollout with the checks. */
  readonly rollout: Rollout | undefined;
}

/** The play of the order, for the hosts of its cluster. @throws {InputError} */
async function read(site: WorkerSite, order: ClusterOrder): Promise<Read> {
  const { environment } = site;
  const { options, inputs } = orderedWork(site, order);
  const problems = new Problems();
  const { playbook, checked } = splitRollout(inputs.playbook, site.rollout);
  const readable = await readInputs({ ...inputs, playbook, options, environment }, problems);
  if (readable) checkCluster(readable, order.cluster, problems);
  const play = readable?.plays[0];
  if (problems.hasErrors || !readable || !play) throw new InputError(problems.all);
  const mask = new SecretMask();
  addSecrets(readable, mask);
  return { play, inputs: readable, mask, rollout: checked() };
}

/** A playbook without its rollout, and, once it has been read, the rollout with the checks. */
interface SplitPlaybook {
  readonly playbook: PlaybookSource;
  /** The rollout of the play, or that of the file. */
  readonly checked: () => Rollout | undefined;
}

/** @param file a rollout file, for a playbook without a rollout */
export function splitRollout(playbook: PlaybookSource, file: string | undefined): SplitPlaybook {
  let rollout: Rollout | undefined;
  return {
    playbook: (problems) => {
      const whole = playbook(problems);
      const [own] = whole?.plays.flatMap((play) => play.rollout ?? []) ?? [];
      rollout = own ?? (whole && file !== undefined ? rolloutFile(file, problems) : undefined);
      return withoutRollout(whole);
    },
    checked: () => rollout,
  };
}

function messageOf(error: InputError): string {
  return error.diagnostics.find(({ severity }) => severity === 'error')?.message ?? error.message;
}
