import type { Node, Scalar } from 'yaml';
import type { Problems } from '../diagnostic.ts';
import type { SourceFile } from '../source.ts';
import type { Dialect } from './yaml-dialect.ts';

/** A key as text: words as they are written, numbers as their value. */
export function keyText({ value, source }: Scalar): string {
  return isWord(value) ? (source ?? '') : String(value);
}

function isWord(value: unknown): boolean {
  return value === null || typeof value === 'boolean';
}

/** Reports keys that cannot mean what their author expects. */
export class KeyCheck {
  readonly #source: SourceFile;
  readonly #problems: Problems;
  readonly #dialect: Dialect;
  /** Keys already reported: targets of aliases are converted more than once. */
  readonly #reported = new Set<Node>();

  constructor(source: SourceFile, problems: Problems, dialect: Dialect) {
    this.#source = source;
    this.#problems = problems;
    this.#dialect = dialect;
  }

  /** @param keys those of one mapping, as written */
  check(keys: readonly Scalar[]): void {
    const seen = new Map<string, Scalar>();
    for (const key of keys) {
      // `1` and `"1"` are different keys.
      const identity = `${typeof key.value} ${String(key.value)}`;
      const first = seen.get(identity);
      // `yes` and `on` are one key, but not one word.
      if (first && keyText(first) === keyText(key))
        this.#report(key, 'this key is written twice', this.#removeOneOf(first));
      else if (this.#dialect === 'ansible' && isWord(key.value))
        this.#report(key, `as a key this is not a word, but ${key.value ?? 'null'}`, 'quote it');
      else if (first) this.#report(key, 'this key is written twice', this.#removeOneOf(first));
      if (!first) seen.set(identity, key);
    }
  }

  #removeOneOf(first: Scalar): string {
    const { line } = this.#source.position(first.range?.[0] ?? 0);
    return `remove one of the two: the other is in line ${line}`;
  }

  #report(key: Scalar, message: string, hint?: string): void {
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    const [start, end] = key.range ?? [0, 0];
    this.#problems.error(message, this.#source.range(start, end), hint);
  }
}
