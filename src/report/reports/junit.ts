import type { Evidence } from '../../core/events/evidence.ts';
import type { PlannedTask } from '../../core/events/plan.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { stateText } from '../../core/host-state.ts';
import { groupBy } from '../text/words.ts';
import { type XmlElement, xml, xmlDocument } from '../text/xml.ts';
import { explained } from './explained.ts';
import type { PlayRecord, RecordedTask, RunRecord } from './run-record.ts';
import { type Failure, isUntouched, keptOut } from './summary.ts';
import type { Trouble } from './trouble.ts';

interface Case {
  readonly host: string;
  readonly name: string;
  readonly seconds: number;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly type: string;
  readonly message: string;
  readonly details: readonly Evidence[];
}

/**
 * A suite per host and a case per task, according to Jenkins' schema. Failed and refused are failures, an unreachable host is an error,
 * skipped and not started are skipped. For a run that only planned, the plan.
 */
export function junit(run: RunRecord): Iterable<string> {
  const reportedCases = [
    ...run.troubles.flatMap((trouble) => troubleCases(trouble)),
    ...run.plays.flatMap((play) => [
      ...(run.writes
        ? [
            ...keptOut(play, run).flatMap((one) => keptOutCases(one, play)),
            ...play.tasks.map((end) => taskCase(end, play)),
          ]
        : plannedCases(play)),
      ...play.troubles.flatMap((trouble) => troubleCases(trouble, play)),
    ]),
  ];
  const reported = new Set(reportedCases.map(({ host }) => host));
  const bad = new Set(
    reportedCases.filter(({ outcome }) => outcome === 'failure' || outcome === 'error').map(({ host }) => host),
  );
  const remaining = run.hosts.filter(
    ({ host, stopped, left }) => !reported.has(host) || left || (stopped !== undefined && !bad.has(host)),
  );
  const endCases = remaining.map((recap) => hostCase(recap, run.wasInterrupted && reported.has(recap.host)));
  const cases = run.writes ? [...reportedCases, ...endCases] : reportedCases;
  const head = { name: `kplay ${run.command}`, ...counts(cases), time: (run.end?.elapsedMs ?? 0) / 1000 };
  return xmlDocument('testsuites', head, suites(run, cases));
}

function* suites(run: RunRecord, cases: readonly Case[]): Iterable<XmlElement> {
  const timestamp = run.startedAt.slice(0, 19);
  const byHost = groupBy(cases, ({ host }) => host);
  for (const host of hostsOf(run, cases)) {
    const own = byHost.get(host) ?? [];
    const head = { name: host, ...counts(own), skipped: number(own, 'skipped'), time: seconds(own), timestamp };
    yield xml('testsuite', head, own.map(testCase));
  }
}

function hostsOf({ plays }: RunRecord, cases: readonly Case[]): readonly string[] {
  return [...new Set([...plays.flatMap(({ hosts }) => hosts), ...cases.map(({ host }) => host)])];
}

function taskCase(end: RecordedTask, { play }: PlayRecord): Case {
  const { host, task, outcome, reason, elapsedMs } = end;
  const details = evidenceOf(end);
  const common = { host, name: `${play}: ${task.name}`, seconds: elapsedMs / 1000, type: outcome, message: reason };
  switch (outcome) {
    case 'ok':
    case 'changed':
      return { ...common, outcome: 'passed', details: [] };
    case 'ignored':
    case 'rescued':
      return { ...common, outcome: 'passed', details: [[outcome, reason], ...details] };
    case 'skipped':
    case 'cancelled':
      return { ...common, outcome: 'skipped', details: [] };
    case 'failed':
    case 'refused':
      return { ...common, outcome: 'failure', details };
    case 'unreachable':
      return { ...common, outcome: 'error', details };
  }
}

/** The task because of which a host has taken no part. */
function keptOutCases(failure: Failure, { play }: PlayRecord): readonly Case[] {
  const { kind, hosts, task = '', reason } = failure;
  const common = { name: `${play}: ${task}`, seconds: 0, outcome: 'failure', type: kind, message: reason } as const;
  return hosts.map((host) => ({ host, ...common, details: evidenceOf(failure) }));
}

