import type { Json, JsonObject } from '../../core/json.ts';
import { Unknown } from '../../core/world.ts';
import type { CompiledTask } from './compiled.ts';
import { magicVariables } from './magic-variables.ts';
import { hintForMissing } from './missing-variable.ts';
import { ANY_NAME, type HostPlace } from './place.ts';
import { HostScope } from './scope.ts';

/**
 * The variables that a task sees; in `changed_when` and `failed_when` including what the task itself has registered.
 * @param item the entry of its loop
 * @param variables the other variables of that entry (`loopVariables`)
 */
export function scopeOf(
  place: HostPlace & { readonly task: Pick<CompiledTask, 'vars' | 'passedVars' | 'defaults' | 'role' | 'loop'> },
  item?: Json,
  variables: JsonObject = {},
): HostScope {
  const { play, task, host, surroundings } = place;
  const open = place.registered.get(ANY_NAME);
  const registered =
    open === undefined ? place.registered : new Map([...place.registered].filter(([name]) => name !== ANY_NAME));
  const scope: HostScope = new HostScope({
    extra: surroundings.extra,
    registered,
    ...(open instanceof Unknown && { open }),
    ...(item !== undefined &&
      task.loop && { loop: new Map([[task.loop.variable, item], ...Object.entries(variables)]) }),
    passed: task.passedVars,
    task: task.vars,
    play: play.vars,
    host: host.vars,
    defaults: task.defaults,
    playDefaults: play.defaults,
    magic: () => magicVariables(place, () => scope),
    watch: surroundings.watch,
    hintFor: (name) => hintForMissing(name, play),
  });
  return scope;
}
