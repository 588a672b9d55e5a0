import type { SourceRange } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { TemplateError } from '../../template/errors.ts';
import { render } from '../../template/evaluation/render.ts';
import { rangeOfValue } from '../../template/template.ts';
import type { TaskPlace } from './place.ts';
import { type HostScope, OMIT } from './scope.ts';
import { delegatedWithin } from './unforeseeable.ts';

/**
 * The host that a task is delegated to; undefined if it is not delegated, is delegated to the host itself, or needs no host.
 * @throws {TemplateError} when it is not a host of the inventory
 */
export function actorOf({ task, host, play, surroundings }: TaskPlace, scope: HostScope): string | undefined {
  if (!task.delegateTo) return undefined;
  const name = render(task.delegateTo, scope);
  if (name === OMIT) return undefined;
  if (typeof name === 'string') surroundings.watch?.delegated(name);
  if (name === host.host.name) return undefined;
  const { hosts, localhosts } = surroundings;
  const isMember = (): boolean => play.hosts.some((member) => member.host.name === name);
  const isKnown = typeof name === 'string' && (hosts.has(name) || localhosts.has(name) || isMember());
  if (!isKnown) {
    const hint = suggestion(String(name), [...hosts.keys(), 'localhost'], 'the hosts are');
    throw new TemplateError(
      `delegate_to names ${String(name)}, which is not a host of the inventory`,
      rangeOf(task),
      hint,
    );
  }
  if (play.isFree && isMember()) throw delegatedWithin(name, rangeOf(task));
  return task.step.apply || task.step.check ? name : undefined;
}

function rangeOf({ delegateTo, range }: TaskPlace['task']): SourceRange {
  return (delegateTo && rangeOfValue(delegateTo)) ?? range;
}
