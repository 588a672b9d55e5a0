/** The last line of what a program has said: it puts the reason there. Empty where it has said nothing. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

const MOST_LINES = 8;

/** The end of what a program has said that failed: of its errors, or else of its output. */
export function lastSaid({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-MOST_LINES).join('\n');
}
