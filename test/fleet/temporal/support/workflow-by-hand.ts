import { readFileSync } from 'node:fs';
import { defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { coresdk } from '@temporalio/proto';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker.js';
import type { Workflow, WorkflowCreateOptions } from '@temporalio/worker/lib/workflow/interface.js';
import { VMWorkflowCreator } from '@temporalio/worker/lib/workflow/vm.js';
import { ROLLOUT_WORKFLOW, type RolloutOrder } from '../../../../src/fleet/temporal/orders.ts';

type Job = coresdk.workflow_activation.IWorkflowActivationJob;
type Command = coresdk.workflow_commands.IWorkflowCommand;

/** A rollout that no server keeps: what it is told, and what it asks for then, as a worker tells it and hears it. */
export class WorkflowByHand {
  readonly #workflow: Workflow;
  readonly #creator: VMWorkflowCreator;
  readonly #isReplaying: boolean;
  #now = Date.parse('2026-11-26T12:00:00Z');

  private constructor(workflow: Workflow, creator: VMWorkflowCreator, isReplaying: boolean) {
    this.#workflow = workflow;
    this.#creator = creator;
    this.#isReplaying = isReplaying;
  }

  /** @param isReplaying it has come as far with an older kplay */
  static async begin(codePath: string, order: RolloutOrder, isReplaying = false): Promise<WorkflowByHand> {
    const bundle = parseWorkflowCode(readFileSync(codePath, 'utf8'), codePath);
    const creator = await VMWorkflowCreator.create(bundle, 60_000, new Set(), undefined);
    const info = {
      workflowId: 'rollout',
      runId: `run-${order.runId}-${isReplaying}`,
      workflowType: ROLLOUT_WORKFLOW,
      taskQueue: 'kplay',
      namespace: 'default',
      attempt: 1,
      unsafe: { now: () => Date.now(), isReplaying },
    } as unknown as WorkflowCreateOptions['info'];
    const options = { info, randomnessSeed: [1], now: 0, showStackTraceSources: false };
    const workflow = await creator.createWorkflow(options as unknown as WorkflowCreateOptions);
    return new WorkflowByHand(workflow, creator, isReplaying);
  }

  /** @returns what it asks for now */
  async tell(...jobs: readonly Job[]): Promise<readonly Command[]> {
    this.#now += 1000;
    const activation = coresdk.workflow_activation.WorkflowActivation.create({
      timestamp: msToTs(this.#now),
      isReplaying: this.#isReplaying,
      availableInternalFlags: [1, 2, 3],
      jobs: jobs.map((job) => coresdk.workflow_activation.WorkflowActivationJob.create(job)),
    });
    const { successful, failed } = await this.#workflow.activate(activation);
    if (failed) throw new Error(failed.failure?.message ?? 'the activation has failed');
    return successful?.commands ?? [];
  }

  start(order: RolloutOrder): Promise<readonly Command[]> {
    const payload = defaultPayloadConverter.toPayload(order);
    return this.tell({
      initializeWorkflow: {
        workflowId: 'rollout',
        workflowType: ROLLOUT_WORKFLOW,
        arguments: [payload],
        attempt: 1,
        startTime: msToTs(this.#now),
      },
    });
  }

  /** Tells it what a worker has reported. */
  report(activity: number, value: unknown): Promise<readonly Command[]> {
    const result = defaultPayloadConverter.toPayload(value);
    return this.tell({ resolveActivity: { seq: activity, result: { completed: { result } } } });
  }

  async close(): Promise<void> {
    await this.#workflow.dispose();
    await this.#creator.destroy();
  }
}

/** What it has come to, if it has ended. */
export function resultIn<T>(commands: readonly Command[]): T | undefined {
  const [result] = commands.flatMap(({ completeWorkflowExecution: end }) => end?.result ?? []);
  return result && defaultPayloadConverter.fromPayload(result);
}
