import { type ClusterWindow, clusterText } from '../../core/cluster.ts';
import type { HostPlan, PlannedTask, PlayPlan, ShownTaskPlan } from '../../core/events/plan.ts';
import type { TaskRef } from '../../core/events/task.ts';
import type { Change } from '../../core/plan.ts';
import { planTotals } from '../../core/plan-totals.ts';
import { evidenceLines } from '../text/evidence.ts';
import { createStyle, type Style, type TextOptions } from '../text/style.ts';
import { displayWidth, flow, hang, padEnd, widest, wrap } from '../text/width.ts';
import { groupBy } from '../text/words.ts';
import { changeLines } from './plan-changes.ts';
import { totalsSentence } from './plan-totals.ts';
import { hostNames, idleReason, shownTasks, taskLabels, unknownText, unlessText } from './planned-tasks.ts';

/** How a plan is laid out. */
export interface PlanOptions extends TextOptions {
  /** All details of every change, and tasks that have nothing to do. */
  readonly verbose: boolean;
  /** All hosts and changes, even without their details; default: `verbose`. */
  readonly complete?: boolean;
  /** Show contents of files as unified diffs. */
  readonly diff?: boolean;
  /** The width to which lines of these diffs are cut; default: `width`. */
  readonly diffWidth?: number;
}

/** A sentence about a whole plan. */
export interface PlanSentence {
  /** The words before `text`, or none. */
  readonly lead: string;
  /** As it comes from hosts and files. */
  readonly text: string;
  readonly isWarning?: true;
}

/** Hosts of a plan for which the same is planned, with the lines that show it. */
export interface PlannedHosts {
  readonly hosts: readonly string[];
  readonly lines: readonly string[];
}

const HOST_INDENT = '  ';
const TASK_INDENT = '    ';
const STACKED_INDENT = '      ';
const MAX_LABEL_WIDTH = 24;

const NO_LABEL: Label = { text: '', lead: TASK_INDENT };

interface Layout {
  readonly style: Style;
  readonly width: number;
  readonly verbose: boolean;
  readonly complete: boolean;
  readonly diff: boolean;
  readonly diffWidth: number;
  /** The labels of tasks, by path. */
  readonly labels: ReadonlyMap<string, Label>;
  readonly labelWidth: number;
}

interface Label {
  readonly text: string;
  /** The label beside a task, the same for all hosts. */
  readonly lead: string;
}

/**
 * The plan of a play: in which order and why, then what each task will do to each host, with identical hosts together, then the totals; one
 * sentence if no host was read. Without a final newline: the caller appends what to do next.
 */
export function formatPlan(plan: PlayPlan, options: PlanOptions): string {
  const { width } = options;
  const style = createStyle(options);
  const line = ({ lead, text, isWarning }: PlanSentence) =>
    hang(lead === '' ? '' : `${isWarning ? style.colors.yellow(lead) : lead} `, style.text(text), width);
  if (plan.hosts.length === 0) return sentencesBefore(plan).flatMap(line).join('\n');
  return [
    ...sentencesBefore(plan).flatMap(line),
    '',
    ...plannedHosts(plan, options).flatMap(({ lines }) => lines),
    '',
    ...wrap(totalsSentence(planTotals(plan)), width),
    ...sentencesAfter(plan).flatMap(line),
  ].join('\n');
}

/** In which order the play goes through its hosts, and why, and whether it may start; one sentence if no host was read. */
export function sentencesBefore(plan: PlayPlan): readonly PlanSentence[] {
  const { hosts, window, order } = plan;
  if (hosts.length === 0) return [{ lead: '', text: `No plan for ${subject(plan)}: none of its hosts was read.` }];
  const batches = order.batches.map((batch) => batch.join(' + ')).join(', ');
  return [
    { lead: '', text: headSentence(plan) },
    ...(window ? [windowSentence(window)] : []),
    ...(order.batches.length < 2 ? [] : [{ lead: 'One after another:', text: `${batches}.` }]),
  ];
}

/** The effects of a command are not known in advance, so later changes are planned without them. */
export function sentencesAfter({ hosts, tasks }: PlayPlan): readonly PlanSentence[] {
  const opening = hosts.flatMap(({ tasks: own }) => {
    const first = own.findIndex((task) => isChange(task, 'run'));
    const isFollowed = own.slice(first + 1).some((task) => isChange(task));
    return first >= 0 && isFollowed ? (own[first]?.path ?? []) : [];
  });
  const name = tasks.find(({ path }) => opening.includes(path))?.name;
  if (name === undefined) return [];
  const text = `What follows '${name}' is planned again after it has run, and may then differ, because the effect of a command is not known in advance.`;
  return [{ lead: '', text }];
}

function isChange(task: ShownTaskPlan, kind?: Change['kind']): boolean {
  return (
    task.action === 'change' && task.changes.some((change) => (kind ? change.kind === kind : change.kind !== 'look'))
  );
}

