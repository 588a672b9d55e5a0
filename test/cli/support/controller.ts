import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../src/cli/environment.ts';
import { runCommandLine } from '../../../src/cli/program.ts';
import type { JournalEntry } from '../../../src/core/journal.ts';
import { readJournal } from '../../../src/journal/read-journal.ts';
import { MemoryOutput, MemoryTerminal, typed } from './memory-streams.ts';

/** What a command came to. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandSurroundings {
  /** What is typed, an answer to each question when that is asked; the command then has a terminal. */
  readonly types?: readonly string[];
  /** Lines that are typed before the first question is asked. */
  readonly typedBefore?: readonly string[];
  /** Of the terminal. */
  readonly columns?: number;
  /** Called with everything that is written to standard output, as it is written. */
  readonly onOutput?: (text: string) => void;
  /** The same for standard error. */
  readonly onError?: (text: string) => void;
  readonly clock?: () => Date;
  /** The time of day by which windows are open or shut. */
  readonly wallClock?: () => Date;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A user's account on a machine of its own, on which kplay is run, in this process. */
export class Controller {
  /** Home, working files and journals stand in it. */
  readonly directory: string;
  #said = '';

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'kplay-controller-'));
    mkdirSync(this.home);
  }

  #at(path: string): string {
    return join(this.directory, path);
  }

  get home(): string {
    return this.#at('home');
  }

  /** Writes a file for it. @returns its path. */
  file(name: string, text: string | Buffer, mode = 0o644): string {
    const path = this.#at(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    return path;
  }

  remove(name: string): void {
    rmSync(this.#at(name), { recursive: true, force: true });
  }

  read(name: string): string {
    return readFileSync(this.#at(name), 'utf8');
  }

  /** Runs kplay, as its entry does it. */
  async run(argv: readonly string[], surroundings: CommandSurroundings = {}): Promise<Ended> {
    const {
      types,
      typedBefore = [],
      clock = () => new Date(),
      wallClock = clock,
      variables = {},
      onOutput,
      onError,
      columns,
    } = surroundings;
    const stdout = types ? new MemoryTerminal(columns) : new MemoryOutput();
    if (onOutput) stdout.onText = onOutput;
    const stderr = types ? new MemoryTerminal(columns) : new MemoryOutput();
    const answers = [...(types ?? [])];
    const stdin = typed(types && typedBefore);
    stderr.onText = (text) => {
      onError?.(text);
      const next = /(?:: |\[y\/N\] )$/.test(text) ? answers.shift() : undefined;
      if (next !== undefined) stdin.write(`${next}\n`);
    };
    const environment: Environment = {
      variables: { PATH: process.env['PATH'], XDG_STATE_HOME: this.#at('state'), ...variables },
      stdin: stdin as unknown as Environment['stdin'],
      stdout: stdout as unknown as Environment['stdout'],
      stderr: stderr as unknown as Environment['stderr'],
      user: 'operator',
      uid: process.getuid?.(),
      home: this.home,
      directory: this.directory,
      systemDirectory: this.#at('etc'),
      clock,
      wallClock,
    };
    const exitCode = await runCommandLine(argv, environment);
    this.#said += stdout.text + stderr.text;
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  }

  /** Everything that kplay has shown here, and everything that it has written: journals, and plans if they end in .kplan. */
  get traces(): string {
    const written = filesBelow(this.directory).filter((path) => /\.(ndjson|kplan)$/.test(path));
    return [this.#said, ...written.map((path) => readFileSync(path, 'utf8'))].join('\n');
  }

  /** The journals of all runs so far, the oldest first. */
  get journals(): readonly string[] {
    // Two runs may begin in one second: their names are then in any order.
    const numberOf = (path: string): number => Number(/"number":(\d+)/.exec(readFileSync(path, 'utf8'))?.[1] ?? 0);
    return filesBelow(this.directory)
      .filter((path) => path.endsWith('.ndjson'))
      .toSorted((one, other) => numberOf(one) - numberOf(other) || one.localeCompare(other));
  }

  /** The entries of one, which is whole. */
  journal(path: string): readonly JournalEntry[] {
    const { records, damage } = readJournal(readFileSync(path));
    if (damage.length > 0) throw new Error(`${path}: ${damage.join('; ')}`);
    return records.map(({ entry }) => entry);
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
