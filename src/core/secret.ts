import { inspect } from 'node:util';
import { CUT } from './shortened.ts';

/** What stands in the place of a secret. */
export const HIDDEN = '***';

/** A value that must never be shown. It prints as `***` in every way; only `reveal` returns it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: only for the place that needs it, never for a message. */
  reveal(): string {
    return this.#value;
  }

  get isEmpty(): boolean {
    return this.#value === '';
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return `Secret(${HIDDEN})`;
  }
}

const KEY_BLOCK = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g;
const KEY_BLOCK_BOUNDARY = /-----(BEGIN|END) ([A-Z ]*PRIVATE KEY)-----/g;
const KEY_BLOCK_END = /^[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/;

/** A line end in the middle of a text: also escaped in a quoted text, or between the texts of a list. */
const LINE_END = String.raw`(?:\s*?\n|\\+n|\\*["'],\s*\\*["'])`;

/** `client-key-data` of a kubeconfig in YAML or JSON: plain, quoted, doubly quoted, or spanning lines. */
const KEY_DATA = new RegExp(
  String.raw`(client-key-data\\*["']?\s*[:=]\s*)` +
    String.raw`(?:\\*["'][^"'\\]+|(?:[>|][-+\d]*(?=[\s\\"'])|[^\s"'\\,}]+)(?:${LINE_END}[ \t]+[A-Za-z0-9+/=]+(?=\s|\\|["']|$))*)`,
  'g',
);

/** The base64 of `-----BEGIN …`. */
const ENCODED_PEM = /LS0tLS1CRUdJTi[A-Za-z0-9+/]+={0,2}/g;

/** A text without any of these contains no private key material, whether quoted as JSON or not. */
const SIGNS_OF_KEYS = /PRIVATE KEY|client-key-data|LS0tLS1CRUdJTi/;

/** Fields that only contain kplay's own words or names of the inventory. */
const STRUCTURE: ReadonlySet<string> = new Set(
  'type action kind path outcome host hosts batches step stage runId command kplayVersion'.split(' '),
);
/** Fields with arbitrary values from a step or a host. */
const FOREIGN: ReadonlySet<string> = new Set(['before', 'after']);

/** Shorter secrets are not searched for: masking them would only reveal where they occur. */
const MIN_LENGTH = 4;

/** What a mask looks for. */
interface Search {
  readonly longestFirst: readonly string[];
  /** The same values as they appear in JSON. */
  readonly quoted: readonly string[];
}

/**
 * Masks known secrets, and anything that looks like private key material, in whatever is shown or recorded. It works on
 * values, never on their JSON text: a host's output cannot break the structure around it.
 */
export class SecretMask {
  readonly #values = new Set<string>();
  /** Made from the values when they are first searched for after a change: each host of a fleet may add secrets of its own. */
  #search: Search | undefined;

  /** From now on it is masked as a whole, line by line, as base64, as JSON quotes it, and where it is cut (`shortened`). */
  add(secret: Secret): void {
    const text = secret.reveal();
    const lines = text.split('\n').map((line) => line.trim());
    // As a command has it that is given a file or a line: `echo SECRET | base64`.
    const asLine = `${text.trim()}\n`;
    const encoded = [text, text.trim(), asLine].map((one) => Buffer.from(one).toString('base64'));
    const inJson = [text, ...lines].map(quotedByJson);
    for (const value of [...lines, ...inJson, ...(text.trim().length >= MIN_LENGTH ? encoded : [])])
      if (value.length >= MIN_LENGTH) this.#values.add(value);
    this.#search = undefined;
  }

  apply(text: string): string {
    // A list may consist of a million empty lines.
    if (text.length < MIN_LENGTH) return text;
    const masked = text
      .replace(KEY_BLOCK, `-----BEGIN $1----- ${HIDDEN}`)
      .replace(KEY_DATA, `$1${HIDDEN}`)
      .replace(ENCODED_PEM, (encoded) => (isEncodedKey(encoded) ? HIDDEN : encoded));
    return withoutValues(masked, this.#searched().longestFirst);
  }

  /**
   * An event, plan or journal entry with all texts masked, including keys that span several texts of a list; the value itself
   * when it contains no secret. Words that programs depend on stay: a password may be `changed`.
   */
  applyTo<T>(value: T): T {
    return this.#mayHold(value) ? (this.#masked(value, false) as T) : value;
  }

  /** Most values contain no secret, and V8 writes JSON many times faster than texts can be checked one by one. */
  #mayHold(value: unknown): boolean {
    const json = JSON.stringify(value) ?? '';
    return SIGNS_OF_KEYS.test(json) || hasAny(json, this.#searched().quoted);
  }

  #searched(): Search {
    if (!this.#search) {
      // One secret may be a prefix of another.
      const longestFirst = [...this.#values].sort((a, b) => b.length - a.length);
      this.#search = { longestFirst, quoted: longestFirst.map(quotedByJson) };
    }
    return this.#search;
  }

  #masked(value: unknown, isForeign: boolean): unknown {
    if (typeof value === 'string') return this.apply(value);
    if (Array.isArray(value)) return this.#maskedList(value, isForeign);
    if (typeof value !== 'object' || value === null || value instanceof Secret) return value;
    const entries = Object.entries(value).map(([key, item]): readonly [string, unknown] =>
      !isForeign && STRUCTURE.has(key) && isWords(item)
        ? [key, item]
        : [isForeign ? this.apply(key) : key, this.#masked(item, isForeign || FOREIGN.has(key))],
    );
    const isSame = entries.every(([key, item]) => (value as Record<string, unknown>)[key] === item);
    if (isSame) return value;
    const masked = Object.fromEntries(entries);
    return isForeign ? masked : withDifference(value, masked);
  }

  #maskedList(list: readonly unknown[], isForeign: boolean): readonly unknown[] {
    let inKey = false;
    const masked = list.map((item): unknown => {
      if (typeof item !== 'string') return this.#masked(item, isForeign);
      const wasInKey = inKey;
      const rest = wasInKey ? item.replace(KEY_BLOCK_END, '') : item;
      if (wasInKey && rest === item) return HIDDEN;
      inKey = isCutOff(rest);
      return wasInKey ? HIDDEN + this.apply(rest) : this.apply(item);
    });
    return masked.every((item, index) => item === list[index]) ? list : masked;
  }
}

/**
 * A change of a file whose texts are alike once they are masked says that they were not, or it would look as if nothing is changed.
 * @param value the change before it was masked; anything else is left alone
 */
function withDifference(value: object, masked: Readonly<Record<string, unknown>>): unknown {
  const isAlike = contentIn(masked, 'before') === contentIn(masked, 'after');
  const wasAlike = contentIn(value, 'before') === contentIn(value, 'after');
  return isAlike && !wasAlike
    ? { ...masked, after: { ...(masked['after'] as object), differsInHidden: true } }
    : masked;
}

function contentIn(change: object, side: 'before' | 'after'): unknown {
  const { [side]: state } = change as Readonly<Record<string, unknown>>;
  return typeof state === 'object' && state !== null
    ? (state as Readonly<Record<string, unknown>>)['content']
    : undefined;
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isWords) : typeof value !== 'object';
}

