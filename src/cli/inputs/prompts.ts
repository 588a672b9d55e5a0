import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { InputError } from '../../core/diagnostic.ts';
import { Secret } from '../../core/secret.ts';
import { escapeControls } from '../../report/escape.ts';
import type { Environment } from '../environment.ts';
import type { OutputOptions } from '../options/options.ts';

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
 * Asks on the terminal; what is typed is seen.
 * @throws {PromptEnded} when it is not answered.
 */
export async function askText({ stdin, stderr }: Environment, question: string): Promise<string> {
  try {
    return await answer({ input: stdin, output: stderr }, `${question}: `);
  } catch (error) {
    if (error instanceof PromptEnded) stderr.write('\n');
    throw error;
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
 * What `--step` asks before each task that is to do something, as Ansible asks it: no, which is the default, yes, or yes to this
 * one and to all that follow.
 * @throws {InputError} when there is no terminal to ask on, or no place on it.
 */
export function stepQuestion(
  wanted: boolean | undefined,
  { output }: Pick<OutputOptions, 'output'>,
  environment: Environment,
  instead = 'select the tasks in advance: --tags, --skip-tags or --start-at-task',
): { readonly askBefore?: (task: string, hosts: readonly string[], signal: AbortSignal) => Promise<boolean> } {
  if (!wanted) return {};
  if (!environment.stdin.isTTY) throw InputError.of('--step needs a terminal to ask on', undefined, instead);
  if (output === 'tree')
    throw InputError.of('--step cannot ask with -o tree, which redraws the screen', undefined, 'use -o plain');
  let isToContinue = false;
  const askBefore = async (task: string, hosts: readonly string[], signal: AbortSignal): Promise<boolean> => {
    if (isToContinue) return true;
    const said = await askLine(
      environment,
      `Perform task: ${escapeControls(task)} (${hosts.map(escapeControls).join(', ')}) (N)o/(y)es/(c)ontinue: `,
      signal,
    );
    isToContinue = /^c(ontinue)?$/i.test(said);
    return isToContinue || /^y(es)?$/i.test(said);
  };
  return { askBefore };
}

/**
 * Asks for a yes; anything else, and a terminal that is none, is a no.
 * @throws {PromptEnded} when it is not answered, or `signal` is aborted meanwhile.
 */
async function askYes(environment: Environment, question: string, signal: AbortSignal): Promise<boolean> {
  if (!environment.stdin.isTTY) return false;
  return /^y(es)?$/i.test(await askLine(environment, `${question} [y/N] `, signal));
}

/** @throws {PromptEnded} when it is not answered, or `signal` is aborted meanwhile. */
async function askLine({ stdin, stderr }: Environment, question: string, signal: AbortSignal): Promise<string> {
  try {
    return (await answer({ input: stdin, output: stderr }, question, signal)).trim();
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
