import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Secret } from '../core/secret.ts';
import type { Environment } from './environment.ts';

/** Asks on the terminal without showing what is typed; undefined where there is no terminal to ask on. */
export async function askSecret({ stdin, stderr }: Environment, question: string): Promise<Secret | undefined> {
  if (!stdin.isTTY) return undefined;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    stderr.write(`${question}: `);
    return new Secret(await lines.question(''));
  } finally {
    stderr.write('\n');
    lines.close();
  }
}

/** Asks for a yes; anything else, and a terminal that is none, is a no. */
export async function askYes({ stdin, stderr }: Environment, question: string): Promise<boolean> {
  if (!stdin.isTTY) return false;
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
