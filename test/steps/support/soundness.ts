import { expect } from 'vitest';
import type { StepPlan } from '../../../src/core/plan.ts';
import { frozen, observed, type Planning, planOf, stepNamed, type Task } from './planning.ts';

/** A CA or the service account's keys: what no step of kplay may ever write. */
const UNTOUCHABLE =
  /^\/etc\/kubernetes\/.*(^|\/)(ca|front-proxy-ca|sa)\.(crt|key|pub)$|^(ca|etcd-ca|front-proxy-ca|sa)$/;

/** What every plan has to be, whatever it plans. */
export function expectSound({ step }: Task, plan: StepPlan): void {
  const { stages = [] } = stepNamed(step);
  switch (plan.action) {
    case 'none':
      expect(plan.reason).not.toBe('');
      break;
    case 'refuse':
      expect(plan.reason).toMatch(/\S/);
      expect(plan.remedy).toMatch(/\S/);
      break;
    case 'change':
      expect(plan.changes.length).toBeGreaterThan(0);
      expect(JSON.parse(JSON.stringify(plan.changes))).toEqual(plan.changes);
      for (const { kind, target, before, summary = '', details = [], stage, disruptive, after } of plan.changes) {
        expect(target).toMatch(/\S/);
        expect(pathsIn([target, details, before, after]).filter((text) => UNTOUCHABLE.test(text))).toEqual([]);
        expect(`${summary}${details.join('')}`).not.toContain('\n');
        expect(stage === undefined ? stages.length === 0 : stages.includes(stage)).toBe(true);
        if (kind === 'restart') expect(disruptive).toBe(true);
        if (kind === 'remove') expect(after).toBeNull();
      }
      break;
    case 'check':
      expect(plan.expectation).toMatch(/\S/);
      break;
    case 'unknown':
      expect(plan.until).toMatch(/\S/);
  }
}

/** Planned again for the host as it will be, nothing is left but what may be: a second run finds nothing to do. */
export function expectConverges(task: Task, planning: Planning, plan: StepPlan): void {
  if (plan.action !== 'change' || stepNamed(task.step).runsCommand) return;
  const again = planOf(task, observed(task, { ...planning, world: frozen(plan.after) }));
  const { isBestEffort } = stepNamed(task.step);
  if (again.action === 'change' && isBestEffort && again.changes.every(isBestEffort)) return;
  expect(['none', 'check', 'unknown']).toContain(again.action);
}

/** Every text in a value. */
function pathsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : [];
}
