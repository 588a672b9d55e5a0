import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import type { Change, StepPlan } from '../../../src/core/plan.ts';
import type { WorldDescription } from './described-world.ts';
import type { Task } from './planning.ts';

/** A plan that is expected: one of the actions, and whatever more of it is worth a look. */
export interface ExpectedPlan {
  readonly none?: string;
  /** `kind target: summary`, one for each change. */
  readonly change?: readonly string[];
  readonly check?: string;
  readonly refuse?: string;
  readonly unknown?: string;
  readonly remedy?: string;
  /** `label: text` of a refusal. */
  readonly evidence?: readonly string[];
  /** Details of the changes, all in one list. */
  readonly details?: readonly string[];
  /** Part of what is registered. */
  readonly result?: Json;
  /** Steps that take it back. */
  readonly undo?: readonly string[];
  readonly warnings?: readonly string[];
}

export interface PlanCase {
  readonly what: string;
  readonly host?: WorldDescription;
  readonly peers?: Readonly<Record<string, WorldDescription>>;
  /** Tasks that are planned before it. */
  readonly before?: readonly (string | Task)[];
  /** A command was planned before it. */
  readonly behind_command?: true;
  readonly params?: JsonObject;
  readonly plan: ExpectedPlan;
}

export interface CaseFile {
  readonly step: string;
  readonly cases: readonly PlanCase[];
}

const DIRECTORY = join(import.meta.dirname, '../plans');

/** All data files of plans, each of one step. */
export function caseFiles(): readonly CaseFile[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .map((name) => parse(readFileSync(join(DIRECTORY, name), 'utf8'), { merge: true }) as CaseFile);
}

/** Of a plan, what a case says something about, in the form in which it says it. */
export function asExpected(plan: StepPlan, expected: ExpectedPlan): ExpectedPlan {
  const shown: Record<string, unknown> = actionOf(plan);
  if (expected.remedy !== undefined && plan.action === 'refuse') shown['remedy'] = plan.remedy;
  if (expected.evidence && plan.action === 'refuse')
    shown['evidence'] = (plan.details ?? []).map((detail) => detail.join(': '));
  if (expected.details && plan.action === 'change')
    shown['details'] = plan.changes.flatMap(({ details = [] }) => details);
  if (expected.undo) shown['undo'] = ('undo' in plan ? (plan.undo ?? []) : []).map(({ step }) => step);
  if (expected.warnings)
    shown['warnings'] = ('warnings' in plan ? (plan.warnings ?? []) : []).map(
      ({ message, remedy }) => `${message}${remedy === undefined ? '' : ` (${remedy})`}`,
    );
  return shown;
}

export function resultOf(plan: StepPlan): Json | undefined {
  return 'result' in plan ? plan.result : undefined;
}

function actionOf(plan: StepPlan): Record<string, unknown> {
  switch (plan.action) {
    case 'none':
      return { none: plan.reason };
    case 'change':
      return { change: plan.changes.map(shownChange) };
    case 'check':
      return { check: plan.expectation };
    case 'refuse':
      return { refuse: plan.reason };
    case 'unknown':
      return { unknown: plan.until };
  }
}

/** Sizes vary with the length of signatures: they are left out. */
function shownChange({ kind, target, summary, stage }: Change): string {
  const text = summary?.replace(/\d+ kB$/, '… kB');
  return `${kind} ${target}${stage === undefined ? '' : ` (${stage})`}${text === undefined ? '' : `: ${text}`}`;
}
