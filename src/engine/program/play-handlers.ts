import type { Problems } from '../../core/diagnostic.ts';
import type { Located } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { isTemplate } from '../../playbook/files/task-file.ts';
import type { Handler, StepTask } from '../../playbook/model.ts';
import type { CompiledHandler, CompiledTask } from './compiled.ts';

/** The handlers of a play, in order. Roles that are included in the run add theirs at the end. */
export class PlayHandlers {
  readonly #compile: (handler: Handler, path: string, problems: Problems) => CompiledTask | undefined;
  readonly #lists = new Map<string, CompiledHandler[]>([['handlers', []]]);
  readonly #words = new Set<string>();
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
    const list = (this.#lists.get('handlers') ?? []).map((handler, index) => placed(handler, path, index));
    this.#lists.set(path, list);
    return list;
  }

  /** Adds the handlers of a file. As in Ansible, of two with one name the one in the last file counts, and there the first. */
  add(handlers: readonly Handler[], problems: Problems): void {
    for (const { name, listen } of handlers) for (const { value } of [name, ...listen]) this.#words.add(value);
    const names = new Set(handlers.map(({ name }) => name.value));
    for (const list of this.#lists.values())
      for (const [index, { task, names: own }] of list.entries())
        if (names.has(task.ref.name)) list[index] = { task, names: new Set([...own].filter((one) => !names.has(one))) };
    const meant = meantOf(handlers);
    const compiled = handlers.flatMap((handler) => {
      const task = this.#compile(handler, `handlers.${this.#count++}`, problems);
      if (!task) return [];
      const isMeant = meant.get(handler.name.value) === handler;
      const listen = handler.listen.map(({ value }) => value);
      return [{ task, names: new Set([...(isMeant ? [handler.name.value] : []), ...listen]) }];
    });
    for (const [path, list] of this.#lists)
      list.push(...compiled.map((handler, index) => placed(handler, path, list.length + index)));
  }

  /** Reports names that tasks notify and no handler has. */
  checkNotified(tasks: readonly StepTask[], problems: Problems): void {
    for (const word of tasks.flatMap(({ notify }) => notify))
      if (!isTemplate(word.value) && !this.#words.has(word.value)) this.#report(word, problems);
  }

  #report({ value, range }: Located<string>, problems: Problems): void {
    const hint =
      this.#words.size === 0
        ? 'add it below handlers: of the play'
        : suggestion(value, this.#words, 'the handlers are');
    problems.error(`there is no handler '${value}'`, range, hint);
  }
}

function meantOf(handlers: readonly Handler[]): ReadonlyMap<string, Handler> {
  const meant = new Map<string, Handler>();
  for (const handler of handlers) {
    const { value, range } = handler.name;
    if (meant.get(value)?.name.range.file !== range.file) meant.set(value, handler);
  }
  return meant;
}

function placed({ task, names }: CompiledHandler, path: string, index: number): CompiledHandler {
  return { task: { ...task, ref: { ...task.ref, path: `${path}.${index}` } }, names };
}
