import type { Json, JsonObject } from '../../core/json.ts';
import type { PlannedChanges, WriteContext } from '../../core/step.ts';
import { alters } from '../plan/changes.ts';
import type { HostTaskPlan, PlannedCall } from '../plan/host-task-plan.ts';
import type { LoopEnd } from '../plan/loop-end.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { visibleChanges } from '../program/no-log.ts';
import { mayEndEarly } from '../program/play-tasks.ts';
import type { TaskCall } from '../program/task-input.ts';
import type { Attempts } from './attempts.ts';
import type { HostRun } from './host-run.ts';
import { callsIn } from './stage-part.ts';
import type { TaskEnding } from './task-ending.ts';
import { expectedFailure } from './task-failure.ts';
import type { ExecutionTools } from './tools.ts';

/** One task of one host, and what its calls need. */
export interface TaskCallsRequest {
  /** The end of the loop, if it is after a completed call. */
  readonly loopEndAt: (call: PlannedCall) => LoopEnd | undefined;
  readonly task: CompiledTask;
  readonly host: HostRun;
  readonly attempts: Attempts;
  readonly ending: TaskEnding;
  readonly tools: Pick<ExecutionTools, 'journal' | 'wait' | 'abort'>;
  /** The context of the step for one attempt. */
  readonly contextFor: (call: TaskCall) => WriteContext;
}

/** Makes the calls of a task on one host, and records each in the journal. Their failures are kept in the attempts. */
export class TaskCalls {
  readonly #request: TaskCallsRequest;
  readonly #noted = new Set<JsonObject>();
  readonly #done = new Set<PlannedCall>();
  #end: LoopEnd | undefined;

  constructor(request: TaskCallsRequest) {
    this.#request = request;
  }

  /** The calls of a stage that have not failed. */
  pending(planned: HostTaskPlan, stage: string | undefined): ReturnType<typeof callsIn> {
    const { attempts, host } = this.#request;
    return callsIn(planned, stage, host.state.world).filter(({ call }) => !attempts.failures.has(call));
  }

  /** Whether no call is left. */
  haveAllEnded({ calls }: HostTaskPlan): boolean {
    return calls.every((call) => call.plan.action !== 'change' || this.#request.attempts.failures.has(call));
  }

  /** Where the loop has ended; undefined if not early. */
  get end(): LoopEnd | undefined {
    return this.#end;
  }

  /** Makes the changes of a stage, call by call, each with its intent in the journal before it. */
  async apply(plan: HostTaskPlan, stage: string | undefined): Promise<void> {
    if (mayEndEarly(this.#request.task)) return this.#inTurn(plan);
    for (const { call, planned } of this.pending(plan, stage)) await this.#apply(call, planned, stage);
  }

  /** Completes each entry of a loop before the next one, which may not be reached. */
  async #inTurn(plan: HostTaskPlan): Promise<void> {
    const { loopEndAt } = this.#request;
    for (const call of plan.calls) {
      if (this.#done.has(call)) continue;
      this.#done.add(call);
      if (call.plan.action === 'check') await this.#check(call);
      for (const { planned } of callsIn({ ...plan, calls: [call] }, undefined, this.#request.host.state.world))
        await this.#apply(call, planned, undefined);
      this.#end = loopEndAt(call);
      if (this.#end) return;
    }
  }

  async #apply(call: PlannedCall, planned: PlannedChanges, stage: string | undefined): Promise<void> {
    const { host, task, attempts, ending, tools, contextFor } = this.#request;
    const { step, ref } = task;
    await this.#pause(call);
    const entry = { host: host.name, task: ref.name, ...(stage !== undefined && { stage }) };
    const isLook = !planned.changes.some(alters);
    const changes = visibleChanges(task, planned.changes) as unknown as Json;
    if (isLook) await tools.journal.write({ type: 'look', ...entry, changes });
    else await tools.journal.write({ type: 'intent', ...entry, path: ref.path, changes });
    const wasChanging = host.changes.begin(planned.changes);
    await attempts.attempt(call, async () => {
      if (!step.apply) throw new Error(`${step.name} plans changes and has no apply`);
      const outcome = await step.apply(contextFor(call), call.params, planned);
      ending.addDone(planned.changes);
      return outcome;
    });
    const failure = attempts.failures.get(call);
    if (failure?.hasChangedNothing && !wasChanging) host.changes.complete();
    if (!isLook && !failure) await tools.journal.write({ type: 'done', ...entry });
    await this.#noteEvidence(call);
  }

  /** Waits until what a stage began has taken effect. */
  async settle(plan: HostTaskPlan, stage: string | undefined): Promise<void> {
    const { task, attempts, contextFor } = this.#request;
    const { step } = task;
    if (!step.settle) return;
    for (const { call, planned } of this.pending(plan, stage)) {
      await attempts.attempt(call, async () => step.settle?.(contextFor(call), call.params, planned));
    }
  }

  /** Carries out calls that only observe: a wait, a proof. */
  async check(plan: HostTaskPlan): Promise<void> {
    if (mayEndEarly(this.#request.task)) return this.#inTurn(plan);
    for (const call of plan.calls) {
      if (call.plan.action === 'check') await this.#check(call);
      if (call.plan.action === 'none') await this.#noteEvidence(call);
    }
  }

  async #check(call: PlannedCall): Promise<void> {
    const { task, attempts, contextFor } = this.#request;
    const { step } = task;
    await this.#pause(call);
    await attempts.attempt(call, async () => {
      if (call.plan.action === 'check' && call.plan.failure) return expectedFailure(call.plan.failure);
      if (!step.check) throw new Error(`${step.name} plans a check and has none`);
      return step.check(contextFor(call), call.params);
    });
    await this.#noteEvidence(call);
  }

  async #pause({ pauseMs }: PlannedCall): Promise<void> {
    const { tools } = this.#request;
    if (pauseMs !== undefined) await tools.wait(pauseMs, tools.abort);
  }

  async #noteEvidence(call: PlannedCall): Promise<void> {
    const { attempts, host, task, tools } = this.#request;
    const found = call.plan.action === 'none' ? call.plan.evidence : undefined;
    const evidence = attempts.outcomes.get(call)?.evidence ?? found;
    if (!evidence || task.noLog || this.#noted.has(evidence)) return;
    this.#noted.add(evidence);
    const { name, path } = task.ref;
    await tools.journal.write({ type: 'evidence', host: host.name, task: name, path, evidence });
  }
}