/** `Plan for 'Renew', in recovery order: etcd's peer certificates have expired on 3 of 3 masters.` */
function headSentence(plan: PlayPlan): string {
  const { name, reason } = plan.order;
  return `Plan for ${subject(plan)}, in ${name} order${reason === '' ? '' : `: ${reason}`}.`;
}

function subject({ play, cluster }: PlayPlan): string {
  return cluster ? `${clusterText(cluster)}, '${play}'` : `'${play}'`;
}

/** `Windows Tue-Thu 01:00-04:00 UTC: outside its windows; it opens Tue 2026-12-01 01:00 UTC.` */
function windowSentence({ state, windows, reason, expected }: ClusterWindow): PlanSentence {
  const text = `${windows}: ${reason}. A run is expected to take ${expected}.`;
  return { lead: 'Windows', text, ...(state !== 'open' && { isWarning: true as const }) };
}

/** What each task will do to each host. Hosts are together if not even -v would show a difference between them. */
export function plannedHosts({ hosts, tasks }: PlayPlan, options: PlanOptions): readonly PlannedHosts[] {
  const layout = layoutOf(tasks, options);
  const whole = { ...layout, verbose: true, complete: true };
  const alike = groupBy(hosts, (host) => JSON.stringify([host.about, bodyLines(host, whole)]));
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const names = [first, ...others].map(({ host }) => host);
    return [{ hosts: names, lines: [...headLines(names, first.about, layout), ...bodyLines(first, layout)] }];
  });
}

function layoutOf(tasks: readonly TaskRef[], options: PlanOptions): Layout {
  const { width, verbose, complete = verbose, diff = false, diffWidth = width } = options;
  const style = createStyle(options);
  const texts = taskLabels(tasks).map(style.text);
  const labelWidth = Math.min(MAX_LABEL_WIDTH, widest(texts));
  const lead = (text: string) => `${TASK_INDENT}${padEnd(style.cut(text, labelWidth), labelWidth)}  `;
  const labels = new Map(texts.map((text, index) => [tasks[index]?.path ?? '', { text, lead: lead(text) }]));
  return { style, width, verbose, complete, diff, diffWidth, labels, labelWidth };
}

function headLines(hosts: readonly string[], about: string | undefined, layout: Layout): readonly string[] {
  const { style, width, complete, labelWidth } = layout;
  const listed = hostNames(hosts.map(style.text), complete);
  const names = padEnd(style.colors.bold(listed), labelWidth + 2);
  const clauses = about === undefined ? [names.trimEnd()] : [names, style.text(about)];
  return flow(clauses, width - TASK_INDENT.length).map(
    (line, index) => (index === 0 ? HOST_INDENT : TASK_INDENT) + line,
  );
}

function bodyLines(host: HostPlan, layout: Layout): readonly string[] {
  const shown = (layout.verbose ? host.tasks : shownTasks(host)).flatMap((task) =>
    taskLines(layout.labels.get(task.path) ?? NO_LABEL, task, layout),
  );
  return shown.length > 0 ? shown : hang(TASK_INDENT, layout.style.text(idleReason(host)), layout.width);
}

/** A task beside its label, or below it if that takes fewer lines. */
function taskLines({ text, lead }: Label, task: PlannedTask, layout: Layout): readonly string[] {
  const beside = planLines(task, layout, layout.width - displayWidth(lead));
  const under = beside.length === 1 ? beside : planLines(task, layout, layout.width - STACKED_INDENT.length);
  if (beside.length <= under.length) {
    return beside.map((line, index) => (index === 0 ? lead : ' '.repeat(displayWidth(lead))) + line);
  }
  return [TASK_INDENT + layout.style.cut(text, layout.width), ...under.map((line) => STACKED_INDENT + line)];
}

function planLines(task: PlannedTask, layout: Layout, width: number): readonly string[] {
  const { condition, unless, diff = layout.diff } = task;
  const line = (text: string) => hang('', layout.style.text(text), width);
  return [
    ...(condition === undefined ? [] : line(`${condition}:`)),
    ...actionLines(task, { ...layout, diff }, width),
    ...(unless === undefined ? [] : line(unlessText(unless))),
  ];
}

function actionLines(
  task: ShownTaskPlan,
  { style, verbose, complete, diff, diffWidth }: Layout,
  width: number,
): readonly string[] {
  const { colors, text } = style;
  switch (task.action) {
    case 'change':
      return changeLines(task.changes, { style, width, verbose, complete, diff, diffWidth });
    case 'check':
      return hang('  ', text(task.expectation), width);
    case 'unknown':
      return hang('  ', text(unknownText(task.until)), width);
    case 'none':
      if (task.would)
        return [
          ...hang('  ', 'check mode, not done:', width),
          ...changeLines(task.would, { style, width, verbose, complete, diff, diffWidth }),
        ];
      return hang('  ', text(`nothing: ${task.reason}`), width);
    case 'skip':
      return hang('  ', text(`skipped: ${task.reason}`), width);
    case 'refuse':
      return [
        ...hang(`${colors.red(task.isFailure ? 'fails:' : 'refused:')} `, text(task.reason), width),
        ...evidenceLines(task, '', style, width),
      ];
  }
}