/**
 * The result of a host without any reported task, as when workers carry out a rollout, or whose tasks do not show that it was stopped, or
 * how an earlier run has left it.
 * After an interruption, it was started but not finished.
 */
function hostCase(recap: HostRecap, wasInterrupted: boolean): Case {
  const { host, failed, refused, unreachable, stopped } = recap;
  const common = { host, name: 'comes through', seconds: 0, type: recap.state, message: stateText(recap), details: [] };
  if (failed + refused > 0) return { ...common, outcome: 'failure' };
  if (unreachable > 0) return { ...common, outcome: 'error' };
  if (wasInterrupted)
    return { ...common, outcome: 'error', type: 'interrupted', message: `interrupted: ${common.message}` };
  // A host of a cluster that was never started proves nothing.
  if (isUntouched(recap))
    return { ...common, outcome: 'skipped', message: recap.left ? common.message : 'nothing was done on it' };
  return { ...common, outcome: stopped ? 'skipped' : 'passed' };
}

function plannedCases({ play, plans }: PlayRecord): readonly Case[] {
  return plans.flatMap(({ plan }) =>
    plan.hosts.flatMap(({ host, tasks }) =>
      tasks.map((task): Case => {
        const name = plan.tasks.find(({ path }) => path === task.path)?.name ?? task.path;
        return { host, name: `${play}: ${name}`, seconds: 0, ...plannedOutcome(task) };
      }),
    ),
  );
}

function plannedOutcome(task: PlannedTask): Pick<Case, 'outcome' | 'type' | 'message' | 'details'> {
  if (task.action === 'skip') return { outcome: 'skipped', type: 'skipped', message: task.reason, details: [] };
  if (task.action !== 'refuse' || task.condition !== undefined)
    return { outcome: 'passed', type: task.action, message: '', details: [] };
  const { reason: message } = task;
  const type = task.isFailure ? 'failed' : 'refused';
  return { outcome: 'failure', type, message, details: evidenceOf(task) };
}

/** The evidence, what to do, and where to read more. */
function evidenceOf({
  details = [],
  remedy,
  code,
}: Partial<Pick<Failure, 'details' | 'remedy' | 'code'>>): readonly Evidence[] {
  const more = explained(code);
  return [
    ...details,
    ...(remedy === undefined ? [] : [['what to do', remedy] as const]),
    ...(more === undefined ? [] : [['more', more] as const]),
  ];
}

const TROUBLE_NAMES = {
  failed: 'works after its change',
  unreachable: 'takes part',
  refused: 'takes part',
  late: 'certificates last until its window',
} as const;

/** A case per host for refusals, clusters that were not healthy afterwards, and certificates that end too early. */
function troubleCases(trouble: Trouble, play?: PlayRecord): readonly Case[] {
  const { kind, hosts, reason } = trouble;
  if (kind === 'warning') return [];
  const details = evidenceOf(trouble);
  const outcome = kind === 'unreachable' ? 'error' : 'failure';
  const name = play ? `${play.play}: ${TROUBLE_NAMES[kind]}` : TROUBLE_NAMES[kind];
  return hosts.map((host) => {
    return { host, name, seconds: 0, outcome, type: kind, message: reason, details };
  });
}

function number(cases: readonly Case[], outcome: Case['outcome']): number {
  return cases.filter((one) => one.outcome === outcome).length;
}

function counts(cases: readonly Case[]) {
  return { tests: cases.length, failures: number(cases, 'failure'), errors: number(cases, 'error') };
}

function seconds(cases: readonly Case[]): number {
  return Math.round(cases.reduce((sum, one) => sum + one.seconds, 0) * 1000) / 1000;
}

function testCase({ host, name, seconds: time, outcome, type, message, details }: Case): XmlElement {
  const text = details.map(([label, value]) => `${label}: ${value}`).join('\n');
  return xml('testcase', { classname: host, name, time }, inside());

  function inside(): readonly XmlElement[] {
    switch (outcome) {
      case 'passed':
        return text === '' ? [] : [xml('system-out', {}, [text])];
      case 'skipped':
        return [xml('skipped', { message })];
      case 'failure':
      case 'error':
        return [xml(outcome, { type, message }, [text === '' ? message : text])];
    }
  }
}
