import type { VarPrompt } from '../model.ts';
import { messageRange } from '../place.ts';
import { didYouMean } from '../suggest.ts';
import { keyword, namesOf, readKeywords, schemasOf } from './keywords.ts';
import { listOf, type Reader, refuse } from './reader.ts';
import { anyScalar, flag, text, variableName } from './readers.ts';

/** The keys of a prompt of a play. */
export const VAR_PROMPT_KEYWORDS = {
  name: keyword('name', 'the variable that gets the answer', variableName),
  prompt: keyword('prompt', 'the question; default: input for NAME', text),
  private: keyword('private', 'do not show or report what is typed; default: true', flag),
  default: keyword('default', 'the value for an empty answer, or without a terminal', anyScalar),
  confirm: keyword('confirm', 'ask twice until both answers match', flag),
} as const;

const schema = {
  type: 'object',
  properties: schemasOf(VAR_PROMPT_KEYWORDS),
  required: [VAR_PROMPT_KEYWORDS.name.name],
  additionalProperties: false,
} as const;

const HASHES = ['encrypt', 'salt', 'salt_size'];

const varPrompt: Reader<VarPrompt> = {
  schema,
  read(tree, site) {
    const { problems } = site;
    if (tree.kind !== 'mapping') return refuse(schema, tree, site, 'write - name: VARIABLE');
    const { values, others } = readKeywords(tree, VAR_PROMPT_KEYWORDS, problems);
    for (const { key, keyRange } of others) {
      if (HASHES.includes(key))
        problems.error(
          `${key} of vars_prompt is not supported`,
          keyRange,
          'remove it: make the hash on the host with a command',
        );
      else if (key === 'unsafe')
        problems.error(
          'unsafe of vars_prompt has no meaning',
          keyRange,
          'remove it: what is typed is never a template',
        );
      else
        problems.error(
          `unknown key '${key}' of ${site.label}`,
          keyRange,
          didYouMean(key, namesOf(VAR_PROMPT_KEYWORDS), 'it takes'),
        );
    }
    const { name, ...rest } = values;
    if (!name) {
      if (!tree.entries.some(({ key }) => key === 'name'))
        problems.error(`${site.label} has no name`, messageRange(tree), 'name the variable that gets the answer');
      return undefined;
    }
    for (const { value, range } of [rest.prompt, asText(rest.default)].filter((one) => one !== undefined))
      if (value.includes('{{'))
        problems.error('a question and its default cannot be templates', range, 'write it without a template');
    return { name, ...rest };
  },
};

function asText(
  tree: VarPrompt['default'],
): { readonly value: string; readonly range: NonNullable<typeof tree>['range'] } | undefined {
  return tree?.kind === 'scalar' && typeof tree.value === 'string'
    ? { value: tree.value, range: tree.range }
    : undefined;
}

/** Variables that the user is asked for. */
export const varPrompts: Reader<readonly VarPrompt[]> = listOf(varPrompt);
