import type { ControlAnswer } from '../control-messages.ts';

/** A call of a stand-in program. */
export interface ToolCall {
  /** The directory that stands for `/` of its host. */
  readonly root: string;
  /** The port of its host's control server. */
  readonly controlPort: number;
  readonly words: readonly string[];
  readonly now: Date;
}

export type ToolResult = ControlAnswer;

export type Tool = (call: ToolCall) => Promise<ToolResult>;

/** Success, with this output. */
export function succeed(stdout: string): ToolResult {
  return { exitCode: 0, stdout, stderr: '' };
}

/** Failure, with this message. */
export function fail(message: string): ToolResult {
  return { exitCode: 1, stdout: '', stderr: `${message}\n` };
}

/** The value of `--name value` or `--name=value`. */
export function option(words: readonly string[], name: string): string | undefined {
  return options(words, name)[0];
}

/** The values of a repeatable option. */
export function options(words: readonly string[], name: string): readonly string[] {
  return words.flatMap((word, index) => {
    if (word.startsWith(`${name}=`)) return [word.slice(name.length + 1)];
    const next = words[index + 1];
    return word === name && next !== undefined ? [next] : [];
  });
}

/** The words without options, and without the values of those in `valued`. */
export function operands(words: readonly string[], valued: readonly string[]): readonly string[] {
  return words.filter((word, index) => !word.startsWith('-') && !valued.includes(words[index - 1] ?? ''));
}
