import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { LOCK_FUNCTIONS } from './host-lock.ts';

/** The state of the script with which a host restores what a lost run has left half done. */
export type LostRunScript =
  /** There is none, or it belongs to a running run. */
  | 'none'
  /** It has run and failed. */
  | 'failed'
  /** It has not run: the next boot of the host will run it. */
  | 'waiting';

const lostRunScriptFact: Fact<Record<string, never>, LostRunScript> = {
  name: 'lost_run_script',
  summary: 'whether the host has yet to restore itself after a lost run',
  probe: () => ({
    script: sh`d="$R"/var/lib/kplay
[ -d "$d" ] || exit 0
${LOCK_FUNCTIONS}
if [ -f "$d"/when-lost.failed ]; then echo failed
elif [ -f "$d"/when-lost ] && ! held >/dev/null; then echo waiting
fi
`,
  }),
  parse({ stdout }) {
    const output = stdout.trim();
    return output === 'failed' || output === 'waiting' ? output : 'none';
  },
};

/** The state of the script for lost runs; a session that is not root may not see it. */
export const lostRunScript = factRef(lostRunScriptFact, {});
