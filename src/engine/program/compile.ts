import { dirname, resolve } from 'node:path';
import type { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Registry } from '../../core/registry.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { matchHosts } from '../../inventory/match.ts';
import type { Play, Playbook } from '../../playbook/model.ts';
import { NodeCompiler } from './compile-nodes.ts';
import { compileVars } from './compile-values.ts';
import { type CompiledHost, type CompiledPlay, tasksIn } from './compiled.ts';
import { VariableCompiler } from './scope.ts';
import type { TagSelection } from './tags.ts';

export interface CompileRequest {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly registry: Registry;
  /** Hosts that `--limit` leaves; undefined for all. */
  readonly limit: ReadonlySet<string> | undefined;
  readonly tags: TagSelection;
  readonly compileHost: (host: Host) => CompiledHost;
}

/** Resolves what a playbook names and parses its templates. Everything wrong is added to `problems`. */
export function compilePlaybook(request: CompileRequest, problems: Problems): readonly CompiledPlay[] {
  return request.playbook.plays.map((play) => compilePlay(play, request, problems));
}

/** Compiles the variables of hosts, of each once. */
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
  { inventory, registry, limit, tags, compileHost }: CompileRequest,
  problems: Problems,
): CompiledPlay {
  const matched = matchHosts(inventory, play.hosts, problems);
  const isWanted = ({ name }: Host): boolean => limit === undefined || limit.has(name);
  const strategy =
    play.strategy && play.strategy.value !== 'linear' ? registry.strategies.get(play.strategy.value) : undefined;
  if (play.serial && strategy) {
    problems.error(
      `serial has no meaning with the strategy ${strategy.name}, which makes batches of its own`,
      play.serial.range,
      'remove serial, or the strategy',
    );
  }
  if (play.order && !strategy) {
    problems.error('order has no effect with the linear strategy', play.order.range, 'add strategy: control_plane');
  }
  const compiler = new NodeCompiler({ play, registry, tags }, problems);
  const body = compiler.body();
  return {
    name: play.name.value,
    hosts: matched.filter(isWanted).map(compileHost),
    leftOut: matched.filter((host) => !isWanted(host)),
    directory: dirname(resolve(play.range.file.path)),
    vars: compileVars(play.vars, problems),
    become: play.become?.value,
    serial: play.serial?.value,
    anyErrorsFatal: play.anyErrorsFatal?.value ?? false,
    maxFailPercentage: play.maxFailPercentage?.value,
    strategy,
    forcedOrder: play.order?.value,
    body,
    handlers: compiler.handlersAt('handlers'),
    forceHandlers: play.forceHandlers?.value ?? false,
    tasks: tasksIn(body),
  };
}
