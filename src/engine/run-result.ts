import type { PlayPlan } from '../core/events/plan.ts';
import type { HostRecap, HostStateCode } from '../core/events/recap.ts';
import type { LateCertificate } from '../core/events/window.ts';
import type { StepCall } from '../core/plan.ts';
import type { Registered } from './program/place.ts';

/** The result of a run, for exit codes and commands. Hosts are given by name. */
export interface RunResult {
  readonly plans: readonly PlayPlan[];
  readonly hosts: readonly HostRecap[];
  /** Hosts that were unreachable or lost. */
  readonly unreachable: readonly string[];
  readonly refused: readonly string[];
  readonly failed: readonly string[];
  /** Hosts left for later, because the window of their cluster is shut. */
  readonly left: readonly string[];
  /** Certificates that end before a window of their cluster opens. */
  readonly late: readonly LateCertificate[];
  /** The variables that tasks have set on each host. */
  readonly registered: ReadonlyMap<string, Registered>;
  /** By host, the steps that undo its changes, in order, as if a later task had failed. */
  readonly undos: ReadonlyMap<string, readonly StepCall[]>;
  /** The hosts with which the same command would not have been refused; empty if unknown. */
  readonly together: readonly string[];
  /** False if the user declined. */
  readonly wasConfirmed: boolean;
  /** An operator ended the run before everything was started (`kplay abort`). */
  readonly wasAborted?: true;
  /** An exception that no host is to blame for: a bug. The rest of the result is still valid. */
  readonly mistake?: unknown;
}

/** The result of a run that did nothing, or about which nothing is known. */
export const NO_RESULT: RunResult = {
  plans: [],
  hosts: [],
  unreachable: [],
  refused: [],
  failed: [],
  left: [],
  late: [],
  registered: new Map(),
  undos: new Map(),
  together: [],
  wasConfirmed: true,
};

/** The counts of an untouched host. */
export const UNTOUCHED = {
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  ignored: 0,
  refused: 0,
  rescued: 0,
  restored: 0,
  state: 'unchanged',
  changes: [],
} as const;

/** States that a later play does not end: it knows nothing of what is half changed. */
const LASTING: ReadonlySet<HostStateCode> = new Set([
  'partly-changed',
  'not-restored',
  'restoring',
  'unproven',
  'unknown',
]);

function mergedState(before: HostStateCode, after: HostStateCode): HostStateCode {
  return after === 'unchanged' || (LASTING.has(before) && !LASTING.has(after)) ? before : after;
}

/** Merges the recaps of one host in two plays. */
export function mergedRecaps(a: HostRecap, b: HostRecap): HostRecap {
  const stopped = b.stopped ?? a.stopped;
  const undone = b.undone ?? a.undone;
  return {
    host: a.host,
    ok: a.ok + b.ok,
    changed: a.changed + b.changed,
    unreachable: a.unreachable + b.unreachable,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    ignored: a.ignored + b.ignored,
    refused: a.refused + b.refused,
    rescued: a.rescued + b.rescued,
    restored: a.restored + b.restored,
    state: mergedState(a.state, b.state),
    ...(undone && { undone }),
    ...(stopped && { stopped }),
    changes: [...a.changes, ...b.changes],
  };
}
