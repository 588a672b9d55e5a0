import type { Json, JsonObject } from '../core/json.ts';
import { readPythonNumber, readPythonString } from './python-token.ts';

/** Python rejects deeper nesting too. */
const MAX_DEPTH = 100;

/**
 * The value of a Python literal, which is how Ansible types the values of INI inventories: `5`, `True`, `'x'`, `[1, 2]`,
 * `80,443` (a tuple, here a list). Undefined for any other text, and for literals that JSON cannot represent: sets, bytes,
 * complex and infinite numbers, integers beyond 2^53. Such texts are used literally.
 */
export function parsePythonLiteral(text: string): Json | undefined {
  const reader = new LiteralReader(text);
  const value = reader.readTop();
  return reader.atEnd ? value : undefined;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#peek() === '';
  }

  /** A value, or a tuple without parentheses. */
  readTop(): Json | undefined {
    const first = this.#value();
    if (first === undefined || this.#peek() !== ',') return first;
    this.#at += 1;
    const rest = this.#items('');
    return rest && [first, ...rest];
  }

  /** The next non-blank character; '' at the end or where a comment begins. */
  #peek(): string {
    while (' \t\f'.includes(this.#text.charAt(this.#at)) && this.#at < this.#text.length) this.#at += 1;
    const character = this.#text.charAt(this.#at);
    return character === '#' ? '' : character;
  }

  #value(): Json | undefined {
    const next = this.#peek();
    if ('([{'.includes(next) && next !== '') return this.#nested(next);
    if (next === '+' || next === '-') {
      this.#at += 1;
      const number = this.#numberInParentheses();
      return number === undefined ? undefined : next === '-' ? 0 - number : number;
    }
    return /[0-9.]/.test(next) ? this.#number() : (this.#strings() ?? this.#keyword());
  }

  #nested(open: string): Json | undefined {
    if (this.#depth === MAX_DEPTH) return undefined;
    this.#at += 1;
    this.#depth += 1;
    const value = open === '[' ? this.#items(']') : open === '{' ? this.#dictionary() : this.#parentheses();
    this.#depth -= 1;
    if (value !== undefined) this.#at += 1;
    return value;
  }

  /** Up to the closing parenthesis: one value, or a tuple. */
  #parentheses(): Json | undefined {
    if (this.#peek() === ')') return [];
    const first = this.#value();
    if (first === undefined || this.#peek() === ')') return first;
    if (this.#peek() !== ',') return undefined;
    this.#at += 1;
    const rest = this.#items(')');
    return rest && [first, ...rest];
  }

  /** Values separated by commas, up to `close`, which is not consumed; a trailing comma is allowed. */
  #items(close: string): Json[] | undefined {
    const items: Json[] = [];
    while (this.#peek() !== close) {
      const item = this.#value();
      if (item === undefined) return undefined;
      items.push(item);
      if (!this.#separator(close)) return undefined;
    }
    return items;
  }

  #dictionary(): JsonObject | undefined {
    const entries: [string, Json][] = [];
    while (this.#peek() !== '}') {
      const key = this.#value();
      if ((typeof key !== 'string' && !Number.isInteger(key)) || this.#peek() !== ':') return undefined;
      this.#at += 1;
      const value = this.#value();
      if (value === undefined) return undefined;
      entries.push([String(key), value]);
      if (!this.#separator('}')) return undefined;
    }
    return Object.fromEntries(entries);
  }

  /** Consumes a comma; true also if `close` follows. */
  #separator(close: string): boolean {
    const next = this.#peek();
    if (next === ',') this.#at += 1;
    return next === ',' || next === close;
  }

  /** What a sign may stand before: a number, in parentheses or not. */
  #numberInParentheses(): number | undefined {
    if (this.#peek() !== '(') return this.#number();
    if (this.#depth === MAX_DEPTH) return undefined;
    this.#at += 1;
    this.#depth += 1;
    const number = this.#numberInParentheses();
    this.#depth -= 1;
    if (this.#peek() !== ')') return undefined;
    this.#at += 1;
    return number;
  }

  #number(): number | undefined {
    const token = readPythonNumber(this.#text, this.#at);
    if (token) this.#at = token.end;
    return token?.value;
  }

  /** One string, or several adjacent ones, which are concatenated. */
  #strings(): string | undefined {
    let whole: string | undefined;
    for (;;) {
      this.#peek();
      const token = readPythonString(this.#text, this.#at);
      if (!token) return whole;
      whole = (whole ?? '') + token.value;
      this.#at = token.end;
    }
  }

  #keyword(): Json | undefined {
    const word = /^\w+/.exec(this.#text.slice(this.#at, this.#at + 6))?.[0] ?? '';
    const value = KEYWORDS.get(word);
    if (value !== undefined) this.#at += word.length;
    return value;
  }
}

const KEYWORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['True', true],
  ['False', false],
  ['None', null],
]);
