import type { Json, JsonObject } from '../../core/json.ts';
import { Unknown } from '../../core/world.ts';
import type { CompiledTask } from './compiled.ts';
import { magicVariables } from './magic-variables.ts';
import { ANY_NAME, type HostPlace } from './place.ts';
import { HostScope } from './scope.ts';

/** The scope of a task; for `changed_when` and `failed_when` with what the task itself has registered. */
export function scopeOf(
  place: HostPlace & { readonly task: Pick<CompiledTask, 'vars' | 'given' | 'defaults' | 'role' | 'loopVariable'> },
  item?: Json,
  loop: JsonObject = {},
): HostScope {
  const { play, task, host, surroundings } = place;
  const open = place.registered.get(ANY_NAME);
  const registered =
    open === undefined ? place.registered : new Map([...place.registered].filter(([name]) => name !== ANY_NAME));
  const scope: HostScope = new HostScope({
    extra: surroundings.extra,
    registered,
    ...(open instanceof Unknown && { open }),
    ...(item !== undefined && { loop: new Map([[task.loopVariable, item], ...Object.entries(loop)]) }),
    given: task.given,
    task: task.vars,
    play: play.vars,
    host: host.vars,
    defaults: task.defaults,
    magic: () => magicVariables(place, () => scope),
    watch: surroundings.watch,
  });
  return scope;
}
