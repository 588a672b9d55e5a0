import type { Problems } from '../../core/diagnostic.ts';
import type { Located } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { isTemplate } from '../../playbook/files/task-file.ts';
import type { Handler, StepTask } from '../../playbook/model.ts';
import type { CompiledHandler, CompiledTask } from './compiled.ts';

/** The handlers of a play, in order. Roles that are included during the run append theirs. */
export class PlayHandlers {
  readonly #compile: (handler: Handler, path: string, problems: Problems) => CompiledTask | undefined;
  readonly #lists = new Map<string, CompiledHandler[]>([['handlers', []]]);
  readonly #names = new Set<string>();
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

  /** Adds the handlers of a file. As in Ansible, the last file takes precedence for a name, and the first handler within it. */
  add(handlers: readonly Handler[], problems: Problems): void {
    for (const { name, listen } of handlers) for (const { value } of [name, ...listen]) this.#names.add(value);
    const names = new Set(handlers.map(({ name }) => name.value));
    for (const list of this.#lists.values())
      for (const [index, { task, names: own }] of list.entries())
        if (names.has(task.ref.name)) list[index] = { task, names: new Set([...own].filter((one) => !names.has(one))) };
    const effective = effectiveHandlers(handlers);
    const compiled = handlers.flatMap((handler) => {
      const task = this.#compile(handler, `handlers.${this.#count++}`, problems);
      if (!task) return [];
      const isEffective = effective.get(handler.name.value) === handler;
      const listen = handler.listen.map(({ value }) => value);
      return [{ task, names: new Set([...(isEffective ? [handler.name.value] : []), ...listen]) }];
    });
    for (const [path, list] of this.#lists)
      list.push(...compiled.map((handler, index) => withPath(handler, path, list.length + index)));
  }

  /** Reports names that tasks notify but no handler has. */
  checkNotified(tasks: readonly StepTask[], problems: Problems): void {
    for (const word of tasks.flatMap(({ notify }) => notify))
      if (!isTemplate(word.value) && !this.#names.has(word.value)) this.#report(word, problems);
  }

  #report({ value, range }: Located<string>, problems: Problems): void {
    const hint =
      this.#names.size === 0
        ? 'add it below handlers: of the play'
        : suggestion(value, this.#names, 'the handlers are');
    problems.error(`there is no handler '${value}'`, range, hint);
  }
}

function effectiveHandlers(handlers: readonly Handler[]): ReadonlyMap<string, Handler> {
  const effective = new Map<string, Handler>();
  for (const handler of handlers) {
    const { value, range } = handler.name;
    if (effective.get(value)?.name.range.file !== range.file) effective.set(value, handler);
  }
  return effective;
}

function withPath({ task, names }: CompiledHandler, path: string, index: number): CompiledHandler {
  return { task: { ...task, ref: { ...task.ref, path: `${path}.${index}` } }, names };
}
