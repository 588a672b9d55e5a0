import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** What a processor has to do besides: with three, a lab host gets a quarter of it at the most. */
const BUSY_PER_PROCESSOR = 3;

/** Keeps all processors of this machine busy until the function that it returns is called, or this process ends. */
export function startStress(): () => void {
  const count = availableParallelism() * BUSY_PER_PROCESSOR;
  const busy = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', BUSY], { stdio: ['pipe', 'ignore', 'ignore'] }),
  );
  return () => {
    for (const one of busy) one.kill('SIGKILL');
  };
}

/** It ends when its standard input does, which goes with whoever started it. */
const BUSY = `process.stdin.on('close', () => process.exit()).resume();
const work = () => { const end = Date.now() + 200; while (Date.now() < end); setImmediate(work); };
work();`;
