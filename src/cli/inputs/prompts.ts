import type { Interface, ReadLineOptions } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { InputError } from '../../core/diagnostic.ts';
import { nameList } from '../../core/name-list.ts';
import { Secret } from '../../core/secret.ts';
import { escapeControls } from '../../report/text/escape.ts';
import type { Environment } from '../environment.ts';
import type { OutputOptions } from '../options/options.ts';

/** The user ended a question instead of answering it: Ctrl-C, Ctrl-D, or a closed terminal. */
export class PromptEnded extends Error {
  override readonly name = 'PromptEnded';
}

/**
 * Asks on the terminal without echo; undefined if there is no terminal.
 * @throws {PromptEnded} when it is not answered.
 */
export async function askSecret({ stdin, stderr }: Environment, question: string): Promise<Secret | undefined> {
  if (!stdin.isTTY) return undefined;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Only then: a program answers at once, and until there is no echo the terminal would show its answer.
  const onReady = (): void => {
    stderr.write(`${question}: `);
  };
  try {
    return new Secret(await answer('hidden', { input: stdin, output: silent, terminal: true }, '', { onReady }));
  } finally {
    stderr.write('\n');
  }
}

/**
 * Asks on the terminal, with echo.
 * @throws {PromptEnded} when it is not answered.
 */
export async function askText({ stdin, stderr }: Environment, question: string): Promise<string> {
  try {
    return await answer('shown', { input: stdin, output: stderr }, `${question}: `);
  } catch (error) {
    if (error instanceof PromptEnded) stderr.write('\n');
    throw error;
  }
}

/**
 * The question of `--confirm`.
 * @throws {InputError} when there is no terminal; `instead` says what to do without one.
 */
export function confirmation(
  wanted: boolean | undefined,
  environment: Environment,
  instead: string,
): { readonly confirm?: (signal: AbortSignal) => Promise<boolean> } {
  if (!wanted) return {};
  if (!environment.stdin.isTTY) throw InputError.of('--confirm needs a terminal to ask on', ['--confirm'], instead);
  return { confirm: (signal) => askYes(environment, 'Apply this plan?', signal) };
}

/**
 * The question of `--step` before each task that has something to do, as in Ansible: no (the default), yes, or yes to this task and all
 * that follow.
 * @throws {InputError} when there is no terminal, or the output leaves no room for it.
 */
export function stepQuestion(
  wanted: boolean | undefined,
  { output }: Pick<OutputOptions, 'output'>,
  environment: Environment,
  instead = 'select the tasks in advance: --tags, --skip-tags or --start-at-task',
): { readonly askBefore?: (task: string, hosts: readonly string[], signal: AbortSignal) => Promise<boolean> } {
  if (!wanted) return {};
  if (!environment.stdin.isTTY) throw InputError.of('--step needs a terminal to ask on', ['--step'], instead);
  if (output === 'tree')
    throw InputError.of(
      '--step cannot ask with -o tree, which redraws the screen',
      ['--step', '--output'],
      'use -o plain',
    );
  let isToContinue = false;
  const askBefore = async (task: string, hosts: readonly string[], signal: AbortSignal): Promise<boolean> => {
    if (isToContinue) return true;
    const question = `Perform task: ${escapeControls(task)} (${nameList(hosts.map(escapeControls))}) (N)o/(y)es/(c)ontinue: `;
    // A typing mistake is not a no, which may restore a host.
    let reply: string;
    do reply = await askLine(environment, question, signal);
    while (!/^(?:|no?|y(?:es)?|c(?:ontinue)?)$/i.test(reply));
    isToContinue = /^c/i.test(reply);
    return isToContinue || /^y/i.test(reply);
  };
  return { askBefore };
}

/**
 * Asks for a yes. Any other answer means no, as does the lack of a terminal.
 * @throws {PromptEnded} when it is not answered, or `signal` is aborted in the meantime.
 */
async function askYes(environment: Environment, question: string, signal: AbortSignal): Promise<boolean> {
  if (!environment.stdin.isTTY) return false;
  return /^y(es)?$/i.test(await askLine(environment, `${question} [y/N] `, signal));
}

/**
 * An approval: nothing that was typed before it is shown answers it.
 * @throws {PromptEnded} when it is not answered, or `signal` is aborted in the meantime.
 */
async function askLine({ stdin, stderr }: Environment, question: string, signal: AbortSignal): Promise<string> {
  try {
    await discardTyped(stdin);
    return (await answer('approval', { input: stdin, output: stderr }, question, { signal })).trim();
  } catch (error) {
    if (error instanceof PromptEnded) stderr.write('\n');
    throw error;
  }
}