/** Whether a text contains the beginning of a key but not its end. */
function isCutOff(text: string): boolean {
  const last = new Map<string, string>();
  for (const [, boundary = '', label = ''] of text.matchAll(KEY_BLOCK_BOUNDARY)) last.set(label, boundary);
  return [...last.values()].includes('BEGIN');
}

function quotedByJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function hasAny(text: string, values: readonly string[]): boolean {
  return (
    values.some((value) => text.includes(value)) ||
    (text.includes(CUT) && values.some((value) => cutPlaces(text, value).length > 0))
  );
}

type Place = readonly [start: number, end: number];

/** A text without values and beginnings of them that were cut: all are found first, since they may overlap. */
function withoutValues(text: string, values: readonly string[]): string {
  const isCut = text.includes(CUT);
  const found = values
    .flatMap((value) => [...places(text, value), ...(isCut ? cutPlaces(text, value) : [])])
    .sort(([one], [other]) => one - other);
  let masked = '';
  let from = 0;
  for (const [start, end] of found) {
    if (start >= from) masked += text.slice(from, start) + HIDDEN;
    from = Math.max(from, end);
  }
  return masked + text.slice(from);
}

function places(text: string, value: string): readonly Place[] {
  const found: Place[] = [];
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length))
    found.push([at, at + value.length]);
  return found;
}

/** Where a text contains the beginning of a value directly before the sign that something was cut there. */
function cutPlaces(text: string, value: string): readonly Place[] {
  const found: Place[] = [];
  const head = value.slice(0, MIN_LENGTH);
  const holdsSign = value.includes(CUT);
  let least = 0;
  for (let end = text.indexOf(CUT); end >= 0; end = text.indexOf(CUT, end + 1)) {
    // No further back than the value is long, and no further ahead: a text may consist of such signs.
    const from = Math.max(least, end - value.length);
    const before = text.slice(from, end);
    let at = before.indexOf(head);
    while (at >= 0 && !value.startsWith(before.slice(at))) at = before.indexOf(head, at + 1);
    if (at >= 0) found.push([from + at, end]);
    if (!holdsSign) least = end;
  }
  return found;
}

function isEncodedKey(encoded: string): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY/.test(Buffer.from(encoded.slice(0, 80), 'base64').toString('latin1'));
}
