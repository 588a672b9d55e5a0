import { count } from '../../core/count.ts';
import type { HostPlan, PlannedTask } from '../../core/events/plan.ts';
import type { TaskRef } from '../../core/events/task.ts';
import type { Change, ChangeKind } from '../../core/plan.ts';
import { htmlCard } from '../html/parts.ts';
import { htmlText } from '../html/text.ts';
import { type ChangeRow, changeClauses, changeRows, contentsOf, namesOfTargets } from '../plan/plan-changes.ts';
import { hostNames, idleReason, shownTasks, taskLabels, unknownText, unlessText } from '../plan/planned-tasks.ts';
import { type DiffHunk, type FileTexts, fileDiff } from '../text/diff.ts';
import { explained } from './explained.ts';

/** How much of a plan is shown. */
export interface HostPlanShown {
  /** Contents of files as differences, unless a task says otherwise. */
  readonly diff: boolean;
  /** All changes are named. */
  readonly complete: boolean;
  /** There is no room for the differences of files. */
  readonly areContentsLeft: boolean;
}

/** Longer differences are collapsed. */
const MAX_OPEN_LINES = 24;

const WORDS: Readonly<Record<ChangeKind, string>> = {
  create: 'create',
  update: 'update',
  remove: 'remove',
  restart: 'restart',
  run: 'run',
  look: 'look with',
};

const TONES: Partial<Readonly<Record<ChangeKind, string>>> = { create: 'good', remove: 'isbad', restart: 'iswarn' };

/** The names of hosts for which the same is planned, and what they are. */
export function plannedHostsHead(hosts: readonly string[], about: string | undefined, complete: boolean): string {
  const more = about === undefined ? '' : ` <span>${htmlText(about)}</span>`;
  return `<h3>${htmlText(hostNames(hosts, complete))}${more}</h3>`;
}

/** What each task will do to a host. */
export function hostPlanHtml(host: HostPlan, tasks: readonly TaskRef[], shown: HostPlanShown): string {
  const labels = new Map(taskLabels(tasks).map((label, index) => [tasks[index]?.path ?? '', label]));
  const rows = shownTasks(host).map(
    (task) => `<dt>${htmlText(labels.get(task.path) ?? '')}</dt><dd>${taskHtml(task, shown)}</dd>`,
  );
  return rows.length > 0 ? `<dl>${rows.join('\n')}</dl>` : paragraph(idleReason(host));
}

function taskHtml(task: PlannedTask, shown: HostPlanShown): string {
  const { condition, unless, diff = shown.diff } = task;
  return [
    ...(condition === undefined ? [] : [paragraph(`${condition}:`)]),
    actionHtml(task, { ...shown, diff }),
    ...(unless === undefined ? [] : [paragraph(unlessText(unless))]),
  ].join('\n');
}

function actionHtml(task: PlannedTask, shown: HostPlanShown): string {
  switch (task.action) {
    case 'change':
      return changesHtml(task.changes, shown);
    case 'check':
      return paragraph(task.expectation);
    case 'unknown':
      return paragraph(unknownText(task.until));
    case 'none':
      return task.would
        ? `${paragraph('check mode, not done:')}\n${changesHtml(task.would, shown)}`
        : paragraph(`nothing: ${task.reason}`);
    case 'skip':
      return paragraph(`skipped: ${task.reason}`);
    case 'refuse': {
      const { isFailure, reason, details = [], remedy, code } = task;
      const head = `<b>${isFailure ? 'fails' : 'refused'}</b>`;
      return htmlCard('bad', { head, reason, details, remedy, more: explained(code) });
    }
  }
}

function paragraph(text: string): string {
  return `<p>${htmlText(text)}</p>`;
}

function changesHtml(changes: readonly Change[], shown: HostPlanShown): string {
  const items = changeRows(changes, shown.complete).flatMap(({ rows, hidden }) => [
    ...rows.map((row) => `<li>${rowHtml(row, shown)}</li>`),
    ...(hidden === 0 ? [] : [`<li class="note">… ${hidden} more (-v shows all)</li>`]),
  ]);
  return `<ul class="plain">${items.join('\n')}</ul>`;
}

function rowHtml({ change, targets }: ChangeRow, { diff, complete, areContentsLeft }: HostPlanShown): string {
  const tone = TONES[change.kind];
  const word = `<b${tone === undefined ? '' : ` class="${tone}"`}>${WORDS[change.kind]}</b>`;
  const names = htmlText(namesOfTargets(targets, complete));
  const clauses = changeClauses(change, false).map((clause) => ` <span>${htmlText(clause)}</span>`);
  const contents = diff ? contentsOf(change) : undefined;
  const below = contents === undefined ? '' : areContentsLeft ? NO_ROOM : diffHtml(contents);
  return `${word} <code>${names}</code>${clauses.join('')}${below}`;
}

const NO_ROOM = '<p class="note">its difference is left out here</p>';

/** The lines that differ, with those around them. They begin with their sign, so that colour carries nothing. */
function diffHtml(texts: FileTexts): string {
  const hunks = fileDiff(texts);
  if (hunks === undefined) return '';
  if (typeof hunks === 'string') return `<p class="note">${htmlText(hunks)}</p>`;
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const number = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  const summary = `${count(number('+'), 'line')} added, ${number('-')} removed`;
  const open = lines.length <= MAX_OPEN_LINES ? ' open' : '';
  return `<details class="diff"${open}><summary>${summary}</summary><pre>${hunks.map(hunkHtml).join('')}</pre></details>`;
}

function hunkHtml({ head, lines }: DiffHunk): string {
  return [`<span class="at">${htmlText(head)}\n</span>`, ...lines.map(lineHtml)].join('');
}

function lineHtml(line: string): string {
  const tag = line.startsWith('+') ? 'ins' : line.startsWith('-') ? 'del' : 'span';
  return `<${tag}>${htmlText(line.replaceAll('\n', ''))}\n</${tag}>`;
}
