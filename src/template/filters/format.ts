import { type ScalarTag, stringify, type Tags } from 'yaml';
import { Problems } from '../../core/diagnostic.ts';
import type { Json } from '../../core/json.ts';
import { SourceFile } from '../../core/source.ts';
import { parseYaml, treeToJson } from '../../core/yaml/yaml.ts';
import { Complaint } from '../errors.ts';
import type { Budget } from '../machine.ts';
import { costOf } from '../measure.ts';
import { anything, flag, integer, text } from '../shape.ts';
import { type Filter, filter, optional, withDefault } from '../signature.ts';
import { writeJson } from '../values/json-text.ts';

export const FORMAT_FILTERS: readonly Filter[] = [
  filter(
    'to_json',
    anything,
    { indent: optional(integer), sort_keys: withDefault(flag, false), ensure_ascii: withDefault(flag, true) },
    (value, { indent, sort_keys: sortKeys, ensure_ascii: isAscii }) =>
      writeJson(value, { sortKeys, isAscii, ...(indent !== undefined && { indent: checkIndent(indent, 0) }) }),
  ),
  filter(
    'to_nice_json',
    anything,
    { indent: withDefault(integer, 4), sort_keys: withDefault(flag, true), ensure_ascii: withDefault(flag, true) },
    (value, { indent, sort_keys: sortKeys, ensure_ascii: isAscii }) =>
      writeJson(value, { sortKeys, isAscii, indent: checkIndent(indent, 0) }),
  ),
  filter('from_json', text, {}, parseJson),
  filter(
    'to_yaml',
    anything,
    { indent: withDefault(integer, 2), sort_keys: withDefault(flag, true) },
    (value, { indent, sort_keys: sortKeys }, { budget }) => writeYaml(value, indent, sortKeys, budget),
  ),
  filter(
    'to_nice_yaml',
    anything,
    { indent: withDefault(integer, 4), sort_keys: withDefault(flag, true) },
    (value, { indent, sort_keys: sortKeys }, { budget }) => writeYaml(value, indent, sortKeys, budget),
  ),
  filter('from_yaml', text, {}, (value, _, { budget }) => readYaml(value, budget)),
];

function checkIndent(indent: number, least: number): number {
  if (indent >= least && indent <= 16) return indent;
  throw new Complaint(`'indent' is between ${least} and 16`);
}

/** Whole numbers that a double cannot hold exactly become strings of their digits. */
function parseJson(value: string): Json {
  try {
    const parsed: Json = JSON.parse(value);
    const exact = /\d{16}|\de/i.test(value) ? value.replace(STRING_OR_NUMBER, quoteUnsafe) : value;
    return exact === value ? parsed : JSON.parse(exact);
  } catch (error) {
    if (error instanceof Complaint) throw error;
    // The error message may quote the text, which may be secret; the position is sufficient.
    const position = /position \d+/.exec(String(error))?.[0];
    throw new Complaint(`filter 'from_json': the text is not JSON${position ? `: see ${position}` : ''}`);
  }
}

const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

function quoteUnsafe(token: string): string {
  if (/^-?\d/.test(token) && !Number.isFinite(Number(token)))
    throw new Complaint(`filter 'from_json': a number of the text is not one that can be used`);
  return /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
}

/**
 * Quotes strings that YAML 1.1 would read as something else, since the reader is unknown. The cost is charged separately,
 * because writing YAML is far more work than visiting the value.
 */
function writeYaml(value: Json, indent: number, sortMapEntries: boolean, budget: Budget): string {
  budget.charge(costOf(value) * 100);
  return stringify(value, {
    version: '1.1',
    indent: checkIndent(indent, 1),
    sortMapEntries,
    lineWidth: 0,
    aliasDuplicateObjects: false,
    blockQuote: typeof value !== 'string',
    customTags: (tags) =>
      tags.flatMap<Tags[number]>((tag) => (typeof tag === 'string' || tag.collection ? [tag] : adapted(tag))),
  });
}

function adapted(tag: ScalarTag): readonly ScalarTag[] {
  switch (tag.tag.replace(/.*:/, '')) {
    case 'int':
    case 'float':
      return [withPoint(tag)];
    case 'str':
      return [withEscapes(tag)];
    case 'merge':
      return [];
    default:
      return [tag];
  }
}

/** YAML 1.1 requires a point before an exponent: `1e+21` is a string there, `1.0e+21` a number. */
function withPoint(tag: ScalarTag): ScalarTag {
  return {
    ...tag,
    stringify: (item, ...rest) => {
      const text = tag.stringify?.(item, ...rest) ?? String(item.value);
      return typeof item.value === 'number' ? text.replace(/^(-?\d+)e/, '$1.0e') : text;
    },
  };
}

/**
 * Writes texts in quotes, and with escapes, that a reader of YAML 1.1 would otherwise refuse or read as something else: those
 * with characters that it takes for a line break or does not allow, and lines of which the first is blank or indented.
 */
function withEscapes(tag: ScalarTag): ScalarTag {
  return {
    ...tag,
    stringify: (item, ...rest) => {
      const text = String(item.value);
      if (!AWKWARD.test(text) && tag.stringify) return tag.stringify(item, ...rest);
      return writeJson(text).replace(UNESCAPED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    },
  };
}

const AWKWARD = /(?!\n)\p{Cc}|[\u2028\u2029\ufeff\ufffe\uffff]|^\n|^ [\s\S]*\n| \n|^(?:=|<<)$/u;
/** What JSON leaves as it is. */
const UNESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Texts are read like Ansible's own files, in YAML 1.1. */
function readYaml(value: string, budget: Budget): Json {
  budget.charge(value.length * 3);
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('text', value), problems, 'ansible');
  const [problem] = problems.all;
  if (problem) {
    // What is quoted of the text, a tag, an alias or a number, may be a part of a secret, which the mask does not know.
    const what = problem.message
      .replace(/(?<=\w): [\s\S]*$/, '')
      .replace(/(?<!\S)(?:([*!%\\])|tag:|[-+.\d])\S+/g, (_, mark = '') => `${mark}…`);
    throw new Complaint(`filter 'from_yaml': the text is not YAML: ${what}`);
  }
  return tree ? treeToJson(tree) : null;
}
