import { createHash } from 'node:crypto';
import { escapeControls } from './escape.ts';
import { jsonText } from './json-text.ts';

/** Something that a merge request shows, as GitLab's code quality has it. */
export interface QualityIssue {
  /** What kind of thing it is: `task-failed`, `expired`. */
  readonly rule: string;
  readonly description: string;
  readonly severity: 'minor' | 'major' | 'critical' | 'blocker';
  /** The file that it is about, relative. */
  readonly path: string;
  /** From 1; absent where it is about the file as a whole. */
  readonly line?: number;
  /** What it is about, in a text that is the same in the next report: by it GitLab tells what is new. */
  readonly identity: string;
}

/** A report of code quality: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
export function codeQuality(issues: readonly QualityIssue[]): string {
  const seen = new Map<string, number>();
  const entries = issues.map(({ rule, description, severity, path, line = 1, identity }) => {
    const key = `${rule}\0${identity}`;
    const number = (seen.get(key) ?? 0) + 1;
    seen.set(key, number);
    return {
      description: escapeControls(description),
      check_name: `kplay/${rule}`,
      fingerprint: createHash('sha256').update(`${key}\0${number}`).digest('hex'),
      severity,
      location: { path, lines: { begin: line } },
    };
  });
  return `${jsonText(entries, 2)}\n`;
}
