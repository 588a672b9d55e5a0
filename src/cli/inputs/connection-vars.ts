import type { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Json } from '../../core/json.ts';
import { type Located, SourceFile, type SourceRange } from '../../core/source.ts';
import { Unknown, UnknownValueError } from '../../core/world.ts';
import type { Surroundings } from '../../engine/program/place.ts';
import { type CompiledVars, HostScope } from '../../engine/program/scope.ts';
import { TemplateError } from '../../template/errors.ts';

const EXTRA_VARS = new SourceFile('-e', '');

/** Variables that decide how a host is reached, rendered; the others are left alone. */
const CONNECTION_VARIABLE = /^(ansible_|kplay_(rootfs|jump_private_key_file)$)/;

/** The variables of a host, and those of -e with their places. */
interface HostVars {
  readonly host: Host;
  readonly vars: CompiledVars;
  readonly extra: CompiledVars;
  readonly places: ReadonlyMap<string, SourceRange>;
}

/** The variables of a host that decide how it is reached, with their places. Errors are added to `problems`. */
export function connectionVars(
  { host, vars, extra, places: extraPlaces }: HostVars,
  { groups }: Surroundings,
  problems: Problems,
): ReadonlyMap<string, Located<Json>> {
  const rendered = new Map<string, Located<Json>>();
  let scope: HostScope | undefined;
  // Only a few of a host's many variables are connection variables.
  const names = [...host.vars.keys(), ...extra.keys()].filter((name) => CONNECTION_VARIABLE.test(name));
  for (const name of new Set(names)) {
    const range = extraPlaces.get(name) ?? host.vars.get(name)?.range ?? EXTRA_VARS.range(0, 0);
    const known = extra.get(name) ?? vars.get(name);
    if (known?.kind === 'constant') {
      rendered.set(name, { value: known.value, range });
      continue;
    }
    try {
      scope ??= scopeOf({ host, vars, extra }, groups);
      const value = scope.get(name);
      if (value !== undefined && !(value instanceof Unknown)) rendered.set(name, { value, range });
    } catch (error) {
      if (error instanceof UnknownValueError) continue;
      if (!(error instanceof TemplateError)) throw error;
      problems.error(error.message, error.range, error.hint);
    }
  }
  return rendered;
}

function scopeOf({ host, vars, extra }: Omit<HostVars, 'places'>, groups: Json): HostScope {
  return new HostScope({
    extra,
    registered: new Map(),
    task: new Map(),
    play: new Map(),
    host: vars,
    magic: () =>
      new Map<string, () => Json>([
        ['inventory_hostname', () => host.name],
        ['groups', () => groups],
        ['group_names', () => host.groups],
      ]),
  });
}
