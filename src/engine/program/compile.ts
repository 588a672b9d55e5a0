import { dirname, resolve } from 'node:path';
import type { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import { suggestion } from '../../core/suggest.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { matchHosts } from '../../inventory/match.ts';
import { HOST_ORDERS, type HostOrder, type Play, type Playbook } from '../../playbook/model.ts';
import { checkFreePlay, isFree } from './check-free.ts';
import { compileHooks } from './compile-hooks.ts';
import { NodeCompiler, type NodeRequest } from './compile-nodes.ts';
import { checkName, compileVars } from './compile-values.ts';
import type { CompiledHost, CompiledPlay, CompiledTask } from './compiled.ts';
import { tasksIn } from './play-tasks.ts';
import { type CompiledVars, VariableCompiler } from './scope.ts';

/** The input for compiling a playbook. */
export interface CompileRequest extends Omit<NodeRequest, 'play' | 'vars'> {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  /** Hosts selected by `--limit`; undefined: all. */
  readonly limit: ReadonlySet<string> | undefined;
  readonly compileHost: (host: Host) => CompiledHost;
  /** The user's answers to `vars_prompt`. */
  readonly answers?: ReadonlyMap<Play, CompiledVars>;
}

/** Resolves the names in a playbook and parses its templates. Errors are added to `problems`. */
export function compilePlaybook(request: CompileRequest, problems: Problems): readonly CompiledPlay[] {
  return request.playbook.plays.map((play) => compilePlay(play, request, problems));
}

/** Compiles the variables of hosts, once per host. */
export function hostCompiler(problems: Problems): (host: Host) => CompiledHost {
  const hostVars = new VariableCompiler(problems);
  const cache = new Map<string, CompiledHost>();
  return (host) => {
    const known = cache.get(host.name) ?? { host, vars: hostVars.hostVars(host) };
    cache.set(host.name, known);
    return known;
  };
}

function compilePlay(
  play: Play,
  { inventory, limit, compileHost, answers, ...request }: CompileRequest,
  problems: Problems,
): CompiledPlay {
  const matched = matchHosts(inventory, play.hosts, problems);
  const isWanted = ({ name }: Host): boolean => limit === undefined || limit.has(name);
  const strategy = play.strategy && request.registry.strategies.get(play.strategy.value);
  if (play.serial && strategy) {
    problems.error(
      `serial has no effect with the strategy ${strategy.name}, which makes its own batches`,
      play.serial.range,
      'remove serial, or the strategy',
    );
  }
  for (const { name } of play.varsPrompt) checkName(name, problems);
  if (isFree(play)) checkFreePlay(play, problems);
  const order = strategy ? 'inventory' : hostOrderOf(play, problems);
  const vars = new Map([
    ...compileVars(play.vars, problems),
    ...(answers?.get(play) ?? []),
    ...compileVars(play.published.vars, problems),
  ]);
  const compiler = new NodeCompiler({ ...request, play, vars }, problems);
  const body = compiler.body();
  if (strategy) refuseIgnoring(play, tasksIn(body), strategy.name, problems);
  return {
    name: play.name.value,
    hosts: inOrder(matched.filter(isWanted), order).map(compileHost),
    isShuffled: order === 'shuffle',
    leftOut: matched.filter((host) => !isWanted(host)),
    directory: dirname(resolve(play.range.file.path)),
    vars,
    defaults: compileVars(play.published.defaults, problems),
    become: play.become?.value,
    serial: play.serial?.value,
    anyErrorsFatal: play.anyErrorsFatal?.value ?? false,
    maxFailPercentage: play.maxFailPercentage?.value,
    strategy,
    isFree: isFree(play),
    forcedOrder: strategy && play.order?.value,
    body,
    handlers: compiler.handlers.at('handlers'),
    forceHandlers: play.forceHandlers?.value ?? false,
    hooks: compileHooks(play, problems),
  };
}

/** A strategy decides by the state of each host, so none may be unreachable. */
function refuseIgnoring(
  { ignoreUnreachable }: Play,
  tasks: readonly CompiledTask[],
  strategy: string,
  problems: Problems,
): void {
  const ranges = ignoreUnreachable?.value
    ? [ignoreUnreachable.range]
    : tasks.flatMap((task) => (task.ignoreUnreachable ? [task.range] : []));
  for (const range of ranges)
    problems.error(
      `ignore_unreachable does not go with the strategy ${strategy}, which has to know how each host is`,
      range,
      'remove it, or put the task into a play of its own without that strategy',
    );
}

/** The order of the hosts of a play without a strategy. */
function hostOrderOf({ order }: Play, problems: Problems): HostOrder {
  const known = HOST_ORDERS.find((one) => one === (order?.value ?? 'inventory'));
  if (known || !order) return known ?? 'inventory';
  const hint = `${suggestion(order.value, [...HOST_ORDERS], 'the orders are')}; with strategy: control_plane use an order of that strategy, such as recovery`;
  problems.error(`there is no order '${order.value}'`, order.range, hint);
  return 'inventory';
}

function inOrder(hosts: readonly Host[], order: HostOrder): readonly Host[] {
  const byName = (a: Host, b: Host): number => (a.name < b.name ? -1 : Number(a.name > b.name));
  const sorted = order.endsWith('sorted') ? hosts.toSorted(byName) : hosts;
  return order.startsWith('reverse') ? sorted.toReversed() : sorted;
}
