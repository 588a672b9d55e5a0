import type { Problems } from '../../core/diagnostic.ts';
import type { Registry } from '../../core/registry.ts';
import type { Located } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import type { BlockTask, Handler, IncludeTask, MetaTask, Play, StepTask, Task } from '../../playbook/model.ts';
import { stepTasksOf } from '../../playbook/step-tasks.ts';
import { compileTask } from './compile-task.ts';
import { compileExpressions, compileVars } from './compile-values.ts';
import type { CompiledHandler, CompiledTask, FlushNode, Node } from './compiled.ts';
import { type Inheritance, ofBlock, ofPlay } from './inheritance.ts';
import { isSelected, type TagSelection } from './tags.ts';

export interface NodeRequest {
  readonly play: Play;
  readonly registry: Registry;
  readonly tags: TagSelection;
}

const NOTHING: readonly Node[] = [];

/** Makes the nodes of one play. Everything wrong is added to the problems. */
export class NodeCompiler {
  readonly #request: NodeRequest;
  readonly #problems: Problems;
  readonly #handlers: readonly CompiledHandler[];

  constructor(request: NodeRequest, problems: Problems) {
    this.#request = request;
    this.#problems = problems;
    this.#handlers = this.#compileHandlers(request.play.handlers);
    this.#checkNotified();
  }

  /** pre_tasks, tasks and post_tasks, each with the handlers that were notified in it. */
  body(): readonly Node[] {
    const { play } = this.#request;
    const { preTasks, roles, tasks, postTasks } = play;
    const tags = play.tags.map(({ value }) => value);
    const inherited = ofPlay(play, tags, this.#problems);
    const section = (name: string, list: readonly Task[]) => this.#nodes(list, name, inherited);
    const sections = [
      ['pre_tasks', section('pre_tasks', preTasks)],
      ['tasks', [...section('roles', roles), ...section('tasks', tasks)]],
      ['post_tasks', section('post_tasks', postTasks)],
    ] as const;
    return sections.flatMap(([name, nodes]) => {
      return nodes.length > 0 && this.#handlers.length > 0 ? [...nodes, this.#flush(`${name}.flush`)] : nodes;
    });
  }

  /** The handlers as they run at a place. */
  handlersAt(path: string): readonly CompiledHandler[] {
    return this.#handlers.map(({ task, names }, index) => ({
      task: { ...task, ref: { ...task.ref, path: `${path}.${index}` } },
      names,
    }));
  }

  #flush(path: string): FlushNode {
    return { kind: 'flush', path, handlers: this.handlersAt(path) };
  }

  #nodes(tasks: readonly Task[], path: string, inherited: Inheritance): readonly Node[] {
    return tasks.flatMap((task, index) => this.#node(task, `${path}.${index}`, inherited));
  }

  #node(task: Task, path: string, inherited: Inheritance): readonly Node[] {
    switch (task.kind) {
      case 'block':
        return this.#block(task, path, inherited);
      case 'include':
        return this.#include(task, path, inherited);
      case 'meta':
        return this.#meta(task, path, inherited);
      case 'step': {
        const compiled = this.#isSelected(task, inherited) && this.#compileTask(task, path, inherited);
        return compiled ? [{ kind: 'task', task: compiled }] : NOTHING;
      }
    }
  }

  #compileTask(task: StepTask, path: string, inherited: Inheritance): CompiledTask | undefined {
    return compileTask(task, path, inherited, this.#request.registry, this.#problems);
  }

  #isSelected({ tags }: { readonly tags: readonly Located<string>[] }, inherited: Inheritance): boolean {
    return isSelected([...inherited.tags, ...tags.map(({ value }) => value)], this.#request.tags);
  }

  #block(block: BlockTask, path: string, outer: Inheritance): readonly Node[] {
    const inherited = ofBlock(block, outer, this.#problems);
    const part = (name: 'body' | 'rescue' | 'always') =>
      this.#nodes(block[name], `${path}.${name === 'body' ? 'block' : name}`, inherited);
    const [body, rescue, always] = [part('body'), part('rescue'), part('always')];
    if (body.length + always.length === 0) return NOTHING;
    return [{ kind: 'block', path, name: block.name?.value ?? path, body, rescue, always }];
  }

  /** Its condition is judged once; its tags choose the including alone, and its tasks have their own. */
  #include(task: IncludeTask, path: string, outer: Inheritance): readonly Node[] {
    if (!this.#isSelected(task, outer)) return NOTHING;
    const when = [...outer.when, ...compileExpressions(task.when, this.#problems)];
    const vars = new Map([...outer.vars, ...compileVars(task.vars, this.#problems)]);
    const body = this.#nodes(task.body, `${path}.include`, { ...outer, when: [], vars });
    const { defaults, role } = outer;
    return [{ kind: 'include', path, name: task.name.value, when, vars, defaults, role, body }];
  }

  #meta(task: MetaTask, path: string, inherited: Inheritance): readonly Node[] {
    if (!this.#isSelected(task, inherited)) return NOTHING;
    const { value: action, range } = task.action;
    if (action === 'flush_handlers') {
      if (task.when.length > 0)
        this.#problems.error(
          'flush_handlers takes no condition',
          range,
          'remove when: handlers that nobody notified do not run',
        );
      return [this.#flush(path)];
    }
    const when = [...inherited.when, ...compileExpressions(task.when, this.#problems)];
    const vars = new Map([...inherited.vars, ...compileVars(task.vars, this.#problems)]);
    return [
      {
        kind: 'meta',
        path,
        name: task.name?.value ?? `meta: ${action}`,
        action,
        when,
        vars,
        defaults: inherited.defaults,
        role: inherited.role,
        range,
      },
    ];
  }

  /** Handlers are chosen by who notifies them, not by tags. Of two of one name the last is meant, as in Ansible. */
  #compileHandlers(handlers: readonly Handler[]): readonly CompiledHandler[] {
    const inherited = ofPlay(this.#request.play, [], this.#problems);
    return handlers.flatMap((handler, index) => {
      const task = this.#compileTask(handler, `handlers.${index}`, inherited);
      if (!task) return [];
      const isLast = !handlers.slice(index + 1).some(({ name }) => name.value === handler.name.value);
      const listen = handler.listen.map(({ value }) => value);
      return [{ task, names: new Set([...(isLast ? [handler.name.value] : []), ...listen]) }];
    });
  }

  #checkNotified(): void {
    const { play } = this.#request;
    const known = new Set(
      play.handlers.flatMap(({ name, listen }) => [name.value, ...listen.map(({ value }) => value)]),
    );
    for (const { value, range } of stepTasksOf(play).flatMap(({ notify }) => notify)) {
      if (known.has(value)) continue;
      const hint = value.includes('{{')
        ? 'write the name of the handler as it is: kplay expands no templates in notify'
        : known.size === 0
          ? 'add it below handlers: of the play'
          : suggestion(value, known, 'the handlers are');
      this.#problems.error(`no handler is called '${value}'`, range, hint);
    }
  }
}
