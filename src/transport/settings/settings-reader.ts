import type { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Json } from '../../core/json.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import {
  ADDRESS_VARIABLES,
  addressOf,
  type ConnectionOptions,
  connectionSettings,
  type HostSettings,
} from './settings.ts';
import { Variables } from './variables.ts';

/** The settings of hosts that have all these variables but their address in common are read once. */
export class SettingsReader {
  readonly #problems: Problems;
  readonly #places = new Map<SourceRange, number>();
  readonly #known = new Map<string, HostSettings>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** See `connectionSettings`; the options are the same each time, but for `become`. */
  read(host: Host, vars: ReadonlyMap<string, Located<Json>>, options: ConnectionOptions): HostSettings {
    const others = [...vars].filter(([name]) => !ADDRESS_VARIABLES.some((own) => own === name));
    // A value that stands in one place is one value.
    const key = others.map(([name, { value, range }]) => `${name} ${this.#place(range)} ${JSON.stringify(value)}`);
    const signature = [options.become, ...key].join('\n');
    const known = this.#known.get(signature);
    if (known?.transport === 'local') return { ...known, host: host.name };
    if (known)
      return {
        ...known,
        host: host.name,
        target: { ...known.target, address: addressOf(host, new Variables(vars, this.#problems)) },
      };
    const settings = connectionSettings(host, vars, options, this.#problems);
    this.#known.set(signature, settings);
    return settings;
  }

  #place(range: SourceRange): number {
    const known = this.#places.get(range) ?? this.#places.size;
    this.#places.set(range, known);
    return known;
  }
}
