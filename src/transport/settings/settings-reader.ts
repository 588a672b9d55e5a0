import type { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Json } from '../../core/json.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { ADDRESS_VARIABLES, addressOf, connectionSettings } from './connection-settings.ts';
import type { ConnectionOptions, HostSettings } from './settings.ts';
import { VariableReader } from './variable-reader.ts';

/**
 * Reads settings only once for all hosts that have all these variables except their address in common, and no tokens of ssh,
 * which stand for another text on each host.
 */
export class SettingsReader {
  readonly #problems: Problems;
  readonly #places = new Map<SourceRange, number>();
  readonly #known = new Map<string, HostSettings>();

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** See `connectionSettings`; the options are the same each time, except `become`. */
  read(host: Host, vars: ReadonlyMap<string, Located<Json>>, options: ConnectionOptions): HostSettings {
    const others = [...vars].filter(([name]) => !ADDRESS_VARIABLES.some((own) => own === name));
    // A value at the same position in a file is the same value.
    const key = others.map(([name, { value, range }]) => `${name} ${this.#indexOf(range)} ${JSON.stringify(value)}`);
    const texts = [...others, ...Object.entries(options.sshArguments ?? {})].map(([, text]) => text?.value);
    const mayHaveTokens = texts.some((text) => typeof text === 'string' && text.includes('%'));
    const signature = [options.become, mayHaveTokens && host.name, ...key].join('\n');
    const known = this.#known.get(signature);
    if (known) {
      const address = addressOf(host, new VariableReader(vars, this.#problems));
      if (known.transport === 'local') return { ...known, host: host.name };
      return { ...known, host: host.name, target: { ...known.target, address } };
    }
    const settings = connectionSettings(host, vars, options, this.#problems);
    this.#known.set(signature, settings);
    return settings;
  }

  #indexOf(range: SourceRange): number {
    const known = this.#places.get(range) ?? this.#places.size;
    this.#places.set(range, known);
    return known;
  }
}
