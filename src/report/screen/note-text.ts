import { formatDuration } from '../../core/duration.ts';
import { nameList } from '../../core/name-list.ts';
import type { MessageNote, Note, TroubleNote } from '../progress/note.ts';
import { evidenceLines } from '../text/evidence.ts';
import type { Style } from '../text/style.ts';
import { displayWidth, hang } from '../text/width.ts';

/** How a note starts: on a terminal with a mark (`✖`), in a log with a word that can be searched for (`failed:`). */
export interface NoteLeads {
  readonly failed: string;
  /** The text between who is refused and why. */
  readonly refused: readonly [lead: string, between: string];
  readonly undone: string;
  readonly cancelled: string;
  readonly warning: string;
  /** Of a wait that was planned, which nobody has to be warned of. */
  readonly waiting: string;
  readonly interrupted: string;
  readonly said: string;
}

/** For terminals. */
export function markLeads({ colors, marks }: Style): NoteLeads {
  return {
    failed: colors.red(`${marks.failed} `),
    refused: [colors.red(`${marks.failed} `), ' refused: '],
    undone: colors.yellow(`${marks.undone} `),
    cancelled: colors.dim(`${marks.waiting} `),
    warning: colors.yellow(`${marks.warning} warning: `),
    waiting: colors.dim(`${marks.waiting} `),
    interrupted: colors.yellow(`${marks.warning} interrupted: `),
    said: '',
  };
}

/** For logs. */
export function wordLeads({ colors }: Style): NoteLeads {
  return {
    failed: colors.red('failed: '),
    refused: [colors.red('refused: '), ': '],
    undone: '',
    cancelled: '',
    warning: colors.yellow('warning: '),
    waiting: '',
    interrupted: colors.yellow('interrupted: '),
    said: '',
  };
}

/** A note as lines of at most `width` columns; long texts are wrapped at words, not cut. */
export function noteLines(note: Note, leads: NoteLeads, style: Style, width: number): readonly string[] {
  switch (note.kind) {
    case 'failed':
    case 'unreachable':
      return pathLines(note, leads, style, width);
    case 'refused': {
      const subject = note.hosts.length > 0 ? pathOf(note, style) : note.where.map(style.text).join(' ');
      const [lead, between] = leads.refused;
      const head = `${subject}${between}${style.text(note.reason)}`;
      return [...hang(lead, head, width), ...evidenceLines(note, '', style, width)];
    }
    case 'late':
      return [...hang(leads.failed, style.text(note.reason), width), ...evidenceLines(note, '', style, width)];
    case 'cancelled': {
      const what = note.begun ? 'stopped' : 'not started';
      return hang(leads.cancelled, `${names(note.hosts, style)} ${what}: ${style.text(note.reason)}`, width);
    }
    case 'said':
      return messageLines(note, leads, style, width);
    case 'undo': {
      const outcome = `${style.text(note.message)} (${formatDuration(note.elapsedMs)})`;
      const host = style.text(note.host);
      const failed = note.isUnproven ? 'restored, but not proven' : 'not restored';
      return note.succeeded
        ? hang(leads.undone, `${host} ${note.goesOn ? 'partly restored' : 'restored'}: ${outcome}`, width)
        : [...hang(leads.failed, `${host} ${failed}: ${outcome}`, width), ...evidenceLines(note, '', style, width)];
    }
    case 'warning': {
      const subject = note.hosts.length > 0 ? `${names(note.hosts, style)}: ` : '';
      const isPlanned = note.wait?.for === 'soak' || note.wait?.for === 'window';
      const head = hang(isPlanned ? leads.waiting : leads.warning, subject + style.text(note.message), width);
      return [...head, ...evidenceLines(note, '', style, width)];
    }
    case 'interrupted':
      return hang(leads.interrupted, style.text(note.message), width);
  }
}

/** A note about hosts of one of several clusters. @param cluster as shown to people */
export function within(cluster: string, note: Note): Note {
  switch (note.kind) {
    case 'failed':
    case 'refused':
    case 'unreachable':
      return note.hosts.length > 0 ? { ...note, where: [cluster, ...note.where] } : note;
    case 'undo':
      return { ...note, host: `${cluster} › ${note.host}` };
    default:
      return note;
  }
}

/** `Task › host: text`; a text of several lines follows below, unchanged. */
function messageLines(
  { task, hosts, texts }: MessageNote,
  leads: NoteLeads,
  style: Style,
  width: number,
): readonly string[] {
  const head = `${style.text(task)} ${style.marks.into} ${names(hosts, style)}:`;
  const lines = texts.flatMap((text) => text.split('\n'));
  if (lines.length === 1) return hang(leads.said, `${head} ${style.text(lines[0] ?? '')}`, width);
  return [...hang(leads.said, head, width), ...lines.flatMap((line) => hang('    ', style.text(line), width))];
}

/** `Task › stage › host   reason`, on two lines if one is too short. */
function pathLines(note: TroubleNote, leads: NoteLeads, style: Style, width: number): readonly string[] {
  const path = pathOf(note, style);
  const reason = (note.kind === 'unreachable' ? 'unreachable: ' : '') + style.text(note.reason);
  const line = `${leads.failed}${path}   ${reason}`;
  const head =
    displayWidth(line) <= width ? [line] : [...hang(leads.failed, path, width), ...hang('    ', reason, width)];
  return [...head, ...evidenceLines(note, '', style, width)];
}

function pathOf({ where, hosts }: TroubleNote, style: Style): string {
  return [...where.map(style.text), ...(hosts.length > 0 ? [names(hosts, style)] : [])].join(` ${style.marks.into} `);
}

function names(hosts: readonly string[], style: Style): string {
  return nameList(hosts.map(style.text));
}
