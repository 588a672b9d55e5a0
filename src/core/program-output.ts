/** The last line that a program printed, which usually explains a failure. Empty when it printed nothing. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

/** What a program printed, as evidence of a failure; no evidence if it printed nothing. @param label who says it */
export function printed(text: string, label = 'output'): readonly (readonly [label: string, text: string])[] {
  const trimmed = text.trim();
  return trimmed === '' ? [] : [[label, trimmed]];
}

const MAX_LINES = 8;

/** The last eight lines that a failed program printed: of its standard error, or else of its standard output. */
export function lastOutput({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-MAX_LINES).join('\n');
}
