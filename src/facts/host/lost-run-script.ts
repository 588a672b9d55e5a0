import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { LOCK_FUNCTIONS } from './host-lock.ts';

/** What became of the script with which a host puts back what a lost run has left half done. */
export type LostRunScript =
  /** There is none, or it is a run's that is at work. */
  | 'none'
  /** It was carried out and has failed. */
  | 'failed'
  /** Nobody has carried it out: the next start of the host will. */
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
    const said = stdout.trim();
    return said === 'failed' || said === 'waiting' ? said : 'none';
  },
};

/** What became of the script for lost runs; a session that is not root need not see it. */
export const lostRunScript = factRef(lostRunScriptFact, {});
