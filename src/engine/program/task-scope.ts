import type { Json, JsonObject } from '../../core/json.ts';
import type { CompiledTask } from './compiled.ts';
import { magicVariables } from './magic-variables.ts';
import type { HostPlace } from './place.ts';
import { HostScope } from './scope.ts';

/** The scope of a task; for `changed_when` and `failed_when` with what the task itself has registered. */
export function scopeOf(
  place: HostPlace & { readonly task: Pick<CompiledTask, 'vars' | 'defaults' | 'role' | 'loopVariable'> },
  item?: Json,
  loop: JsonObject = {},
): HostScope {
  const { play, task, host, registered, surroundings } = place;
  const scope: HostScope = new HostScope({
    extra: surroundings.extra,
    registered,
    ...(item !== undefined && { loop: new Map([[task.loopVariable, item], ...Object.entries(loop)]) }),
    task: task.vars,
    play: play.vars,
    host: host.vars,
    defaults: task.defaults,
    magic: magicVariables(place, () => scope),
  });
  return scope;
}
