import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { formatVersion, parseVersion } from '../../kubeadm/version.ts';

/** Programs of a host that administrators ask about; undefined if missing, or if it does not tell its version. */
export interface HostPrograms {
  /** `v1.29.4` */
  readonly kubelet: string | undefined;
  /** `3.0.13` */
  readonly openssl: string | undefined;
  /** The program behind sh according to the kernel: `dash`, `busybox`. */
  readonly shell: string | undefined;
}

const programsFact: Fact<Record<string, never>, HostPrograms> = {
  name: 'host_programs',
  summary: 'versions of kubelet and openssl, and which shell is sh',
  probe: () => ({
    script: sh`shell=$(readlink /proc/$$/exe 2>/dev/null)
echo "shell \${shell##*/}"
! kubelet=$(tool kubelet) || echo "kubelet $("$kubelet" --version 2>/dev/null | head -n 1)"
! openssl=$(tool openssl) || echo "openssl $("$openssl" version 2>/dev/null | head -n 1)"
`,
  }),
  parse({ stdout }) {
    const value = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(stdout)?.[1] ?? '';
    const kubelet = parseVersion(value('kubelet'));
    return {
      kubelet: kubelet && formatVersion(kubelet),
      openssl: /(?<!\d)\d{1,9}\.\d{1,9}\.\d{1,9}\w{0,9}/.exec(value('openssl'))?.[0],
      shell: value('shell').trim() || undefined,
    };
  },
};

export const hostPrograms = factRef(programsFact, {});
