/** The last line that a program has printed, where it puts the reason for a failure. Empty when it has printed nothing. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

const MOST_LINES = 8;

/** The last eight lines that a failed program has printed: of its standard error, or else of its standard output. */
export function lastOutput({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-MOST_LINES).join('\n');
}
