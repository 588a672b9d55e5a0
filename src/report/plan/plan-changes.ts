import { isJsonObject, type Json } from '../../core/json.ts';
import type { Change, ChangeKind } from '../../core/plan.ts';
import { formatDiff } from '../text/diff.ts';
import type { Style } from '../text/style.ts';
import { displayWidth, flow, padEnd, widest } from '../text/width.ts';
import { groupBy, nameList, targetText } from '../text/words.ts';

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
interface Row {
  readonly changes: readonly [Change, ...Change[]];
  readonly targets: string;
}

/** The changes of one task on one host, a row for each that differs in more than its target: `+ apiserver   ends … → …`. */
export function changeLines(changes: readonly Change[], options: ChangeOptions): readonly string[] {
  const rows = [...groupBy(changes, likenessOf).values()].flatMap((alike) => rowOf(alike, options));
  const targetWidth = widest(
    rows.map(({ targets }) => targets).filter((targets) => displayWidth(targets) <= MAX_TARGET_WIDTH),
  );
  return [...groupBy(rows, ({ changes: [{ kind }] }) => kind).values()].flatMap((ofKind) => {
    const shown = options.complete ? ofKind : ofKind.slice(0, MAX_ROWS);
    const hidden = ofKind.slice(shown.length).reduce((sum, row) => sum + row.changes.length, 0);
    const lines = shown.flatMap((row) => rowLines(row, targetWidth, options));
    const { ellipsis } = options.style.marks;
    return hidden === 0 ? lines : [...lines, options.style.colors.dim(`  ${ellipsis} ${hidden} more (-v shows all)`)];
  });
}

function likenessOf(change: Change): string {
  const content = isContent(change.before) || isContent(change.after) ? change.target : '';
  return JSON.stringify([change.kind, change.summary, change.details, change.disruptive, content]);
}

function rowOf(alike: readonly Change[], { style, complete }: ChangeOptions): readonly Row[] {
  const [first, ...others] = alike;
  if (!first) return [];
  const names = alike.map((change) => style.text(targetText(change)));
  return [{ changes: [first, ...others], targets: nameList(names, complete ? names.length : MAX_TARGETS) }];
}

function rowLines({ changes, targets }: Row, targetWidth: number, options: ChangeOptions): readonly string[] {
  const { style, width, verbose, diff } = options;
  const [change] = changes;
  const clauses = [
    ...(change.summary === undefined ? [] : style.text(change.summary).split(/ {2,}/)),
    ...(verbose ? (change.details ?? []).map(style.text) : []),
    ...(change.disruptive && change.kind !== 'restart' ? ['interrupts service'] : []),
  ];
  const symbol = style.colors[COLORS[change.kind]](SYMBOLS[change.kind]);
  const lines = flow([padEnd(targets, targetWidth), ...clauses], width - 4).map(
    (line, index) => `${index === 0 ? symbol : '   '} ${line}`,
  );
  return diff ? [...lines, ...diffLines(change, options)] : lines;
}

/** The diff of a change whose sides are `{ content: string }`, or null if the file does not exist. */
function diffLines({ target, before, after }: Change, { style, diffWidth }: ChangeOptions): readonly string[] {
  if (!isContent(before) && !isContent(after)) return [];
  const text = formatDiff(target, contentOf(before), contentOf(after), style);
  return text.split('\n').map((line) => style.cut(`  ${line}`, diffWidth));
}

function isContent(side: Json): side is { readonly content: string } {
  return isJsonObject(side) && typeof side['content'] === 'string';
}

function contentOf(side: Json): string {
  return isContent(side) ? side.content : '';
}
