import { count } from '../../core/count.ts';
import { htmlSection, htmlTable } from '../html/parts.ts';
import { htmlText } from '../html/text.ts';
import { groupBy } from '../text/words.ts';
import { type Finding, type Severity, worstSeverity } from './findings.ts';
import { certificateCounts, endOf, numbersOf } from './groups.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The colours of severities. */
export const TONES: Readonly<Record<Severity, string>> = {
  critical: 'isbad',
  unknown: 'isbad',
  warning: 'iswarn',
  ok: 'good',
};

/** The ends of certificates: a table of months, and below it a list for each month. */
export function calendar(findings: readonly Finding[]): string {
  const ending = findings.filter(({ ends }) => ends !== null).toSorted((a, b) => endOf(a) - endOf(b));
  const months = groupBy(ending, ({ ends }) => ends?.slice(0, 7) ?? '');
  if (months.size === 0) return '';
  const years = [...new Set([...months.keys()].map((month) => month.slice(0, 4)))];
  const rows = years.map((year) => ({
    cells: [
      `<b>${year}</b>`,
      ...MONTHS.map((_, index) => cell(`${year}-${String(index + 1).padStart(2, '0')}`, months)),
    ],
  }));
  const table = `<div class="card calendar">${htmlTable(['Year', ...MONTHS], rows)}</div>`;
  const lists = [...months].map(([month, items]) => monthList(month, items));
  return htmlSection('What expires when', [table, `<div class="months">${lists.join('\n')}</div>`]);
}

function cell(month: string, months: ReadonlyMap<string, readonly Finding[]>): string {
  const items = months.get(month);
  if (!items) return '';
  const { leaves, signers } = numbersOf(items);
  return `<a class="pill ${TONES[worstSeverity(items)]}" href="#m${month}" title="${inWords(items)}">${leaves + signers}</a>`;
}

/** `10 certificates and 3 CAs on 3 hosts`. */
function inWords(items: readonly Finding[]): string {
  return `${certificateCounts(items)} on ${count(new Set(items.map(({ host }) => host)).size, 'host')}`;
}

/** A row for each day and host, ordered by day. */
function monthList(month: string, items: readonly Finding[]): string {
  const [year = '', number = '1'] = month.split('-');
  const rows = [...groupBy(items, ({ ends, host }) => `${ends?.slice(0, 10)} ${host}`).values()].map((group) => {
    const [day, host] = [group[0]?.ends?.slice(0, 10) ?? '', group[0]?.host ?? ''];
    const names = group.map(({ kind, name }) => htmlText(kind === 'authority' ? `CA ${name}` : name));
    return { cells: [day, htmlText(host), names.join(', ')] };
  });
  const grave = worstSeverity(items);
  const state = grave === 'ok' ? '' : `<span class="pill ${TONES[grave]}">${grave}</span>`;
  const head = `<b>${MONTHS[Number(number) - 1]} ${year}</b>${state}<span>${inWords(items)}</span>`;
  return `<details class="card" id="m${month}"><summary>${head}</summary>${htmlTable(['Day', 'Host', 'Certificates'], rows)}</details>`;
}
