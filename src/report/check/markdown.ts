import { nameList } from '../../core/name-list.ts';
import { markdownTable, markdownText as text } from '../text/markdown-text.ts';
import { formatLeft, formatMinute, UTC } from '../text/time.ts';
import type { CheckFormat, Finding } from './findings.ts';
import { authorities, checkSentence, troubles } from './groups.ts';

/** For a ticket, a merge request or the summary of a job: findings that are not ok, and the CAs. */
export const markdown: CheckFormat = (report) => {
  const bad = troubles(report).map(({ first, names }) => [
    first.severity,
    text(first.host),
    text(names.join(', ')),
    ...endCells(first),
    text(first.why),
  ]);
  const signers = authorities(report).map(({ first, hosts }) => [
    text(first.name),
    first.severity,
    ...endCells(first),
    text(nameList(hosts)),
  ]);
  const parts = [
    '# kplay check',
    text(checkSentence(report)),
    ...(bad.length === 0
      ? []
      : [
          '## What needs attention',
          markdownTable(['severity', 'host', 'certificates', 'expires', 'left', 'why'], bad),
        ]),
    ...(signers.length === 0
      ? []
      : ['## Certificate authorities', markdownTable(['CA', 'severity', 'expires', 'left', 'on'], signers)]),
    `Looked at ${formatMinute(report.checkedAt, UTC)} UTC, kplay ${text(report.kplayVersion)}.`,
  ];
  return `${parts.join('\n\n')}\n`;
};

function endCells({ ends, daysLeft }: Finding): readonly string[] {
  return [ends?.slice(0, 10) ?? '', daysLeft === null ? '' : text(formatLeft(daysLeft))];
}
