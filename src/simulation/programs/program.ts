/** What a stand-in program can ask of its host. */
export interface ProgramHost {
  /** The port of 127.0.0.1 behind an address, as seen from the host; undefined if nothing listens. */
  resolve(address: string, port: number): number | undefined;
  systemctl(words: readonly string[]): Promise<ProgramResult>;
}

/** A call of a stand-in program. */
export interface ProgramCall {
  /** The directory that stands for `/` of its host. */
  readonly root: string;
  readonly host: ProgramHost;
  readonly words: readonly string[];
  /** Of the shell that calls it. */
  readonly umask: number;
  readonly now: Date;
}

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Program = (call: ProgramCall) => Promise<ProgramResult>;

/** Success, with this output. */
export function succeed(stdout: string): ProgramResult {
  return { exitCode: 0, stdout, stderr: '' };
}

/** Failure, with this message. */
export function fail(message: string): ProgramResult {
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
