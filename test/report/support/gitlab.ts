const SEVERITIES = ['info', 'minor', 'major', 'critical', 'blocker'];

/** What of a report is not as GitLab reads it: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
export function againstCodeQuality(text: string): readonly string[] {
  const issues: unknown = JSON.parse(text);
  if (!Array.isArray(issues)) return ['it is no list'];
  const prints = issues.map(({ fingerprint }) => fingerprint);
  return [
    ...(new Set(prints).size === prints.length ? [] : ['a fingerprint stands twice']),
    ...issues.flatMap((issue, index) =>
      [
        typeof issue.description === 'string' && issue.description !== '' ? '' : 'description',
        typeof issue.check_name === 'string' && issue.check_name !== '' ? '' : 'check_name',
        /^[0-9a-f]{64}$/.test(issue.fingerprint) ? '' : 'fingerprint',
        SEVERITIES.includes(issue.severity) ? '' : 'severity',
        typeof issue.location?.path === 'string' && /^(?!\.?\/)./.test(issue.location.path) ? '' : 'location.path',
        Number.isInteger(issue.location?.lines?.begin) && issue.location.lines.begin > 0 ? '' : 'location.lines.begin',
      ].flatMap((field) => (field === '' ? [] : [`issue ${index} has no good ${field}`])),
    ),
  ];
}

export interface ReadSection {
  readonly id: string;
  readonly head: string;
  readonly lines: readonly string[];
  readonly seconds: number;
  readonly isCollapsed: boolean;
}

/**
 * The sections of a job's log, read as GitLab reads them.
 * @throws {Error} for what is no section, does not end, stands in another or has the name of another.
 */
export function readSections(log: string): readonly ReadSection[] {
  // What the runner takes for a command begins with it; a picture of it stands for it here.
  const text = log.replaceAll('\x1b[0K', '␛');
  const section =
    /␛section_start:(\d+):([A-Za-z0-9_.-]+)\[collapsed=(true|false)\]\r␛([^\n]*)\n([\s\S]*?)␛section_end:(\d+):\2\r␛\n/g;
  if (text.replace(section, '') !== '') throw new Error('something stands in no section');
  const sections = [...text.matchAll(section)].map(([, from, id = '', collapsed, head = '', body = '', to]) => ({
    id,
    head,
    lines: body.split('\n').slice(0, -1),
    seconds: Number(to) - Number(from),
    isCollapsed: collapsed === 'true',
  }));
  if (sections.some(({ head, lines }) => [head, ...lines].some((line) => /\p{Cc}/u.test(line))))
    throw new Error('a control character is in a section');
  if (new Set(sections.map(({ id }) => id)).size !== sections.length) throw new Error('two sections have one name');
  return sections;
}
