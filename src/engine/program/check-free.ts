import type { Problems } from '../../core/diagnostic.ts';
import type { Step } from '../../core/step.ts';
import type { MetaTask, Play, StepTask } from '../../playbook/model.ts';

const INSTEAD = 'write strategy: linear, or take it into a play of its own';

/** Whether the hosts of a play go independently (`strategy: free`). */
export function isFree({ strategy }: Play): boolean {
  return strategy?.value === 'free';
}

/** Reports keywords of a play with `strategy: free` that would make hosts wait for others, or stop for them. */
export function checkFreePlay({ anyErrorsFatal, maxFailPercentage }: Play, problems: Problems): void {
  const hint = 'remove it, or write strategy: linear';
  if (anyErrorsFatal?.value)
    problems.error(
      'any_errors_fatal does not go with strategy: free, where a host that fails stops no other',
      anyErrorsFatal.range,
      hint,
    );
  if (maxFailPercentage)
    problems.error(
      'max_fail_percentage does not go with strategy: free, where hosts that fail stop no other',
      maxFailPercentage.range,
      hint,
    );
}

/** Reports a task that depends on the progress of other hosts, which is unknown with `strategy: free`. */
export function checkFreeTask({ runOnce, step: { range } }: StepTask, step: Step, problems: Problems): void {
  if (runOnce?.value)
    problems.error(
      'run_once does not go with strategy: free, where each host comes to the task by itself',
      runOnce.range,
      INSTEAD,
    );
  if (step.stages)
    problems.error(
      `${step.name} goes in stages that all hosts pass together, and with strategy: free none waits for another`,
      range,
      INSTEAD,
    );
  else if (step.readsPeers)
    problems.error(
      `${step.name} looks at the other hosts, and with strategy: free nobody knows how far they are`,
      range,
      INSTEAD,
    );
}

/** Actions that affect all hosts of a batch. */
const BATCH_ACTIONS: ReadonlySet<MetaTask['action']['value']> = new Set(['end_batch', 'end_play', 'clear_host_errors']);

/** Reports a `meta` action that would affect other hosts in the middle of their work. */
export function checkFreeMeta({ action: { value, range } }: MetaTask, problems: Problems): void {
  if (BATCH_ACTIONS.has(value))
    problems.error(
      `${value} concerns all hosts, and with strategy: free nobody knows how far they are`,
      range,
      value === 'clear_host_errors' ? INSTEAD : 'write end_host, which is of each host, or strategy: linear',
    );
}
