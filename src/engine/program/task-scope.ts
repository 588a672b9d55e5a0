import type { Json, JsonObject } from '../../core/json.ts';
import type { CompiledTask } from './compiled.ts';
import { magicVariables } from './magic-variables.ts';
import { hintForMissing } from './missing-variable.ts';
import { layersOf } from './open-variables.ts';
import type { HostPlace } from './place.ts';
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
  const scope: HostScope = new HostScope({
    extra: surroundings.extra,
    ...layersOf(place.registered),
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
