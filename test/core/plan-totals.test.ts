import { expect, test } from 'vitest';
import type { PlannedTask, PlayPlan } from '../../src/core/events/plan.ts';
import type { Change } from '../../src/core/plan.ts';
import { isToBeConfirmed, planTotals } from '../../src/core/plan-totals.ts';

const change: Change = { kind: 'update', target: 'x', before: null, after: null, disruptive: false };
const look: Change = { ...change, kind: 'look' };
const path = 'tasks.0';
const none: PlannedTask = { path, action: 'none', reason: 'as it should be' };
const changed: PlannedTask = { path, action: 'change', changes: [change, change, look] };
const looked: PlannedTask = { path, action: 'change', changes: [look] };
const unknown: PlannedTask = { path, action: 'unknown', until: 'Look' };
const refused: PlannedTask = {
  path,
  action: 'refuse',
  code: 'no-room',
  reason: 'its CA differs',
  remedy: 'restore it',
};
const onlyAfterFailure = true;
const unless = "unless a task of 'Try' fails";
const condition = "only if 'Look' changes something";

function planOf(tasks: readonly PlannedTask[]): PlayPlan {
  return {
    play: 'p',
    order: { name: 'linear', reason: '', batches: [['h']] },
    tasks: [],
    hosts: [{ host: 'h', tasks }],
  };
}

const ZERO = { change: 0, mayChange: 0, unchanged: 0, refused: 0, changes: 0 };

test.each<[what: string, tasks: readonly PlannedTask[], totals: object]>([
  ['that is changed', [none, changed], { change: 1, changes: 2 }],
  ['that is only looked at', [looked, none], { unchanged: 1 }],
  ['of which only the run tells', [none, unknown], { mayChange: 1 }],
  ['that is changed in any case', [unknown, changed], { change: 1, changes: 2 }],
  ['that is refused, whatever else is planned', [changed, refused], { refused: 1, changes: 2 }],
  ['that will fail', [changed, { ...refused, isFailure: true }, refused], { refused: 1, failing: 1, changes: 2 }],
  ['that is refused before it would fail', [refused, { ...refused, isFailure: true }], { refused: 1 }],
  ['that is changed only if a task changes something', [none, { ...changed, condition }], { mayChange: 1 }],
  ['that is only looked at if a task changes something', [{ ...looked, condition }], { unchanged: 1 }],
  [
    'whose changes are those of a rescue',
    [none, { ...changed, condition, onlyAfterFailure }],
    { unchanged: 1, unlessFailed: 1 },
  ],
  ['that an always may change after a failure', [{ ...none, unless }], { unchanged: 1, unlessFailed: 1 }],
  [
    'that is refused, where a rescue would change it',
    [refused, { ...changed, onlyAfterFailure }],
    { refused: 1, changes: 2 },
  ],
  ['that is refused only in a rescue', [changed, { ...refused, condition }], { change: 1, changes: 2 }],
  ['without tasks', [], { unchanged: 1 }],
])('a host %s is counted', (_what, tasks, totals) => {
  expect(planTotals(planOf(tasks))).toEqual({ ...ZERO, ...totals });
});

test.each<[what: string, tasks: readonly PlannedTask[], isDue: boolean]>([
  ['a change', [none, changed], true],
  ['what only the run tells', [unknown], true],
  ['a change that depends on the run, such as a handler', [none, { ...changed, condition }], true],
  ['the change of a rescue', [none, { ...changed, condition, onlyAfterFailure }], false],
  ['an unknown rescue', [none, { ...unknown, condition, onlyAfterFailure }], false],
  ['nothing', [none], false],
])('%s: whether it has to be confirmed', (_what, tasks, isDue) => {
  expect(isToBeConfirmed([planOf(tasks)])).toBe(isDue);
});
