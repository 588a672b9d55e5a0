import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import type { FoundKubeadm } from '../../kubeadm/driver/kubeadm-driver.ts';
import { parseVersion } from '../../kubeadm/version.ts';

/** The kubeadm installed on the host: it, not the cluster, determines which commands exist. */
export interface KubeadmBinary extends FoundKubeadm {
  /** There is one, with a problem. */
  readonly isBroken?: true;
}

const kubeadmFact: Fact<Record<string, never>, KubeadmBinary> = {
  name: 'kubeadm_binary',
  summary: 'version of the installed kubeadm',
  probe: () => ({
    script: sh`kubeadm=$(tool kubeadm) || { echo none; exit 0; }
# It lives for a moment: collecting its garbage is a fifth of what it costs.
export GOGC=off
"$kubeadm" version -o short 2>&1 || "$kubeadm" version 2>&1
`,
  }),
  parse({ stdout }) {
    if (stdout.trim() === 'none') return { version: undefined, problem: 'there is no kubeadm on the host' };
    // A warning before it may contain an address, which looks like a version.
    const version = parseVersion(/^v\d.*$/m.exec(stdout)?.[0] ?? stdout);
    if (version) return { version, problem: undefined };
    const [said = ''] = stdout.trim().split('\n');
    return { version: undefined, problem: `kubeadm does not print its version: ${said}`, isBroken: true };
  },
};

export const kubeadmBinary = factRef(kubeadmFact, {});
