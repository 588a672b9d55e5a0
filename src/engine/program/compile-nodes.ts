import { Problems } from '../../core/diagnostic.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Registry } from '../../core/registry.ts';
import type { Located } from '../../core/source.ts';
import type { Step } from '../../core/step.ts';
import type {
  BlockTask,
  EachTask,
  IncludedTasks,
  IncludeTask,
  MetaTask,
  Play,
  StepTask,
  Task,
} from '../../playbook/model.ts';
import { stepTasksIn, stepTasksOf } from '../../playbook/step-tasks.ts';
import { checkFreeMeta, checkFreeTask, isFree } from './check-free.ts';
import { checkOwnResult } from './check-own-result.ts';
import { compileTask } from './compile-task.ts';
import { compileExpressions, compileVars } from './compile-values.ts';
import type { CompiledTask, FlushNode, Node } from './compiled.ts';
import { CompiledParts } from './include-parts.ts';
import { forInclude, type Inheritance, ofPart, ofPlay, passedVarsOf, varsOf } from './inheritance.ts';
import { PlayHandlers } from './play-handlers.ts';
import { mayIncludeAny } from './play-tasks.ts';
import type { CompiledVars } from './scope.ts';
import { isSelected, type TagSelection } from './tags.ts';

/** The input for compiling the nodes of a play. */
export interface NodeRequest {
  readonly play: Play;
  /** The variables of the play. */
  readonly vars: CompiledVars;
  readonly registry: Registry;
  readonly tags: TagSelection;
  /** `-e` */
  readonly extra?: CompiledVars;
  /**
   * Checks the parameters of tasks that are read during the run against the schemas of their steps. Absent: they are checked
   * once rendered.
   */
  readonly checkParameters?: (task: StepTask, problems: Problems) => void;
}

const NOTHING: readonly Node[] = [];
const NO_VARS: CompiledVars = new Map();

/** Compiles the nodes of one play. Errors are added to the problems. */
export class NodeCompiler {
  readonly #request: NodeRequest;
  readonly #problems: Problems;
  readonly handlers: PlayHandlers;

  /** @param handlers those of the play, if only a part of it is compiled: an include whose name was not known before */
  constructor(request: NodeRequest, problems: Problems, handlers?: PlayHandlers) {
    this.#request = request;
    this.#problems = problems;
    this.handlers = handlers ?? this.#ownHandlers();
  }

  /** pre_tasks, tasks and post_tasks, each followed by the handlers that were notified in it. */
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
    // As in Ansible, a handler notified by a later handler runs at the next flush.
    let mayBeLeft = false;
    return sections.flatMap(([name, nodes]) => {
      // A role whose name is only known in the run may bring handlers.
      const brings = mayIncludeAny(nodes);
      const isDue = mayBeLeft || (nodes.length > 0 && (brings || !this.handlers.isEmpty));
      mayBeLeft ||= isDue && (brings || this.handlers.at('handlers').some(({ task }) => mayNotify(task)));
      return isDue ? [...nodes, this.#flush(`${name}.flush`)] : nodes;
    });
  }