/** What comes within this time was typed before: some systems tell of it a moment later. */
const TYPED_BEFORE_MS = 50;

/**
 * Reads away what the terminal has kept for whoever reads next.
 * @throws {PromptEnded} if Ctrl-C is typed, which is read like anything else here, or the terminal is closed.
 */
async function discardTyped(stdin: Environment['stdin']): Promise<void> {
  let isEnded = false;
  const end = (): void => {
    isEnded = true;
  };
  const drop = (typed: Buffer | string): void => {
    if (typed.includes('\u0003')) end();
  };
  stdin.on('data', drop).on('end', end).on('error', end).resume();
  // Else a line that is not complete could not be read, and would become the start of the answer.
  stdin.setRawMode?.(true);
  try {
    await setTimeout(TYPED_BEFORE_MS);
    // A process that was held up for as long has read nothing yet.
    await setImmediate();
  } finally {
    stdin.pause().setRawMode?.(false);
    stdin.off('data', drop).off('end', end).off('error', end);
  }
  if (isEnded) throw new PromptEnded('interrupted');
}

/** Whether an answer is echoed, and whether it approves of what was shown just before. */
type QuestionKind = 'shown' | 'hidden' | 'approval';

interface TypedAhead {
  /** Of the question that they came with. */
  readonly kind: QuestionKind;
  readonly lines: string[];
  /** What came after the last complete line. */
  begun: string;
}

/** What came together with the answer to an earlier question, by its input. */
const typedAhead = new WeakMap<object, TypedAhead>();

interface QuestionStreams extends ReadLineOptions {
  readonly input: Environment['stdin'];
}

async function answer(
  kind: QuestionKind,
  streams: QuestionStreams,
  question: string,
  { signal, onReady }: { readonly signal?: AbortSignal; readonly onReady?: () => void } = {},
): Promise<string> {
  const earlier = typedAhead.get(streams.input);
  // What was typed without echo may be a password: it answers no question with one.
  const isFor = kind === 'hidden' || kind === earlier?.kind;
  const known = isFor && !signal?.aborted ? earlier?.lines.shift() : undefined;
  if (known !== undefined) {
    onReady?.();
    streams.output?.write(`${question}${known}\n`);
    return known;
  }
  // Most runs ask nothing.
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface(streams);
  const ahead: TypedAhead = { kind, lines: [], begun: '' };
  typedAhead.set(streams.input, ahead);
  // The answer itself is no such event. What comes with an approval was typed before anything that follows was shown.
  if (kind !== 'approval') lines.on('line', (line) => ahead.lines.push(line));
  const ended = new AbortController();
  const end = (): void => ended.abort();
  lines.once('SIGINT', end);
  // A terminal that is gone cannot be set back.
  lines.on('error', end);
  // At end of input the question would otherwise stay open for ever.
  lines.once('close', end);
  lines.on('SIGTSTP', () => suspend(lines, streams.input, ended.signal, onReady));
  signal?.addEventListener('abort', end);
  try {
    signal?.throwIfAborted();
    const answered = lines.question(question, { signal: ended.signal });
    onReady?.();
    if (isFor && earlier?.begun) lines.write(earlier.begun);
    return await answered;
  } catch (error) {
    if (ended.signal.aborted || signal?.aborted) throw new PromptEnded('interrupted');
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    if (kind !== 'approval') ahead.begun = lines.line;
    lines.close();
  }
}

/**
 * Ctrl-Z at a question. Node.js would leave the input paused after `fg`, deaf to Ctrl-C as well; and when the question has been ended in
 * the meantime (`kill %1`), it would set the terminal all the same, which stops a process in the background again. Without a shell that
 * could wake it (`ssh -t`, a container), the kernel does not stop it: the terminal would go on with echo, also of a password.
 */
function suspend(lines: Interface, input: QuestionStreams['input'], ended: AbortSignal, onReady?: () => void): void {
  input.setRawMode?.(false);
  let isAwake = false;
  const goOn = (): void => {
    process.off('SIGCONT', goOn);
    if (isAwake || ended.aborted) return;
    isAwake = true;
    lines.pause();
    input.setRawMode?.(true);
    lines.prompt(true);
    onReady?.();
  };
  process.on('SIGCONT', goOn);
  process.kill(process.pid, 'SIGTSTP');
  // Not sooner: what has ended the question while it was stopped is only read in between.
  void setImmediate().then(() => setImmediate().then(goOn));
}
