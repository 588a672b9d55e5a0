import { clusterText } from '../../../src/core/cluster.ts';
import type { Event } from '../../../src/core/events/event.ts';
import type { ShownTaskPlan } from '../../../src/core/events/plan.ts';
import type { Change } from '../../../src/core/plan.ts';

/**
 * Events as lines, one each, with what matters of them. Hosts go side by side: what happens to them at the same time stands
 * in order of their names.
 */
export function lines(events: readonly Event[], ...types: readonly Event['type'][]): readonly string[] {
  const wanted = events.filter(({ type }) => types.length === 0 || types.includes(type));
  const groups: Event[][] = [];
  for (const event of wanted) {
    const last = groups.at(-1);
    if (last?.[0] && isSameMoment(last[0], event)) last.push(event);
    else groups.push([event]);
  }
  return groups.flatMap((group) => group.toSorted((a, b) => hostOf(a).localeCompare(hostOf(b))).map(line));
}

function isSameMoment(a: Event, b: Event): boolean {
  const sameTask = 'task' in a && 'task' in b ? a.task.path === b.task.path : true;
  return a.type === b.type && 'host' in a && 'host' in b && sameTask;
}

function hostOf(event: Event): string {
  return 'host' in event ? (event.host ?? '') : '';
}

function line(event: Event): string {
  switch (event.type) {
    case 'play-started':
      return `play '${event.play}' on ${event.hosts.join(' ')}`;
    case 'host-connecting':
      return `${event.host} is being connected`;
    case 'host-connected':
      return `${event.host} connected`;
    case 'host-unreachable':
      return `${event.host} unreachable (${event.cause}): ${event.reason}`;
    case 'host-waiting':
      return `${event.host} is waited for: ${event.message}`;
    case 'host-refused':
      return `${event.host} refused: ${event.reason} ${JSON.stringify(event.details)}`;
    case 'host-observing':
      return `${event.host} is being observed`;
    case 'host-observed':
      return `${event.host} observed: ${event.facts}`;
    case 'play-planned':
      return `${event.plan.cluster ? `${clusterText(event.plan.cluster)} ` : ''}planned ${event.plan.order.name} ${JSON.stringify(event.plan.order.batches)}: ${event.plan.hosts
        .map(({ host, tasks }) => `${host} ${tasks.map(planLine).join(', ')}`)
        .join('; ')}`;
    case 'play-refused':
      return `${event.cluster ? clusterText(event.cluster) : 'play'} refused: ${event.reason}`;
    case 'cluster-started':
      return `${clusterText(event.cluster)} started on ${event.hosts.join(' ')}`;
    case 'cluster-finished':
      return `${clusterText(event.cluster)} ended`;
    case 'batch-started':
      return `batch ${event.number}/${event.of}: ${event.hosts.join(' ')}`;
    case 'task-started':
      return `${event.task.name}: started on ${event.hosts.join(' ')}`;
    case 'stage-started':
      return `${event.task.name} › ${event.stage}: started on ${event.hosts.join(' ')}`;
    case 'stage-finished':
      return `${event.task.name} › ${event.stage}: ended`;
    case 'task-progress':
      return `${event.task.name} on ${event.host}: ${event.message}`;
    case 'task-finished':
      return `${event.task.name} on ${event.host}: ${event.outcome}, ${event.reason}${list(event.changes)}`;
    case 'task-rescued':
      return `${event.task.name} on ${event.host}: rescued by ${event.block.name}`;
    case 'undo-started':
      return `${event.host}: undo by ${event.step}, because ${event.because}`;
    case 'undo-finished':
      return `${event.host}: undo ${event.succeeded ? 'done' : 'failed'}, ${event.message}`;
    case 'warning':
      return `warning ${event.hosts.join(', ')}: ${event.message}`;
    case 'play-finished':
      return `play '${event.play}' ended`;
    default:
      return event.type;
  }
}

function planLine(plan: ShownTaskPlan): string {
  switch (plan.action) {
    case 'change':
      return `change${list(plan.changes)}`;
    case 'unknown':
      return `unknown until '${plan.until}'`;
    default:
      return plan.action;
  }
}

function list(changes: readonly Change[]): string {
  return changes.length === 0 ? '' : ` [${changes.map(({ kind, target }) => `${kind} ${target}`).join(', ')}]`;
}
