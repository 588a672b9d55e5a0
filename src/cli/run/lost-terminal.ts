import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Sees to it that the process ends as it should when its terminal is gone by then, with a signal or, in a session of its own
 * (`setsid`), without one. At its end Node.js resets the terminal, and aborts if that is gone: with another exit code, and with a
 * core file, where these are kept, that holds what was in memory. It leaves closed streams alone.
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
