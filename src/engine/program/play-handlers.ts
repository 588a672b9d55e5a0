import type { Problems } from '../../core/diagnostic.ts';
import type { Located, SourceFile } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { isTemplate } from '../../playbook/files/task-file.ts';
import type { Handler, StepTask } from '../../playbook/model.ts';
import type { CompiledHandler, CompiledTask } from './compiled.ts';

/** The handlers of a play, in order. Roles that are included during the run append theirs. */
export class PlayHandlers {
  readonly #compile: (handler: Handler, path: string, problems: Problems) => CompiledTask | undefined;
  readonly #lists = new Map<string, CompiledHandler[]>([['handlers', []]]);
  readonly #names = new Set<string>();
  /** Who is notified by a name or topic among the handlers of one name, by both: what notifies that handler. */
  readonly #holders = new Map<string, Set<string>>();
  #count = 0;

  constructor(compile: (handler: Handler, path: string, problems: Problems) => CompiledTask | undefined) {
    this.#compile = compile;
  }

  get isEmpty(): boolean {
    return this.at('handlers').length === 0;
  }

  /** The handlers as they run at one point of the play. The list grows when handlers are added later. */
  at(path: string): readonly CompiledHandler[] {
    const known = this.#lists.get(path);
    if (known) return known;
    const list = (this.#lists.get('handlers') ?? []).map((handler, index) => withPath(handler, path, index));
    this.#lists.set(path, list);
    return list;
  }

  /**
   * Adds handlers. As in Ansible, of several with the same name one is notified by it, and one by each of their topics: that of
   * the last file, and the first within it.
   */
  add(handlers: readonly Handler[], problems: Problems): void {
    const named = new Map<string, SourceFile>();
    const compiled = handlers.flatMap((handler) => {
      const names = this.#claim(handler, named);
      const task = this.#compile(handler, `handlers.${this.#count++}`, problems);
      return task ? [{ task, names }] : [];
    });
    for (const [path, list] of this.#lists)
      list.push(...compiled.map((handler, index) => withPath(handler, path, list.length + index)));
  }

  /** What notifies the handler; earlier ones of its name lose it. @param added the files of those that are added with it */
  #claim(handler: Handler, added: Map<string, SourceFile>): ReadonlySet<string> {
    const { name, listen, step } = handler;
    const topics = listen.map(({ value }) => value);
    // A handler without a name is called like its step, but only its topics notify it.
    const isNamed = name !== step;
    const names = new Set(isNamed ? [name.value, ...topics] : topics);
    for (const word of names) {
      this.#names.add(word);
      if (!isNamed) continue;
      const key = JSON.stringify([name.value, word]);
      if (added.get(key) === name.range.file) names.delete(word);
      else {
        this.#holders.get(key)?.delete(word);
        this.#holders.set(key, names);
        added.set(key, name.range.file);
      }
    }
    return names;
  }

  /** Reports names that tasks notify but no handler has. @param unread those of handlers that are wrong, which has been said */
  checkNotified(tasks: readonly StepTask[], unread: ReadonlySet<string>, problems: Problems): void {
    for (const word of tasks.flatMap(({ notify }) => notify))
      if (!isTemplate(word.value) && !this.#names.has(word.value) && !unread.has(word.value))
        this.#report(word, problems);
  }

  #report({ value, range }: Located<string>, problems: Problems): void {
    const hint =
      this.#names.size === 0
        ? 'add it below handlers: of the play'
        : suggestion(value, this.#names, 'the handlers are') +
          ([...this.#names].some(isTemplate)
            ? `; a template in a name is not filled in: give that handler listen: ${value}`
            : '');
    problems.error(`there is no handler '${value}'`, range, hint);
  }
}

function withPath({ task, names }: CompiledHandler, path: string, index: number): CompiledHandler {
  return { task: { ...task, ref: { ...task.ref, path: `${path}.${index}` } }, names };
}
