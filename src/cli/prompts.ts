import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { InputError } from '../core/diagnostic.ts';
import { Secret } from '../core/secret.ts';
import type { Environment } from './environment.ts';

/** The user ended a question rather than answer it: Ctrl-C, Ctrl-D, or the terminal is gone. */
export class PromptEnded extends Error {
  override readonly name = 'PromptEnded';
}

/**
 * Asks on the terminal without showing what is typed; undefined where there is no terminal to ask on.
 * @throws {PromptEnded} when it is not answered.
 */
export async function askSecret({ stdin, stderr }: Environment, question: string): Promise<Secret | undefined> {
  if (!stdin.isTTY) return undefined;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  stderr.write(`${question}: `);
  try {
    return new Secret(await answer({ input: stdin, output: silent, terminal: true }, ''));
  } finally {
    stderr.write('\n');
  }
}

/**
 * What `--confirm` makes of a run.
 * @throws {InputError} when there is no terminal to ask on; `instead` says what to do without one.
 */
export function confirmation(
  wanted: boolean | undefined,
  environment: Environment,
  instead: string,
): { readonly confirm?: (signal: AbortSignal) => Promise<boolean> } {
  if (!wanted) return {};
  if (!environment.stdin.isTTY) throw InputError.of('--confirm needs a terminal to ask on', undefined, instead);
  return { confirm: (signal) => askYes(environment, 'Apply this plan?', signal) };
}

/**
 * Asks for a yes; anything else, and a terminal that is none, is a no.
 * @throws {PromptEnded} when it is not answered, or `signal` is aborted meanwhile.
 */
async function askYes({ stdin, stderr }: Environment, question: string, signal: AbortSignal): Promise<boolean> {
  if (!stdin.isTTY) return false;
  try {
    const said = await answer({ input: stdin, output: stderr }, `${question} [y/N] `, signal);
    return /^y(es)?$/i.test(said.trim());
  } catch (error) {
    if (error instanceof PromptEnded) stderr.write('\n');
    throw error;
  }
}

async function answer(
  streams: Parameters<typeof createInterface>[0],
  question: string,
  signal?: AbortSignal,
): Promise<string> {
  const lines = createInterface(streams);
  const ended = new AbortController();
  const end = (): void => ended.abort();
  lines.once('SIGINT', end);
  // A terminal that says nothing more closes it, and the question would stay open for ever.
  lines.once('close', end);
  signal?.addEventListener('abort', end);
  try {
    signal?.throwIfAborted();
    return await lines.question(question, { signal: ended.signal });
  } catch (error) {
    if (ended.signal.aborted || signal?.aborted) throw new PromptEnded('interrupted');
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    lines.close();
  }
}
