import { afterEach, expect, it } from 'vitest';
import { handleInterrupts, type Interrupts } from '../../src/cli/run/interrupts.ts';

let interrupts: Interrupts | undefined;
afterEach(() => interrupts?.release());

it.each([
  { sent: ['SIGHUP', 'SIGHUP'], isAborted: false },
  { sent: ['SIGTERM', 'SIGHUP'], isAborted: false },
  { sent: ['SIGHUP', 'SIGINT'], isAborted: true },
  { sent: ['SIGHUP', 'SIGHUP', 'SIGTERM'], isAborted: true },
  { sent: ['SIGINT', 'SIGINT'], isAborted: true },
] as const)(
  'a terminal that is closed asks to stop, and not at once, however often that is told: $sent',
  ({ sent, isAborted }) => {
    const told: string[] = [];
    interrupts = handleInterrupts((message) => told.push(message));
    for (const signal of sent) process.listeners(signal).at(-1)?.(signal);
    expect({ stop: interrupts.stop.aborted, abort: interrupts.abort.aborted, told: told.length }).toEqual({
      stop: true,
      abort: isAborted,
      told: isAborted ? 2 : 1,
    });
  },
);
