import {
  Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  visit,
} from 'yaml';
import type { Problems } from '../diagnostic.ts';
import type { Json } from '../json.ts';
import type { SourceFile, SourceRange } from '../source.ts';
import { refusesVault } from './vault.ts';
import { type Dialect, tagsOf } from './yaml-dialect.ts';
import { checkVersion, reportErrors, withoutStacks } from './yaml-errors.ts';
import { KeyCheck, keyText } from './yaml-keys.ts';
import { hasTooManyMarks, tooDeep } from './yaml-limits.ts';

/** A YAML document with the position of every node. Aliases and merge keys are already resolved. */
export type Tree = ScalarTree | SequenceTree | MappingTree;

/** A single value. */
export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
  /** The scalar as written, without quotes: `0644` where the value is 644. */
  readonly raw: string;
  readonly quoted: boolean;
  readonly range: SourceRange;
  /** Offset in the file of the first character of `raw`, when the file contains `raw` literally; for positions inside it. */
  readonly contentStart: number;
}

export interface SequenceTree {
  readonly kind: 'sequence';
  readonly items: readonly Tree[];
  readonly range: SourceRange;
}

/** A mapping, with its entries in the order in which they are written. */
export interface MappingTree {
  readonly kind: 'mapping';
  readonly entries: readonly MappingEntry[];
  readonly range: SourceRange;
}

/** A key with its value. */
export interface MappingEntry {
  readonly key: string;
  readonly keyRange: SourceRange;
  readonly value: Tree;
}

/** Larger than any inventory or playbook: a larger file was named by mistake. */
export const MAX_SOURCE_BYTES = 5_000_000;
const MAX_NODES = 200_000;

/** The entry of a key; undefined when the mapping has none. */
export function entry(tree: MappingTree, key: string): MappingEntry | undefined {
  return tree.entries.find((candidate) => candidate.key === key);
}

/** The tree as plain data. */
export function treeToJson(tree: Tree): Json {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'sequence':
      return tree.items.map(treeToJson);
    case 'mapping':
      return Object.fromEntries(tree.entries.map(({ key, value }) => [key, treeToJson(value)]));
  }
}

/**
 * The documents of a YAML text, or undefined when they cannot be used; every problem is added to `problems`.
 * Besides bad syntax it rejects duplicate keys, unknown tags, keys that are not scalars (an unquoted `{{ x }}`) and alias
 * bombs.
 */
export function parseYamlDocuments(
  source: SourceFile,
  problems: Problems,
  dialect: Dialect,
): readonly Tree[] | undefined {
  const deep = tooDeep(source);
  if (deep !== undefined) {
    problems.error('it is nested too deeply', source.range(deep, deep + 1));
    return undefined;
  }
  if (dialect === 'kubernetes' && hasTooManyMarks(source)) {
    problems.error('it holds too many values', source.range(0, 1));
    return undefined;
  }
  const documents = withoutStacks(() =>
    parseAllDocuments(source.text, {
      version: dialect === 'ansible' ? '1.1' : '1.2',
      merge: true,
      customTags: (tags) => tagsOf(dialect, tags),
      prettyErrors: false,
      // The parser compares every key with every other: the converter finds duplicates itself, in linear time.
      uniqueKeys: false,
      logLevel: 'silent',
    }),
  );
  if (!Array.isArray(documents)) return [];
  const before = problems.all.length;
  const trees: Tree[] = [];
  if ('empty' in documents) reportErrors(documents, source, problems);
  for (const document of documents) {
    checkVersion(document, source, problems, dialect);
    if (document.contents && document.errors.length === 0) {
      const tree = convertDocument(document, source, problems, dialect);
      if (tree) trees.push(tree);
    }
    reportErrors(document, source, problems);
  }
  return problems.all.slice(before).some(({ severity }) => severity === 'error') ? undefined : trees;
}

