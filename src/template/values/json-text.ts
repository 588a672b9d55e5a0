import { isJsonArray, isJsonObject, type Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { MAX_CHARACTERS, MAX_DEPTH } from '../limits.ts';
import { numberText } from './number-text.ts';

export interface JsonLayout {
  /** Spaces per level; absent: everything on one line. */
  readonly indent?: number;
  readonly sortKeys?: boolean;
  /** Whether characters beyond ASCII are written as `\uXXXX`. */
  readonly isAscii?: boolean;
}

/**
 * JSON text in the layout of Python's `json.dumps` (`{"a": 1, "b": [1, 2]}`).
 * @throws {Complaint} if the text becomes too long
 */
export function writeJson(value: Json, layout: JsonLayout = {}): string {
  const parts: string[] = [];
  let length = 0;
  const append = (part: string) => {
    length += part.length;
    if (length > MAX_CHARACTERS) throw new Complaint(`the JSON text is longer than ${MAX_CHARACTERS} characters`);
    parts.push(part);
  };
  writeValue(value, 0, layout, append);
  return parts.join('');
}

function writeValue(value: Json, depth: number, layout: JsonLayout, append: (part: string) => void): void {
  if (depth > MAX_DEPTH) throw new Complaint(`lists and mappings are nested more than ${MAX_DEPTH} levels deep`);
  if (isJsonArray(value)) {
    const items = value.map((item) => () => writeValue(item, depth + 1, layout, append));
    writeMembers(['[', ']'], items, depth, layout, append);
  } else if (isJsonObject(value)) {
    const keys = layout.sortKeys ? Object.keys(value).sort() : Object.keys(value);
    const members = keys.map((key) => () => {
      append(`${scalar(key, layout)}: `);
      writeValue(value[key] as Json, depth + 1, layout, append);
    });
    writeMembers(['{', '}'], members, depth, layout, append);
  } else {
    append(scalar(value, layout));
  }
}

function scalar(value: string | number | boolean | null, { isAscii = false }: JsonLayout): string {
  const text = typeof value === 'number' ? numberText(value) : JSON.stringify(value);
  if (!isAscii) return text;
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function writeMembers(
  [open, close]: readonly [string, string],
  members: readonly (() => void)[],
  depth: number,
  { indent }: JsonLayout,
  append: (part: string) => void,
): void {
  const newLine = (levels: number) => (indent === undefined ? '' : `\n${' '.repeat(indent * levels)}`);
  append(open);
  members.forEach((write, index) => {
    if (index > 0) append(indent === undefined ? ', ' : ',');
    append(newLine(depth + 1));
    write();
  });
  append(members.length > 0 ? `${newLine(depth)}${close}` : close);
}
