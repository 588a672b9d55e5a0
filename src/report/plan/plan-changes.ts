import { isJsonObject, type Json } from '../../core/json.ts';
import { nameList } from '../../core/name-list.ts';
import type { Change, ChangeKind } from '../../core/plan.ts';
import { isFileSide } from '../secrets/file-contents.ts';
import { type FileTexts, formatDiff } from '../text/diff.ts';
import type { Style } from '../text/style.ts';
import { displayWidth, flow, padEnd, widest } from '../text/width.ts';
import { groupBy, targetText } from '../text/words.ts';

/** How the changes of a plan are laid out. */
export interface ChangeOptions {
  readonly style: Style;
  readonly width: number;
  /** With their details. */
  readonly verbose: boolean;
  /** All of them. */
  readonly complete: boolean;
  /** Show contents of files as unified diffs, if the change contains them. */
  readonly diff: boolean;
  /** The width to which lines of these diffs are cut. */
  readonly diffWidth: number;
}

const SYMBOLS: Readonly<Record<ChangeKind, string>> = {
  create: '+',
  update: '~',
  remove: '-',
  restart: '!',
  run: '>',
  look: '?',
};

const COLORS = {
  create: 'green',
  update: 'yellow',
  remove: 'red',
  restart: 'magenta',
  run: 'cyan',
  look: 'dim',
} as const;

/** Rows of one kind that are shown without -v. */
const MAX_ROWS = 3;
/** Targets that are named in a row without -v. */
const MAX_TARGETS = 6;
/** Wider targets do not shift the texts of the others. */
const MAX_TARGET_WIDTH = 26;

/** Changes in one row: they only differ in their target. */
export interface ChangeRow {
  readonly change: Change;
  /** The targets of all of them, as they come from hosts and files. */
  readonly targets: readonly string[];
}

/** Rows of one kind of change. */
interface RowsOfKind {
  readonly rows: readonly ChangeRow[];
  /** How many changes are left out. */
  readonly hidden: number;
}

/** The changes of one task on one host by their kinds. @param complete all of them: otherwise the first of each kind */
export function changeRows(changes: readonly Change[], complete: boolean): readonly RowsOfKind[] {
  return rowsByKind(rowsOf(changes), complete);
}

function rowsOf(changes: readonly Change[]): readonly ChangeRow[] {
  return [...groupBy(changes, likenessOf).values()].flatMap(([change, ...others]) =>
    change ? [{ change, targets: [change, ...others].map(targetText) }] : [],
  );
}

function rowsByKind(rows: readonly ChangeRow[], complete: boolean): readonly RowsOfKind[] {
  return [...groupBy(rows, ({ change }) => change.kind).values()].map((ofKind) => {
    const shown = complete ? ofKind : ofKind.slice(0, MAX_ROWS);
    return { rows: shown, hidden: ofKind.slice(shown.length).reduce((sum, { targets }) => sum + targets.length, 0) };
  });
}

/** The targets of a row in words. @param complete all of them */
export function namesOfTargets(targets: readonly string[], complete: boolean): string {
  return nameList(targets, complete ? targets.length : MAX_TARGETS);
}

/** What is said of a change besides its target. @param verbose with its details */
export function changeClauses(
  { kind, summary, details = [], disruptive }: Change,
  verbose: boolean,
): readonly string[] {
  return [
    ...(summary === undefined ? [] : summary.split(/ {2,}/)),
    ...(verbose ? details : []),
    ...(disruptive && kind !== 'restart' ? ['interrupts service'] : []),
  ];
}

/** The texts of a file that a change replaces, without one `''`; undefined if it contains none. */
export function contentsOf({ before, after }: Change): FileTexts | undefined {
  if (!isFileSide(before) && !isFileSide(after)) return undefined;
  const differsInHidden = isJsonObject(after) && after['differsInHidden'] === true;
  return { before: contentOf(before), after: contentOf(after), differsInHidden };
}

/** The changes of one task on one host, a row for each that differs in more than its target: `+ apiserver   ends … → …`. */
export function changeLines(changes: readonly Change[], options: ChangeOptions): readonly string[] {
  const { style, complete } = options;
  const all = rowsOf(changes);
  const named = ({ targets }: ChangeRow): string => namesOfTargets(targets.map(style.text), complete);
  const targetWidth = widest(all.map(named).filter((targets) => displayWidth(targets) <= MAX_TARGET_WIDTH));
  return rowsByKind(all, complete).flatMap(({ rows, hidden }) => {
    const lines = rows.flatMap((row) => rowLines(row.change, padEnd(named(row), targetWidth), options));
    return hidden === 0
      ? lines
      : [...lines, style.colors.dim(`  ${style.marks.ellipsis} ${hidden} more (-v shows all)`)];
  });
}

function likenessOf(change: Change): string {
  const content = contentsOf(change) ? change.target : '';
  return JSON.stringify([change.kind, change.summary, change.details, change.disruptive, content]);
}

function rowLines(change: Change, targets: string, options: ChangeOptions): readonly string[] {
  const { style, width, verbose, diff } = options;
  const symbol = style.colors[COLORS[change.kind]](SYMBOLS[change.kind]);
  const lines = flow([targets, ...changeClauses(change, verbose).map(style.text)], width - 4).map(
    (line, index) => `${index === 0 ? symbol : '   '} ${line}`,
  );
  return diff ? [...lines, ...diffLines(change, options)] : lines;
}

/** The diff of a change whose sides are `{ content: string }`, or null if the file does not exist. */
function diffLines(change: Change, { style, diffWidth }: ChangeOptions): readonly string[] {
  const contents = contentsOf(change);
  if (!contents) return [];
  const text = formatDiff(change.target, contents, style);
  return text.split('\n').map((line) => style.cut(`  ${line}`, diffWidth));
}

function contentOf(side: Json): string {
  return isFileSide(side) ? side.content : '';
}
