import { createHash } from 'node:crypto';
import { escapeControls } from '../text/escape.ts';
import { jsonText } from '../text/json-text.ts';

/** An issue in a merge request, in GitLab's code quality format. */
export interface QualityIssue {
  /** The kind of issue: `task-failed`, `expired`. */
  readonly rule: string;
  readonly description: string;
  readonly severity: 'minor' | 'major' | 'critical' | 'blocker';
  /** The file, as a relative path. */
  readonly path: string;
  /** From 1; absent for an issue with the file as a whole. */
  readonly line?: number;
  /** A text that is the same in the next report: GitLab uses it to find what is new. */
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
