import { isJsonObject } from '../../core/json.ts';
import type { BecomeChoice } from '../../core/session.ts';
import type { CompiledPlay, CompiledTask, Node } from './compiled.ts';

/** Whether the loop of a task may end before its last entry (`break_when`, or a condition of its block on what it registers). */
export function mayEndEarly({ loop }: CompiledTask): boolean {
  return loop !== undefined && loop.breakWhen.length + loop.holding.length > 0;
}

/** Whether a task may change anything, on whatever host. */
export function mayEverWrite({ step, isLook }: CompiledTask): boolean {
  return step.apply !== undefined && !isLook;
}

/** The nodes directly in a node. */
function nodesInside(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'block':
      return [...node.body, ...node.rescue, ...node.always];
    case 'include':
    case 'role':
      return node.body;
    case 'each':
      return node.parts.nodes;
    case 'task':
    case 'meta':
    case 'flush':
      return [];
  }
}

/** These nodes and those inside them, at any depth, in the order in which they are written. */
export function nodesIn(nodes: readonly Node[]): readonly Node[] {
  return nodes.flatMap((node) => [node, ...nodesIn(nodesInside(node))]);
}

/** Whether any of these nodes, at any depth, is or may include a `meta` action. */
export function hasMetaActions(nodes: readonly Node[]): boolean {
  return nodesIn(nodes).some((node) => node.kind === 'meta' || isOpen(node));
}

/** Whether any of these nodes, at any depth, includes something that only the run can tell. */
export function mayIncludeAny(nodes: readonly Node[]): boolean {
  return nodesIn(nodes).some(isOpen);
}

function isOpen(node: Node): boolean {
  return node.kind === 'each' && node.parts.isOpen;
}

/** Whether only the run may decide what a host reaches, also without a failure: handlers, what is included or ended under a condition, roles. */
export function mayDependOnRun({ body, handlers }: CompiledPlay): boolean {
  const isDecided = ({ kind }: Node): boolean => kind === 'task' || kind === 'block' || kind === 'flush';
  return handlers.length > 0 || !nodesIn(body).every(isDecided);
}

/** The variables that a task sets, as far as it names them: its `register`, and those of `set_fact`. */
export function namesSetBy({ register, step, params }: CompiledTask): readonly string[] {
  return [...(register === undefined ? [] : [register]), ...(step.setsFacts ? (parameterNames(params) ?? []) : [])];
}

/** The names of the given parameters; undefined if they are known only once they are rendered. */
export function parameterNames(params: CompiledTask['params']): readonly string[] | undefined {
  if (params.kind === 'mapping') return params.entries.map(([name]) => name);
  return params.kind === 'constant' && isJsonObject(params.value) ? Object.keys(params.value) : undefined;
}

/**
 * All tasks of a play, in the order in which they are written. A handler is listed once for each point at which it may run;
 * with `force_handlers` the last of these is the end of a failed host. Tasks of a file or role with a templated name are added
 * as soon as the name is known.
 */
export function tasksOf({ body, forceHandlers, handlers }: CompiledPlay): readonly CompiledTask[] {
  return [...tasksIn(body), ...(forceHandlers ? handlers.map(({ task }) => task) : [])];
}

/** Whether an unreachable host may go on anywhere in the play (`ignore_unreachable`). */
export function mayIgnoreUnreachable(play: CompiledPlay): boolean {
  return play.strategy === undefined && tasksOf(play).some(({ ignoreUnreachable }) => ignoreUnreachable);
}

/** All tasks of these nodes, in the order in which they are written. */
export function tasksIn(nodes: readonly Node[]): readonly CompiledTask[] {
  return nodesIn(nodes).flatMap((node) => {
    if (node.kind === 'flush') return node.handlers.map(({ task }) => task);
    return node.kind === 'task' || node.kind === 'each' ? [node.task] : [];
  });
}

/** All values of `become` in a play: those of its tasks, and its own, which its strategy uses to observe. */
export function becomeValues({ body, become, strategy }: CompiledPlay): readonly BecomeChoice[] {
  const tasks = tasksIn(body);
  const own = tasks.map((task) => task.become);
  return [...new Set(strategy || tasks.length === 0 ? [become, ...own] : own)];
}
