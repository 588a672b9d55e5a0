import type { LoopControl } from '../model.ts';
import { didYouMean } from '../suggest.ts';
import { keyword, namesOf, readKeywords, schemasOf } from './keywords.ts';
import { type Reader, refuse } from './reader.ts';
import { flag, text, variableName } from './readers.ts';
import { conditions, secondsOrTemplate } from './task-readers.ts';
import { reportUnsupported } from './unsupported.ts';

const KEYWORDS = {
  loopVar: keyword('loop_var', 'the variable that holds the entry, in place of item', variableName),
  label: keyword('label', 'what is shown of an entry', text),
  indexVar: keyword('index_var', "a variable that holds the entry's number, from 0", variableName),
  extended: keyword('extended', 'ansible_loop tells more of where the loop is', flag),
  pause: keyword('pause', 'seconds between two entries', secondsOrTemplate),
  breakWhen: keyword(
    'break_when',
    'end the loop behind the entry for which this holds, which sees its result',
    conditions,
  ),
} as const;

const schema = { type: 'object', properties: schemasOf(KEYWORDS), additionalProperties: false } as const;

/** How a loop names and shows its entries. */
export const loopControl: Reader<LoopControl> = {
  schema,
  read(tree, site) {
    if (tree.kind !== 'mapping') return refuse(schema, tree, site);
    const { values, others } = readKeywords(tree, KEYWORDS, site.problems);
    for (const other of others) {
      if (reportUnsupported(other, site.problems)) continue;
      const hint = didYouMean(other.key, namesOf(KEYWORDS), 'it takes');
      site.problems.error(`unknown key '${other.key}' of ${site.label}`, other.keyRange, hint);
    }
    return values;
  },
};
