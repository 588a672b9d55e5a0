import { nameList } from '../../core/name-list.ts';
import { wholeText } from '../formats/report-kinds.ts';
import { htmlPage } from '../html/page.ts';
import { htmlFigures, htmlSection, htmlTable, htmlTools } from '../html/parts.ts';
import { htmlText } from '../html/text.ts';
import { formatLeft, formatMinute, UTC } from '../text/time.ts';
import { groupBy } from '../text/words.ts';
import { calendar, TONES } from './calendar.ts';
import {
  bySeverity,
  type CheckFormat,
  type CheckReport,
  countBySeverity,
  type Finding,
  SEVERITIES,
  type Severity,
  worstSeverity,
} from './findings.ts';
import { authorities, certificateCounts, checkSentence, endOf, numbersOf, troubles } from './groups.ts';

/** The certificates of a fleet as one page: what needs attention, a calendar, the CAs, and all hosts. */
export const html: CheckFormat = (report) => {
  const parts = [
    head(report),
    '<main>',
    tools(report),
    findingTable(report),
    calendar(report.findings),
    authorityTable(report),
    hostTable(report),
    '</main>',
    `<footer>kplay ${htmlText(report.kplayVersion)}</footer>`,
  ];
  return wholeText(htmlPage('kplay check: what expires when', parts));
};

function head(report: CheckReport): string {
  const { findings, checkedAt, thresholds } = report;
  const worst = worstSeverity(findings);
  const { critical, unknown, warning } = countBySeverity(findings);
  const hosts = new Set(findings.map(({ host }) => host)).size;
  const { leaves, signers } = numbersOf(findings);
  const figures = htmlFigures([
    { number: hosts, noun: hosts === 1 ? 'host' : 'hosts' },
    { number: leaves, noun: leaves === 1 ? 'certificate' : 'certificates' },
    { number: signers, noun: signers === 1 ? 'CA' : 'CAs' },
    { number: critical, noun: 'critical', tone: 'isbad' },
    { number: unknown, noun: 'unknown', tone: 'isbad' },
    { number: warning, noun: warning === 1 ? 'warning' : 'warnings', tone: 'iswarn' },
  ]);
  const sooner = thresholds.areShortest ? ', or earlier by renew_before of the host' : '';
  const rule = `warning from ${thresholds.warn} before the expiry, critical from ${thresholds.critical}${sooner}`;
  return `<header><p class="eyebrow"><span>kplay check</span>${pill(worst)}</p>
<h1>${htmlText(checkSentence(report)).replace(/\d{4}-\d\d-\d\d/g, '<span class="d">$&</span>')}</h1>
${figures}
<p class="meta">Looked at <time datetime="${checkedAt.toISOString()}">${formatMinute(checkedAt, UTC)} UTC</time>; ${rule}</p></header>`;
}

/** The severities of rows: those of findings that are not ok, and the worst of each host. */
function tools({ findings }: CheckReport): string {
  const hosts = [...groupBy(findings, ({ host }) => host).values()].map(worstSeverity);
  const isShown = (kind: Severity) =>
    kind === 'ok' ? hosts.includes(kind) : findings.some(({ severity }) => severity === kind);
  const choices = SEVERITIES.filter(isShown).map((kind) => ({
    kind,
    name: `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`,
  }));
  return htmlTools({ noun: 'rows', hint: 'host, certificate, why', choices, canOpen: false });
}

function findingTable(report: CheckReport): string {
  const rows = troubles(report).map(({ first, names }) => ({
    attributes: attributesOf(first.severity),
    cells: [
      pill(first.severity),
      `<b>${htmlText(first.host)}</b>`,
      names.map((name) => htmlText(first.kind === 'authority' ? `CA ${name}` : name)).join(', '),
      ...endCells(first),
      htmlText(first.why),
    ],
  }));
  if (rows.length === 0) return '';
  const table = htmlTable(['Severity', 'Host', 'Certificates', 'Expires', 'Left', 'Why'], rows);
  return htmlSection('What needs attention', [`<div class="card">${table}</div>`]);
}

function authorityTable(report: CheckReport): string {
  const rows = authorities(report).map(({ first, hosts }) => ({
    cells: [
      `<b>${htmlText(first.name)}</b>`,
      pill(first.severity),
      ...endCells(first),
      htmlText(first.subject ?? ''),
      htmlText(nameList(hosts)),
    ],
  }));
  if (rows.length === 0) return '';
  const table = htmlTable(['CA', 'Severity', 'Expires', 'Left', 'Subject', 'On'], rows);
  return htmlSection('Certificate authorities', [`<div class="card">${table}</div>`]);
}

/** A row per host, the worst first, then by the first expiry. */
function hostTable({ findings }: CheckReport): string {
  const hosts = groupBy(bySeverity(findings), ({ host }) => host);
  const rows = [...hosts].map(([host, items]) => {
    const severity = items[0]?.severity ?? 'unknown';
    const certificates = items.filter(({ kind }) => kind !== 'host');
    const first = certificates.toSorted((a, b) => endOf(a) - endOf(b))[0];
    const hostTexts = items.filter(({ kind }) => kind === 'host').map(({ why }) => htmlText(why));
    return {
      attributes: attributesOf(severity),
      cells: [
        `<b>${htmlText(host)}</b>`,
        pill(severity),
        ...(first ? endCells(first) : ['', '']),
        first ? htmlText(first.name) : '',
        [...(certificates.length > 0 ? [certificateCounts(certificates)] : []), ...hostTexts].join(', '),
      ],
    };
  });
  const table = htmlTable(['Host', 'Severity', 'First expiry', 'Left', 'Certificate', 'Of'], rows);
  return rows.length === 0 ? '' : htmlSection('Hosts', [`<div class="card">${table}</div>`]);
}

function attributesOf(severity: Severity): string {
  return ` class="item" data-kind="${severity}"`;
}

function endCells({ ends, daysLeft }: Finding): readonly string[] {
  return [ends?.slice(0, 10) ?? '', daysLeft === null ? '' : formatLeft(daysLeft)];
}

function pill(severity: Severity): string {
  return `<span class="pill ${TONES[severity]}">${severity}</span>`;
}
