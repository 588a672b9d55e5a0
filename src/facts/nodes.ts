import { type Fact, type FactRef, factRef } from '../core/fact.ts';
import { type ShellScript, sh } from '../core/shell.ts';

/** The nodes of the cluster as its API tells an administrator. */
export type Nodes =
  | { readonly state: 'answered'; readonly nodes: readonly Node[] }
  /** The API is down, or does not accept the certificate. */
  | { readonly state: 'no answer'; readonly reason: string }
  | { readonly state: 'cannot ask'; readonly reason: string };

export interface Node {
  readonly name: string;
  /** `Ready`, `NotReady`, `Ready,SchedulingDisabled` */
  readonly status: string;
  readonly ready: boolean;
}

/**
 * `kubectl` of the host with one of its kubeconfigs. A master asks its own API server, whose address controller-manager.conf
 * holds: a balancer would answer for another one, or keep a request that nobody takes.
 */
export function kubectl(kubeconfig: string, words: ShellScript): ShellScript {
  return sh`kubectl=$(tool kubectl) || { echo 'there is no kubectl on the host' >&2; exit ${NO_KUBECTL}; }
own=$(sed -n 's/^ *server: *//p' "$R"/etc/kubernetes/controller-manager.conf 2>/dev/null | head -n 1)
"$kubectl" --kubeconfig "$R"${kubeconfig} \${own:+--server "$own"} --request-timeout=5s ${words} </dev/null
`;
}

/** Exit status by which `kubectl` says that it is not there. */
export const NO_KUBECTL = 97;

const nodesFact: Fact<{ readonly kubeconfig: string }, Nodes> = {
  name: 'nodes',
  summary: 'nodes of the cluster and whether they are Ready',
  probe: ({ kubeconfig }) => ({ script: kubectl(kubeconfig, sh`get nodes --no-headers`) }),
  parse({ stdout, stderr, exitCode }) {
    if (exitCode === NO_KUBECTL) return { state: 'cannot ask', reason: 'there is no kubectl on the host' };
    if (exitCode !== 0) return { state: 'no answer', reason: lastLine(stderr) || `kubectl ended with ${exitCode}` };
    const nodes = stdout.split('\n').flatMap((line): readonly Node[] => {
      const [name, status] = line.trim().split(/\s+/);
      if (!name || !status) return [];
      return [{ name, status, ready: status.split(',')[0] === 'Ready' }];
    });
    return { state: 'answered', nodes };
  },
};

/** The nodes, asked with a kubeconfig of the host (a path on it). */
export function nodes(kubeconfig: string): FactRef<Nodes> {
  return factRef(nodesFact, { kubeconfig });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
