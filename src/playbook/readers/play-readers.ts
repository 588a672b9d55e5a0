import type { Located } from '../../core/source.ts';
import type { Tree } from '../../core/yaml/yaml.ts';
import type { BatchSize } from '../model.ts';
import { listOf, oneOrMore, type Reader, scalar } from './reader.ts';
import { text } from './readers.ts';

const patterns = oneOrMore(text);

/** A host pattern, or a list of them, which is joined. */
export const hostPattern: Reader<Located<string>> = {
  schema: patterns.schema,
  read(tree, site) {
    const [first, ...others] = patterns.read(tree, site) ?? [];
    if (!first || others.length === 0) return first;
    // Between commas a colon has no special meaning, so the colons of intersections and exclusions become commas too.
    const parts = [first, ...others].map(({ value }) => value.replaceAll(/:(?=[&!])/g, ','));
    return { value: parts.join(','), range: tree.range };
  },
};

const SHARE = /^([1-9]\d?|100)%$/;

const batchSize: Reader<Located<BatchSize>> = scalar<BatchSize>(
  {
    anyOf: [
      { type: 'integer', minimum: 1 },
      { type: 'string', pattern: SHARE.source, examples: ['25%'] },
    ],
  },
  (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return { kind: 'count', hosts: value };
    const percent = SHARE.exec(String(value))?.[1];
    return percent === undefined ? undefined : { kind: 'share', percent: Number(percent) };
  },
);

const sizes = oneOrMore(batchSize);

/** Sizes of batches: one, or a list. */
export const batchSizes: Reader<Located<readonly BatchSize[]>> = {
  schema: sizes.schema,
  read(tree, site) {
    const read = sizes.read(tree, site);
    return read && { value: read.map(({ value }) => value), range: tree.range };
  },
};

/** The entries of a list of tasks, unread. */
export const taskTrees: Reader<readonly Tree[]> = listOf({ schema: { type: 'object' }, read: (tree) => tree });

/** The entries of a list of roles, unread. */
export const roleTrees: Reader<readonly Tree[]> = listOf({
  schema: { anyOf: [text.schema, { type: 'object' }] },
  read: (tree) => tree,
});

/** Names of files. */
export const fileNames: Reader<readonly Located<string>[]> = oneOrMore(text);
