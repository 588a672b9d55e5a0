import type { Json } from '../../core/json.ts';
import { unescaped, unquoted } from '../../core/python-escapes.ts';
import type { JsonSchema, JsonSchemaObject } from '../../core/schema.ts';
import type { MappingTree, ScalarTree } from '../../core/yaml/yaml.ts';
import { joinWords, splitLine } from './split-line.ts';

/** Options that Ansible extracts from the line of a command or shell: they belong to the step, not to the command. */
const LINE_OPTIONS = 'creates removes chdir executable warn stdin stdin_add_newline strip_empty_ends'.split(' ');

/** A `name=value` word of a text: its name, its value, and the whole as written. */
type Pair = readonly [name: string, value: string, word?: string];

/**
 * Parameters in Ansible's older form, `msg="x y" mode=0644`; undefined for other texts.
 * `line` is the free-form parameter. Of a command line only the options are extracted, as in Ansible.
 */
export function keyValueParams(
  scalar: ScalarTree & { readonly value: string },
  schema: JsonSchemaObject,
  line: string | undefined,
): MappingTree | undefined {
  const words = splitLine(scalar.value);
  if (words === undefined) return undefined;
  if (line !== undefined && 'creates' in schema.properties) return commandLine(scalar, words, line, schema);
  const pairs = words.map(pairOf);
  const start = line === undefined ? 0 : pairs.findIndex((pair) => pair !== undefined && pair[0] in schema.properties);
  if (start < 0) return undefined;
  const named = pairs.slice(start).flatMap((pair): readonly Pair[] => (pair ? [pair] : []));
  if (named.length === 0 || named.length < pairs.length - start) return undefined;
  if (start === 0 || line === undefined) return mappingOf(scalar, named, schema);
  // `include_vars: limits.yml name=limits`
  const isWholeMeant = schema.properties[line]?.['x-any-word'] === true;
  return isWholeMeant ? undefined : mappingOf(scalar, [[line, joinWords(words.slice(0, start))], ...named], schema);
}

/** Whether a text in this form has a quote or a template that is not closed. */
export function isUnclosed(text: string, schema: JsonSchemaObject, line: string | undefined): boolean {
  const isCommand = line !== undefined && 'creates' in schema.properties;
  const names = [...text.matchAll(/(?:^|\s)([A-Za-z_]\w*)=/g)].map(([, name = '']) => name);
  const isMeant = isCommand ? names.some((name) => LINE_OPTIONS.includes(name)) : (names[0] ?? '') in schema.properties;
  return isMeant && splitLine(text) === undefined;
}

/** Undefined if it is as written. */
function commandLine(
  scalar: ScalarTree & { readonly value: string },
  words: readonly string[],
  line: string,
  schema: JsonSchemaObject,
): MappingTree | undefined {
  const options: Pair[] = [];
  const rest: string[] = [];
  for (const word of words) {
    const pair = pairOf(word);
    if (pair && LINE_OPTIONS.includes(pair[0])) options.push(pair);
    else rest.push(pair ? word : withoutEscapes(word));
  }
  const text = joinWords(rest);
  if (options.length === 0 && text === scalar.value) return undefined;
  const own: readonly Pair[] = text === '' ? [] : [[line, text]];
  return mappingOf(scalar, [...own, ...options], schema);
}

function mappingOf(scalar: ScalarTree, pairs: readonly Pair[], { properties }: JsonSchemaObject): MappingTree {
  let from = scalar.range.start;
  const entries = pairs.map(([key, text, word]) => {
    const own = word === undefined ? undefined : placeOfPair(scalar, key, word, from);
    from = own?.value.range.end ?? from;
    const value = typed(text, properties[key]);
    return { key, keyRange: own?.keyRange ?? scalar.range, value: { ...scalar, ...own?.value, value, raw: text } };
  });
  return { kind: 'mapping', entries, range: scalar.range };
}

/** Where a pair is in the file; undefined where YAML has changed how it is written. */
function placeOfPair({ range: { file, end }, contentStart }: ScalarTree, key: string, word: string, from: number) {
  const text = file.text.slice(0, end);
  let at = text.indexOf(word, from);
  // It may also be the end of a longer word.
  while (at > contentStart && !/\s/.test(text.charAt(at - 1))) at = text.indexOf(word, at + 1);
  if (at < 0) return undefined;
  const start = at + key.length + 1;
  const isQuoted = /^["']/.test(word.slice(key.length + 1));
  return {
    keyRange: file.range(at, start - 1),
    value: { range: file.range(start, at + word.length), contentStart: start + (isQuoted ? 1 : 0) },
  };
}

/** This form only has texts: convert them to numbers or booleans as required. */
function typed(text: string, schema: JsonSchema | undefined): Json & (string | number | boolean) {
  const types = [schema?.type ?? 'string'].flat();
  if (types.includes('string') || text.includes('{{')) return text;
  if (types.includes('boolean') && /^(yes|true|on)$/i.test(text)) return true;
  if (types.includes('boolean') && /^(no|false|off)$/i.test(text)) return false;
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text;
}

function pairOf(word: string): Pair | undefined {
  const match = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(unescaped(word));
  return match ? [match[1] ?? '', unquoted((match[2] ?? '').trim()), word.trim()] : undefined;
}

/** A word of which every = has a backslash, or begins it, loses the backslashes, as in Ansible. */
function withoutEscapes(word: string): string {
  const text = unescaped(word);
  return text.includes('=') && !/[^\\]=/.test(text) ? text.replaceAll('\\=', '=') : word;
}
