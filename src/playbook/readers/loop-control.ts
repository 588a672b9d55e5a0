import type { LoopControl } from '../model.ts';
import { didYouMean } from '../suggest.ts';
import { keyword, namesOf, readKeywords, schemasOf } from './keywords.ts';
import { type Reader, refuse } from './reader.ts';
import { flag, text, variableName } from './readers.ts';
import { conditions, secondsOrTemplate } from './task-readers.ts';
import { reportUnsupported } from './unsupported.ts';

const KEYWORDS = {
  loopVar: keyword('loop_var', 'the variable for the entry, instead of item', variableName),
  label: keyword('label', 'how an entry is shown', text),
  indexVar: keyword('index_var', 'a variable for the index of the entry, from 0', variableName),
  extended: keyword('extended', 'provide ansible_loop, with details of the loop', flag),
  pause: keyword('pause', 'seconds between two entries', secondsOrTemplate),
  breakWhen: keyword(
    'break_when',
    'end the loop after the entry for which this is true; it can use the result of the entry',
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
