import type { StepCall } from '../../core/plan.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';
import { reconnect } from './reconnect.ts';
import type { RunTools } from './tools.ts';
import { type UndoStepEnd, undoStep } from './undo-step.ts';

/** A step of an undo that has ended. */
interface EndedStep extends UndoStepEnd {
  readonly call: StepCall;
  /** It was carried out and not proven, and these, which come after it, were not tried. */
  readonly untried?: readonly string[];
}

/**
 * Undoes what was done to a host, as far as the play defines an undo. Uses ordinary steps, planned on the present state. Never
 * throws, so that the other hosts are restored as well.
 * @returns an exception that is not a failure of the host: a bug
 */
export async function undoHost(host: HostRun, execution: PlayExecution, because: string): Promise<unknown> {
  const { input, tools } = execution;
  const { calls, ...undo } = host.changes.pendingUndo;
  const undoing = { host, ...undo, input, tools, reconnect: () => reconnect(host, execution) };
  const ended: EndedStep[] = [];
  for (const [index, call] of calls.entries()) {
    const started = tools.clock().getTime();
    tools.emit({ type: 'undo-started', host: host.name, step: call.step, because });
    const end = await undoStep(undoing, call);
    const elapsedMs = tools.clock().getTime() - started;
    // Whoever reads this counts the host as restored only when nothing remains.
    const untried = calls.slice(index + 1).map(({ step }) => step);
    const remaining = [...failedAmong(ended).map((one) => one.call.step), ...untried];
    const isJustFailed = end.outcome === 'unproven' && remaining.length > 0;
    const step: EndedStep = isJustFailed ? { ...end, ...carriedOut(call, end), call, untried } : { ...end, call };
    ended.push(step);
    await report(host.name, step, { remaining, elapsedMs }, tools);
    // What was restored has to be loaded, even if not everything is as before.
    if (step.outcome === 'failed' || step.outcome === 'unproven') break;
  }
  recordEnd(host, ended);
  return ended.at(-1)?.mistake;
}

function carriedOut({ step }: StepCall, { text }: UndoStepEnd): Pick<UndoStepEnd, 'outcome' | 'text' | 'remedy'> {
  return { outcome: 'failed', text: `${step} was carried out, but not proven: ${text}`, remedy: undefined };
}

function failedAmong(ended: readonly EndedStep[]): readonly EndedStep[] {
  return ended.filter(({ outcome }) => outcome !== 'succeeded');
}

/** Tells how a step has ended, to the screen and to the journal. @param remaining what is not undone after it */
async function report(
  host: string,
  { call, outcome, text: message, stays = [], details = [], remedy }: EndedStep,
  { remaining, elapsedMs }: { readonly remaining: readonly string[]; readonly elapsedMs: number },
  { emit, journal }: Pick<RunTools, 'emit' | 'journal'>,
): Promise<void> {
  const succeeded = outcome === 'succeeded';
  const unproven = outcome === 'unproven' && { unproven: true as const };
  const more = { ...unproven, ...(remaining.length > 0 && { remaining }), ...(remedy !== undefined && { remedy }) };
  const seen = details.length > 0 && { details };
  emit({ type: 'undo-finished', host, succeeded, message, ...seen, ...more, elapsedMs });
  const result = { remaining, succeeded, ...unproven, ...(stays.length > 0 && { stays }), message };
  await journal.write({ type: 'undo', host, ...call, ...result });
}

function recordEnd(host: HostRun, ended: readonly EndedStep[]): void {
  const failures = failedAmong(ended);
  if (failures.length === 0) {
    host.restored(new Set(ended.flatMap(({ stays = [] }) => stays)));
    return;
  }
  const done = ended.flatMap(({ outcome, call, untried }) => (outcome === 'succeeded' || untried ? [call.step] : []));
  const failed = failures.flatMap(({ call, untried }) => untried ?? [call.step]).join(', ');
  const isUnproven = failures.some(({ outcome }) => outcome === 'unproven');
  const partial = { done, failed, reason: failures.map(({ text }) => text).join('; ') };
  host.changes.notRestored({
    outcome: isUnproven ? 'unproven' : 'failed',
    ...((isUnproven || done.length > 0) && { partial }),
  });
}
