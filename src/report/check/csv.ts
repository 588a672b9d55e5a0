import { escapeControls } from '../text/escape.ts';
import { bySeverity, type CheckFormat, type Finding } from './findings.ts';

const COLUMNS: readonly (readonly [head: string, cell: (finding: Finding) => string | number | boolean | null])[] = [
  ['host', ({ host }) => host],
  ['kind', ({ kind }) => kind],
  ['name', ({ name }) => name],
  ['severity', ({ severity }) => severity],
  ['condition', ({ condition }) => condition],
  ['why', ({ why }) => why],
  ['ends', ({ ends }) => ends],
  ['days_left', ({ daysLeft }) => daysLeft],
  ['served', ({ served }) => served],
  ['served_ends', ({ servedEnds }) => servedEnds],
  ['due', ({ due }) => due],
  ['authority', ({ authority }) => authority],
  ['subject', ({ subject }) => subject],
  ['sans', ({ sans }) => sans.join(' ')],
  ['key', ({ key }) => key],
  ['serial', ({ serial }) => serial],
  ['path', ({ path }) => path],
];

/** A header and a row per finding, the most severe first, as in RFC 4180: lines end with CRLF, quotes are doubled. */
export const csv: CheckFormat = ({ findings, copies }) =>
  [
    COLUMNS.map(([head]) => head),
    ...bySeverity([...findings, ...copies]).map((finding) => COLUMNS.map(([, cell]) => cellText(cell(finding)))),
  ]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');

/**
 * Texts come from hosts and are opened in spreadsheets: a leading apostrophe keeps them from being read as formulas
 * (https://owasp.org/www-community/attacks/CSV_Injection). Numbers stay numbers.
 */
function cellText(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const shown = escapeControls(value);
  const safe = /^\s*[=+\-@]/.test(value) ? `'${shown}` : shown;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
