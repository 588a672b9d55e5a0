import { escapeControls } from './escape.ts';

/** A part of a job's log in GitLab that is folded under its head. */
export interface GitlabSection {
  /** Unique in the log: letters, digits, `_`, `.` and `-`. */
  readonly id: string;
  readonly head: string;
  readonly lines: readonly string[];
  /** GitLab shows what lies between as the section's time. */
  readonly from: Date;
  readonly to: Date;
  /** What went wrong is open. */
  readonly isOpen: boolean;
}

const CLEAR = '\x1b[0K';

/** https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections. Whatever the texts hold begins and ends no section. */
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
