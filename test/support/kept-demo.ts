import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Simulated hosts that `kplay demo --keep` has up. */
export interface KeptDemo {
  /** All that it has printed. */
  readonly said: string;
  /** The commands that it prints: that enters its directory, that defines `kplay` there, what is to be tried, and that ends it. */
  readonly commands: readonly string[];
  /** Its exit code and signal, once it has ended. */
  readonly ended: Promise<readonly unknown[]>;
}

/** Starts it, with one master, and waits until it is up. @param words of the program */
export async function keptDemo(...[program, ...words]: readonly [string, ...string[]]): Promise<KeptDemo> {
  const demo = spawn(program, [...words, 'demo', '--keep', '--masters', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(demo, 'exit');
  // A test that fails leaves nothing running either.
  onTestFinished(() => void demo.kill());
  let said = '';
  for await (const chunk of demo.stdout) {
    said += chunk;
    if (/^ {2}kill \d+$/m.test(said)) break;
  }
  const commands = [...said.matchAll(/^ {2}(\S.*)$/gm)].map(([, line = '']) => line);
  return { said, commands, ended };
}
