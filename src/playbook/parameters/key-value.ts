import type { Json } from '../../core/json.ts';
import type { JsonSchema, JsonSchemaObject } from '../../core/schema.ts';
import type { MappingTree, ScalarTree } from '../../core/yaml/yaml.ts';

/** Options that Ansible extracts from the line of a command or shell: they belong to the step, not to the command. */
const LINE_OPTIONS = 'creates removes chdir executable warn stdin stdin_add_newline strip_empty_ends'.split(' ');

/** A `name=value` word of a text, as written. */
type Pair = readonly [name: string, value: string];

/**
 * Parameters in Ansible's older form, `msg="x y" mode=0644`; undefined for other texts.
 * `line` is the free-form parameter. Of a command line only the options are extracted, as in Ansible.
 */
export function keyValueParams(
  scalar: ScalarTree & { readonly value: string },
  schema: JsonSchemaObject,
  line: string | undefined,
): MappingTree | undefined {
  const words = wordsIn(scalar.value);
  const pairs = words.map(pairOf);
  if (line !== undefined && 'creates' in schema.properties) {
    const options = pairs.flatMap((pair) => (pair && LINE_OPTIONS.includes(pair[0]) ? [pair] : []));
    if (options.length === 0) return undefined;
    const rest = words.filter((_, index) => !LINE_OPTIONS.includes(pairs[index]?.[0] ?? '')).join(' ');
    const own: readonly Pair[] = rest === '' ? [] : [[line, rest]];
    return mappingOf(scalar, [...own, ...options.map(([name, value]): Pair => [name, unquoted(value)])], schema);
  }
  const isMeant = line === undefined || (pairs[0] !== undefined && pairs[0][0] in schema.properties);
  if (!isMeant || pairs.length === 0 || pairs.includes(undefined)) return undefined;
  const all = pairs.flatMap((pair): readonly Pair[] => (pair ? [[pair[0], unescaped(unquoted(pair[1]))]] : []));
  return mappingOf(scalar, all, schema);
}

function mappingOf(scalar: ScalarTree, pairs: readonly Pair[], { properties }: JsonSchemaObject): MappingTree {
  const entries = pairs.map(([key, text]) => {
    const value = typed(text, properties[key]);
    return { key, keyRange: scalar.range, value: { ...scalar, value, raw: text } };
  });
  return { kind: 'mapping', entries, range: scalar.range };
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
  const match = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word);
  return match ? [match[1] ?? '', match[2] ?? ''] : undefined;
}

function unquoted(text: string): string {
  return /^(["'])[\s\S]*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

function unescaped(text: string): string {
  return text.replace(/\\([nt\\"'])/g, (_, character: string) => ({ n: '\n', t: '\t' })[character] ?? character);
}

/** Split at blanks, except in quotes and templates. */
function wordsIn(text: string): readonly string[] {
  return text.match(/(?:\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|"(?:[^"\\]|\\[\s\S])*"|'[^']*'|[^\s])+/g) ?? [];
}