  #flush(path: string): FlushNode {
    return { kind: 'flush', path, handlers: this.handlers.at(path) };
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
      case 'each':
        return this.#each(task, path, inherited);
      case 'meta':
        return this.#meta(task, path, inherited);
      case 'step': {
        const compiled = this.#isSelected(task, inherited) && this.#compileTask(task, path, inherited);
        return compiled ? [{ kind: 'task', task: compiled }] : NOTHING;
      }
    }
  }

  #compileTask(task: StepTask, path: string, inherited: Inheritance): CompiledTask | undefined {
    const step = this.#request.registry.steps.get(task.step.value);
    if (step && isFree(this.#request.play)) checkFreeTask(task, step, this.#problems);
    const compiled = step && compileTask(task, path, inherited, step, this.#problems);
    const { vars: play, extra = NO_VARS } = this.#request;
    return compiled && checkOwnResult(compiled, { extra, play, inherited: inherited.when }, this.#problems);
  }

  #isSelected({ tags }: { readonly tags: readonly Located<string>[] }, inherited: Inheritance): boolean {
    return isSelected([...inherited.tags, ...tags.map(({ value }) => value)], this.#request.tags);
  }

  #block(block: BlockTask, path: string, outer: Inheritance): readonly Node[] {
    const inherited = ofPart(block, outer, this.#problems);
    const part = (name: 'body' | 'rescue' | 'always') =>
      this.#nodes(block[name], `${path}.${name === 'body' ? 'block' : name}`, inherited);
    const [body, rescue, always] = [part('body'), part('rescue'), part('always')];
    if (body.length + always.length === 0) return NOTHING;
    const name = block.name?.value ?? path;
    const { runOnceKey } = block.role ?? {};
    if (runOnceKey !== undefined) return [{ kind: 'role', path, name, runOnceKey, body }];
    return [{ kind: 'block', path, name, body, rescue, always }];
  }

  /**
   * Its own condition is evaluated once; its tasks inherit only those of the blocks and roles around it. Its tags select only
   * the include itself; its tasks have their own tags.
   */
  #include(task: IncludeTask, path: string, outer: Inheritance): readonly Node[] {
    if (!this.#isSelected(task, outer)) return NOTHING;
    const when = [...outer.when, ...compileExpressions(task.when, this.#problems)];
    const inside = forInclude(outer, compileVars(task.vars, this.#problems));
    const body = this.#nodes(task.body, `${path}.include`, inside);
    const { defaults, role } = inside;
    return [
      {
        kind: 'include',
        path,
        name: task.name.value,
        when,
        vars: varsOf(inside),
        passedVars: passedVarsOf(inside),
        defaults,
        role,
        body,
      },
    ];
  }

  /** Its own condition is evaluated per entry; see #include for what its tasks inherit. */
  #each({ task, included }: EachTask, path: string, outer: Inheritance): readonly Node[] {
    if (!this.#isSelected(task, outer)) return NOTHING;
    const pause = task.loopControl?.pause;
    if (pause)
      this.#problems.error(
        `pause of loop_control has no effect on ${task.step.value}`,
        pause.range,
        'remove it: included tasks are read before any of them runs; wait in the tasks',
      );
    // The host itself includes, at once, wherever the included tasks run.
    const inherited = forInclude(outer, compileVars(task.vars, this.#problems));
    const own = compileTask(
      { ...task, vars: new Map() },
      path,
      { ...inherited, delegateTo: undefined, timeout: [], throttle: [] },
      includeStep(task.step.value),
      this.#problems,
    );
    if (!own) return NOTHING;
    const inside = (loop: CompiledVars) => forInclude(inherited, loop);
    const sample =
      included.kind === 'read'
        ? { body: this.#nodes(included.body, `${path}.include`, inside(new Map())), problems: [] }
        : undefined;
    const parts = new CompiledParts((entry, named, loop) => {
      const problems = new Problems();
      const compiler = new NodeCompiler(this.#request, problems, this.handlers);
      const tasks = included.kind === 'read' ? included.body : compiler.#read(included.files.read(named));
      const body = compiler.#nodes(tasks, `${path}.include.${entry}`, inside(constants(loop)));
      return { body, problems: problems.all };
    }, sample);
    return [{ kind: 'each', task: own, parts }];
  }

  /** Checks tasks that were read during the run like the rest of the playbook. */
  #read({ tasks, handlers, problems }: IncludedTasks): readonly Task[] {
    this.#problems.addAll(problems);
    const steps = [...stepTasksIn(tasks), ...handlers];
    for (const task of steps) this.#request.checkParameters?.(task, this.#problems);
    this.handlers.add(handlers, this.#problems);
    this.handlers.checkNotified(steps, this.#request.play.unreadHandlers, this.#problems);
    return tasks;
  }

  #meta(task: MetaTask, path: string, inherited: Inheritance): readonly Node[] {
    if (!this.#isSelected(task, inherited)) return NOTHING;
    const { value: action, range } = task.action;
    if (isFree(this.#request.play)) checkFreeMeta(task, this.#problems);
    const when = [...inherited.when, ...compileExpressions(task.when, this.#problems)];
    const vars = new Map([...varsOf(inherited), ...compileVars(task.vars, this.#problems)]);
    const { defaults, role } = inherited;
    const node = {
      path,
      name: task.name?.value ?? `meta: ${action}`,
      when,
      vars,
      passedVars: passedVarsOf(inherited),
      defaults,
    };
    if (action !== 'flush_handlers')
      return [{ ...node, kind: 'meta', action, role, range, ...(action !== 'end_host' && { byFirst: true }) }];
    const flush = this.#flush(path);
    if (when.length === 0) return [flush];
    // It is no task of its role, which may have run otherwise.
    const within = role && { name: role.name, path: role.path, parents: role.parents };
    return [{ ...node, kind: 'include', role: within, body: [flush] }];
  }

  /** Handlers are selected by notifications, not by tags. */
  #ownHandlers(): PlayHandlers {
    const { play } = this.#request;
    const handlers = new PlayHandlers((handler, path, problems) => {
      const outer = ofPlay(play, [], problems);
      const inherited = handler.enclosing.reduce((around, one) => ofPart(one, around, problems), outer);
      return new NodeCompiler(this.#request, problems, handlers).#compileTask(handler, path, {
        ...inherited,
        tags: [],
      });
    });
    handlers.add(play.handlers, this.#problems);
    handlers.checkNotified(stepTasksOf(play), play.unreadHandlers, this.#problems);
    return handlers;
  }
}

function mayNotify({ notify, notifyTemplates }: CompiledTask): boolean {
  return notify.length + notifyTemplates.length > 0;
}

function constants(values: JsonObject): CompiledVars {
  return new Map(Object.entries(values).map(([name, value]) => [name, { kind: 'constant', value }]));
}

/** A placeholder for includes in plans and events: not a step of the registry, and never executed. */
function includeStep(name: string): Step {
  const isNone = (): never => {
    throw new Error(`${name} is not a step`);
  };
  return {
    name,
    summary: 'include tasks',
    details: '',
    schema: { type: 'object', properties: {}, additionalProperties: false },
    examples: [],
    needs: () => [],
    plan: isNone,
    // The included tasks may change the host.
    apply: isNone,
  };
}
