import { createInterface } from 'node:readline';
import { lab } from './lab.ts';

/** An event of kplay's JSON stream, as far as scenarios look at it (docs/events.md). */
export interface SeenEvent {
  readonly type: string;
  readonly runId?: string;
  readonly host?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly remedy?: string;
  readonly outcome?: string;
  readonly stage?: string;
  readonly task?: { readonly step: string };
  readonly exitCode?: number;
  readonly next?: readonly string[];
  readonly hosts?: readonly { readonly changed: number; readonly state: string }[];
}

/** A kplay that runs while a scenario looks on. */
export interface RunningKplay {
  /** Resolves with the first such event, seen already or to come; rejects when kplay ends without it. */
  event(what: string, isIt: (event: SeenEvent) => boolean): Promise<SeenEvent>;
  /** SIGKILL, to all of it. */
  kill(): Promise<void>;
  readonly ended: Promise<EndedKplay>;
}

export interface EndedKplay {
  /** -1 when it was killed. */
  readonly code: number;
  readonly events: readonly SeenEvent[];
  readonly errors: string;
}

export function runWithEvents(words: readonly string[]): RunningKplay {
  const process = lab.start([...words, '-o', 'json']);
  const events: SeenEvent[] = [];
  const waiting = new Set<() => void>();
  let isOver = false;
  const lines = createInterface({ input: process.stdout });
  lines.on('line', (line) => {
    events.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  const ended = (async () => {
    const { exitCode, stderr } = await process;
    isOver = true;
    for (const look of waiting) look();
    return { code: exitCode ?? -1, events, errors: stderr };
  })();
  return {
    event: (what, isIt) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = events.find(isIt);
          if (found) resolve(found);
          else if (isOver) reject(new Error(`kplay ended without ${what}: ${JSON.stringify(events.at(-1))}`));
          else return void waiting.add(look);
          waiting.delete(look);
        };
        look();
      }),
    kill: async () => process.kill('SIGKILL'),
    ended,
  };
}
