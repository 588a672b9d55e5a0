import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { kubectl, kubectlMessage, NO_KUBECTL } from './nodes.ts';

/** Whether the API accepts the client certificate of a kubeconfig. */
export type ClientAnswer =
  | { readonly state: 'accepted' }
  | { readonly state: 'rejected'; readonly reason: string }
  | { readonly state: 'cannot ask'; readonly reason: string };

const clientFact: Fact<{ readonly kubeconfig: string }, ClientAnswer> = {
  name: 'client_answer',
  summary: 'whether the API accepts the client certificate of a kubeconfig',
  // Everybody may ask for the version, but not with a certificate that the API server rejects.
  probe: ({ kubeconfig }) => ({ script: kubectl(kubeconfig, sh`get --raw /version`) }),
  parse({ stderr, exitCode }) {
    if (exitCode === 0) return { state: 'accepted' };
    if (exitCode === NO_KUBECTL) return { state: 'cannot ask', reason: 'there is no kubectl on the host' };
    return { state: 'rejected', reason: kubectlMessage({ stderr, exitCode }) };
  },
};

/** Whether the API accepts the user of this kubeconfig (a path on the host). */
export function clientAnswer(kubeconfig: string): FactRef<ClientAnswer> {
  return factRef(clientFact, { kubeconfig });
}
