import { booleanOf } from '../../core/boolean-words.ts';
import type { Problems } from '../../core/diagnostic.ts';
import type { Json } from '../../core/json.ts';
import { onlyLine } from '../../core/only-line.ts';
import { Secret } from '../../core/secret.ts';
import type { Located } from '../../core/source.ts';

/** Reads typed variables of a host. A value of another type is a problem and counts as not set. */
export class VariableReader {
  readonly #vars: ReadonlyMap<string, Located<Json>>;
  readonly #problems: Problems;

  constructor(vars: ReadonlyMap<string, Located<Json>>, problems: Problems) {
    this.#vars = vars;
    this.#problems = problems;
  }

  /** The first of these variables with a text; null and the empty text count as not set. */
  text(...names: readonly string[]): Located<string> | undefined {
    return this.#first(names, (name, { value, range }) => {
      if (typeof value === 'string') return value === '' ? undefined : { value, range };
      if (typeof value === 'number') return { value: String(value), range };
      this.#problems.error(`${name} must be a string`, range);
      return undefined;
    });
  }

  /** A text of one line: without the line end that a block of YAML or a vault leaves behind it. */
  secret(...names: readonly string[]): Secret | undefined {
    const secrets = names.map((name) => {
      const text = this.text(name);
      const line = text && onlyLine(text.value);
      if (text && line === undefined)
        this.#problems.error(`${name} has more than one line`, text.range, 'leave only the password in it');
      return line === undefined || line === '' ? undefined : new Secret(line);
    });
    return secrets.find((secret) => secret !== undefined);
  }

  port(...names: readonly string[]): number | undefined {
    return this.#first(names, (name, { value, range }) => {
      const port = portNumber(value);
      if (port === undefined) this.#problems.error(`${name} must be a port: a number from 1 to 65535`, range);
      return port;
    });
  }

  /** A boolean in Ansible's notation: `yes`, `True`, `1` and so on. */
  flag(...names: readonly string[]): boolean | undefined {
    return this.#first(names, (name, { value, range }) => {
      const flag = typeof value === 'object' ? undefined : booleanOf(String(value));
      if (flag === undefined) this.#problems.error(`${name} must be true or false`, range);
      return flag ?? false;
    });
  }

  #first<T>(names: readonly string[], read: (name: string, variable: Located<Json>) => T | undefined): T | undefined {
    // All of them are read: an invalid value is a mistake even where another name takes precedence.
    const values = names.map((name) => {
      const variable = this.#vars.get(name);
      return variable && variable.value !== null ? read(name, variable) : undefined;
    });
    return values.find((value) => value !== undefined);
  }
}

/** Parses a port; undefined if invalid. */
export function portNumber(value: Json): number | undefined {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined;
}
