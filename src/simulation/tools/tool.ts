import type { ControlAnswer } from '../control-messages.ts';

/** How a stand-in program was called. */
export interface ToolCall {
  /** The directory that stands for `/` of its host. */
  readonly root: string;
  /** Where its host answers. */
  readonly controlPort: number;
  readonly words: readonly string[];
  readonly now: Date;
}

export type ToolResult = ControlAnswer;

export type Tool = (call: ToolCall) => Promise<ToolResult>;

/** It has done what was asked, and says this. */
export function succeed(stdout: string): ToolResult {
  return { exitCode: 0, stdout, stderr: '' };
}

/** It has not, for this reason. */
export function fail(message: string): ToolResult {
  return { exitCode: 1, stdout: '', stderr: `${message}\n` };
}

/** The value of `--name value` or `--name=value`. */
export function option(words: readonly string[], name: string): string | undefined {
  return options(words, name)[0];
}

/** The values of an option that may come several times. */
export function options(words: readonly string[], name: string): readonly string[] {
  return words.flatMap((word, index) => {
    if (word.startsWith(`${name}=`)) return [word.slice(name.length + 1)];
    const next = words[index + 1];
    return word === name && next !== undefined ? [next] : [];
  });
}

/** What is left without options, those of `valued` with the word after them. */
export function operands(words: readonly string[], valued: readonly string[]): readonly string[] {
  return words.filter((word, index) => !word.startsWith('-') && !valued.includes(words[index - 1] ?? ''));
}
