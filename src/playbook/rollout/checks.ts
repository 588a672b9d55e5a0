import { keyword } from '../readers/keywords.ts';
import { listOf, type Reader, scalar } from '../readers/reader.ts';
import { natural, seconds } from '../readers/readers.ts';
import { LOCAL_KEYWORDS, localAction } from './local-action.ts';
import { CHECK_KINDS } from './local-kinds.ts';
import type { Check, CheckMoment } from './rollout-model.ts';

const moment = scalar<CheckMoment>({ enum: ['before', 'after'] }, (value) =>
  value === 'before' || value === 'after' ? value : undefined,
);

/** The keys of a check, besides the one that defines it. */
export const CHECK_KEYWORDS = {
  ...LOCAL_KEYWORDS,
  at: keyword('at', 'only before a cluster starts, or only after it has ended; default: both', moment),
  retries: keyword('retries', 'maximum number of repetitions until it passes; default: 3', natural),
  delay: keyword('delay', 'seconds between two attempts; default: 5', seconds),
} as const;

const DEFAULT_RETRIES = 3;
const DEFAULT_DELAY_S = 5;

const CHECK = localAction({ what: 'check', kinds: CHECK_KINDS, keywords: CHECK_KEYWORDS });

/** Checks before a cluster is started, and after it has ended. */
export const checks: Reader<readonly Check[]> = listOf({
  schema: CHECK.schema,
  read(tree, site) {
    const read = CHECK.read(tree, site);
    if (!read) return undefined;
    const { action, values } = read;
    const { at, retries, delay } = values;
    return {
      ...action,
      at: at ? [at.value] : ['before', 'after'],
      retries: retries?.value ?? DEFAULT_RETRIES,
      delayMs: (delay?.value ?? DEFAULT_DELAY_S) * 1000,
    };
  },
});
