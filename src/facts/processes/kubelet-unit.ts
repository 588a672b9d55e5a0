import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';

/** Whether systemd can start kubelet; `startable` also if systemd does not say, or another program starts it. */
export type KubeletUnit =
  | { readonly state: 'startable' | 'masked' | 'absent' }
  /** The program that its unit starts does not exist, or is not executable. */
  | { readonly state: 'without program'; readonly program: string };

const unitFact: Fact<Record<string, never>, KubeletUnit> = {
  name: 'kubelet_unit',
  summary: 'whether systemd can start kubelet',
  probe: () => ({
    script: sh`s=$(tool systemctl) || exit 0
unit=$("$s" show --property=LoadState,ExecStart kubelet 2>/dev/null) || exit 0
printf '%s\n' "$unit" | grep '^LoadState=' || :
program=$(printf '%s\n' "$unit" | sed -n 's|^ExecStart={ path=\(/[^ ;]*\) ;.*|\1|p' | head -n 1)
[ -z "$program" ] || [ -x "$R$program" ] || printf 'without %s\n' "$program"
`,
  }),
  parse({ stdout }) {
    if (/^LoadState=masked$/m.test(stdout)) return { state: 'masked' };
    if (/^LoadState=not-found$/m.test(stdout)) return { state: 'absent' };
    const program = /^without (.+)$/m.exec(stdout)?.[1];
    return program === undefined ? { state: 'startable' } : { state: 'without program', program };
  },
};

export const kubeletUnit = factRef(unitFact, {});
