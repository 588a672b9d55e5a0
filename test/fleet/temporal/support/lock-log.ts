import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddedHost } from '../../../../src/simulation/embedded-host.ts';

/** So often a host notes who works on it: no task of it is as short. */
const EVERY_MS = 10;

/** The log that hosts keep of those who work on them: whoever holds the lock, one after another. */
export class LockLog {
  readonly #entries = new Map<string, number[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(hosts: readonly EmbeddedHost[]) {
    this.#timer = setInterval(() => {
      for (const host of hosts) this.#note(host);
    }, EVERY_MS);
  }

  /** The processes that have held the lock of a host, in their order; one that comes again stands there again. */
  holders({ name }: EmbeddedHost): readonly number[] {
    return this.#entries.get(name) ?? [];
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #note({ name, root }: EmbeddedHost): void {
    const pid = Number(/, pid (\d+), /.exec(textAt(join(root, 'run/kplay.lock/holder')))?.[1] ?? 0);
    const entries = this.#entries.get(name) ?? [];
    this.#entries.set(name, entries);
    if (pid !== 0 && entries.at(-1) !== pid) entries.push(pid);
  }
}

function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
