import type { JsonSchema } from '../../core/schema.ts';
import type { Located } from '../../core/source.ts';
import type { Tree } from '../../core/yaml/yaml.ts';
import type { DocumentedStep } from '../catalogue.ts';
import { parameters } from '../parameters/parameters-schema.ts';
import { readParams } from '../parameters/params.ts';
import { type Keywords, keyword, namesOf, readKeywords, schemasOf, type Values } from '../readers/keywords.ts';
import { type Reader, refuse } from '../readers/reader.ts';
import { text } from '../readers/readers.ts';
import { didYouMean } from '../suggest.ts';
import type { LocalAction } from './local-model.ts';

const asWritten: Reader<Tree> = { schema: {}, read: (tree) => tree };

/** The keys of an action on the controller, besides the one that defines it. */
export const LOCAL_KEYWORDS = { name: keyword('name', 'its name in the output', text) } as const;

/** A class of actions on the controller: their kinds and other keys. */
interface Local<K extends Keywords> {
  /** Its name in messages: `hook`. */
  readonly what: string;
  readonly kinds: ReadonlyMap<string, DocumentedStep>;
  readonly keywords: K;
}

/** Reads an action: a mapping with one of the kinds. @returns it with the values of its other keys */
export function localAction<K extends Keywords & typeof LOCAL_KEYWORDS>({
  what,
  kinds,
  keywords,
}: Local<K>): Reader<{ readonly action: LocalAction; readonly values: Values<K> }> {
  const kindProperties = Object.fromEntries(
    [...kinds].map(([kind, { summary }]) => [kind, keyword(kind, summary, asWritten)] as const),
  );
  const all = { ...keywords, ...kindProperties };
  const schema: JsonSchema = {
    anyOf: [...kinds].map(([kind, step]) => ({
      type: 'object',
      properties: { ...schemasOf(keywords), [kind]: parameters(step) },
      required: [kind],
      additionalProperties: false,
    })),
  };
  const names = [...kinds.keys()];
  const alternatives = `a ${what} is either ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return {
    schema,
    read(tree, site) {
      const { problems } = site;
      if (tree.kind !== 'mapping')
        return refuse(schema, tree, site, `write ${names.map((name) => `- ${name}:`).join(' or ')}`);
      const { values, others } = readKeywords(tree, all, problems);
      for (const { key, keyRange } of others)
        problems.error(`unknown key '${key}' of a ${what}`, keyRange, didYouMean(key, namesOf(all), `a ${what} has`));
      const [first, second] = tree.entries.filter(({ key }) => kinds.has(key));
      if (!first || second) {
        if (others.length === 0 || second)
          problems.error(alternatives, (second ?? tree.entries[0])?.keyRange ?? tree.range, 'give it one of them');
        return undefined;
      }
      const kind: Located<string> = { value: first.key, range: first.keyRange };
      const found = kinds.get(first.key)?.schema;
      const params = found && readParams(kind, first.value, found, problems);
      const { name } = values as Values<typeof LOCAL_KEYWORDS>;
      return params && { action: { name: name ?? kind, kind, params, range: tree.range }, values: values as Values<K> };
    },
  };
}