function convertDocument(
  document: Document,
  source: SourceFile,
  problems: Problems,
  dialect: Dialect,
): Tree | undefined {
  try {
    // Computed only when needed: few documents have aliases.
    let targets: ReadonlyMap<Alias, Node> | undefined;
    const resolve = (alias: Alias): Node | undefined => {
      targets ??= aliasTargets(document);
      return targets.get(alias);
    };
    return new Converter(source, problems, new KeyCheck(source, problems, dialect), resolve).convert(
      document.contents as Node,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.error('it is nested too deeply', source.range(0, 1));
    return undefined;
  }
}

/** Parses a YAML text that must contain exactly one document, and is not encrypted. */
export function parseYaml(source: SourceFile, problems: Problems, dialect: Dialect): Tree | undefined {
  if (refusesVault(source, problems)) return undefined;
  const documents = parseYamlDocuments(source, problems, dialect);
  if (documents && documents.length > 1) {
    const second = documents[1] as Tree;
    problems.error(
      'the file holds more than one YAML document',
      second.range,
      'remove the line ---, or split the file',
    );
    return undefined;
  }
  return documents?.[0];
}

/** The target of each alias: the nearest node before it with that anchor. One walk finds all of them. */
function aliasTargets(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) targets.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** In quotes it is an ordinary key. */
function isMerge({ type, source, value }: Scalar): boolean {
  return type === 'PLAIN' && (source === '<<' || value === '<<' || typeof value === 'symbol');
}

class Converter {
  readonly #source: SourceFile;
  readonly #problems: Problems;
  readonly #keys: KeyCheck;
  readonly #resolve: (alias: Alias) => Node | undefined;
  #count = 0;
  #hasAliases = false;

  constructor(source: SourceFile, problems: Problems, keys: KeyCheck, resolve: (alias: Alias) => Node | undefined) {
    this.#source = source;
    this.#problems = problems;
    this.#keys = keys;
    this.#resolve = resolve;
  }

  convert(node: Node | null, open: readonly Node[] = []): Tree {
    this.#count += 1;
    const range = this.#range(node);
    if (this.#count === MAX_NODES) this.#reportTooMany(range);
    if (node === null || this.#count >= MAX_NODES) return this.#empty(range);
    if (node instanceof Alias) {
      this.#hasAliases = true;
      const target = this.#resolve(node);
      if (!target || open.includes(target)) {
        this.#problems.error(`the alias *${node.source} refers to itself or to nothing`, range);
        return this.#empty(range);
      }
      return this.convert(target, [...open, target]);
    }
    if (isSeq(node)) {
      return { kind: 'sequence', items: node.items.map((item) => this.convert(item as Node | null, open)), range };
    }
    if (isMap(node)) return { kind: 'mapping', entries: this.#entries(node.items as Pair[], open), range };
    if (isScalar(node)) return this.#scalar(node, range);
    return this.#empty(range);
  }

  #reportTooMany(range: SourceRange): void {
    if (this.#hasAliases) this.#problems.error('the aliases of this file expand to too many values', range);
    else this.#problems.error('it holds too many values', range, 'divide it into several files');
  }

  #scalar(node: Scalar, range: SourceRange): ScalarTree {
    const value = node.value;
    const raw = node.source ?? '';
    const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
    const contentStart = range.start + (quoted ? 1 : 0);
    this.#checkNumber(node, range);
    if (typeof value === 'number' && !Number.isFinite(value)) return this.#empty(range);
    const plain =
      value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string';
    return { kind: 'scalar', value: plain ? value : String(value), raw, quoted, range, contentStart };
  }

  #checkNumber({ value, source = '' }: Scalar, range: SourceRange): void {
    if (typeof value !== 'number') return;
    const hint = 'quote it if it is a word';
    if (!Number.isFinite(value)) this.#problems.error(`${source} is not a number that can be used`, range, hint);
    else if (Number.isInteger(value) && !Number.isSafeInteger(value))
      this.#problems.error(`${source} is too large a number`, range, hint);
  }

  /** As in PyYAML: what is merged (`<<`) stands first, a key keeps its first place, and its last value counts. */
  #entries(pairs: readonly Pair[], open: readonly Node[]): MappingEntry[] {
    const own: MappingEntry[] = [];
    const merged: MappingEntry[] = [];
    const keys: Scalar[] = [];
    for (const pair of pairs) {
      if (!isPair(pair)) continue;
      const keyNode = pair.key as Node;
      if (!isScalar(keyNode)) {
        this.#problems.error(
          'a list or mapping cannot be a key',
          this.#range(keyNode),
          'a value that begins with {{ must be quoted: "{{ name }}"',
        );
        continue;
      }
      const value = this.convert(pair.value as Node | null, open);
      if (isMerge(keyNode)) {
        merged.push(...this.#inherited(value));
        continue;
      }
      this.#checkNumber(keyNode, this.#range(keyNode));
      keys.push(keyNode);
      own.push({ key: keyText(keyNode), keyRange: this.#range(keyNode), value });
    }
    this.#keys.check(keys);
    return [...new Map([...merged, ...own].map((entry) => [entry.key, entry])).values()];
  }

  /** Of a list, the first mapping comes last, because it wins. */
  #inherited(value: Tree): readonly MappingEntry[] {
    if (value.kind === 'mapping') return value.entries;
    if (value.kind === 'sequence') return value.items.toReversed().flatMap((item) => this.#inherited(item));
    this.#problems.error('only a mapping can be merged with <<', value.range);
    return [];
  }

  #range(node: Node | null): SourceRange {
    const [start, end] = node?.range ?? [0, 0];
    return this.#source.range(start, end);
  }

  #empty(range: SourceRange): ScalarTree {
    return { kind: 'scalar', value: null, raw: '', quoted: false, range, contentStart: range.start };
  }
}
