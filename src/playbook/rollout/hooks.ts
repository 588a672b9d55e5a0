import type { JsonSchema } from '../../core/schema.ts';
import { listOf, type Reader } from '../readers/reader.ts';
import { LOCAL_KEYWORDS, localAction } from './local-action.ts';
import { HOOK_KINDS } from './local-kinds.ts';
import type { LocalAction } from './local-model.ts';

const HOOK = localAction({ what: 'hook', kinds: HOOK_KINDS, keywords: LOCAL_KEYWORDS });

/** The JSON Schema of a hook. */
export const HOOK_SCHEMA: JsonSchema = HOOK.schema;

/** Actions on the controller at certain points of a play. */
export const hooks: Reader<readonly LocalAction[]> = listOf({
  schema: HOOK_SCHEMA,
  read: (tree, site) => HOOK.read(tree, site)?.action,
});
