import { Problems } from '../../core/diagnostic.ts';
import { canonicalJson, type Json } from '../../core/json.ts';
import type { Handler, IncludedFiles, IncludedTasks, Task } from '../model.ts';

/** Reads each file, or role, once. */
export class DeferredFiles implements IncludedFiles {
  /** What has been read, by name. */
  readonly known = new Map<string, IncludedTasks>();
  readonly #read: (name: Json, handlers: Handler[], problems: Problems) => readonly Task[];

  /** @param read adds the handlers of a role, and problems */
  constructor(read: (name: Json, handlers: Handler[], problems: Problems) => readonly Task[]) {
    this.#read = read;
  }

  read(name: Json): IncludedTasks {
    const key = canonicalJson(name);
    const known = this.known.get(key);
    if (known) return known;
    const handlers: Handler[] = [];
    const problems = new Problems();
    const tasks = this.#read(name, handlers, problems);
    const read = { tasks, handlers, problems: problems.all };
    this.known.set(key, read);
    return read;
  }
}
