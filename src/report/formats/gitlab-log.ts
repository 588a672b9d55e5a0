import { escapeControls } from '../text/escape.ts';

/** A collapsible section of a GitLab job's log. */
export interface GitlabSection {
  /** Unique in the log: letters, digits, `_`, `.` and `-`. */
  readonly id: string;
  readonly head: string;
  readonly lines: readonly string[];
  /** GitLab shows the time between the two as the section's duration. */
  readonly from: Date;
  readonly to: Date;
  /** Sections about errors are open. */
  readonly isOpen: boolean;
}

const CLEAR = '\x1b[0K';

/** https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections. Texts cannot start or end a section. */
export function gitlabSections(sections: readonly GitlabSection[]): string {
  return sections
    .map(({ id, head, lines, from, to, isOpen }) => {
      const start = `${CLEAR}section_start:${seconds(from)}:${id}[collapsed=${!isOpen}]\r${CLEAR}${escapeControls(head)}\n`;
      const body = lines.map((line) => `  ${escapeControls(line)}\n`).join('');
      return `${start}${body}${CLEAR}section_end:${seconds(to)}:${id}\r${CLEAR}\n`;
    })
    .join('');
}

function seconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
