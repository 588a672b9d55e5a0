import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Makes the process end with its own exit code although its terminal is gone. At the end Node.js resets the terminal, and aborts if that is
 * gone, perhaps with a core file that contains what was in memory. It does not touch closed streams, so these are closed before. No signal
 * tells that a terminal is gone if the process has a session of its own (`setsid`).
 */
export function surviveLostTerminal(): void {
  const terminals = [0, 1, 2].filter((stream) => isatty(stream));
  if (terminals.length > 0) process.once('exit', () => terminals.filter((stream) => !isatty(stream)).forEach(close));
}

function close(stream: number): void {
  try {
    closeSync(stream);
  } catch {
    // It was closed before.
  }
}
