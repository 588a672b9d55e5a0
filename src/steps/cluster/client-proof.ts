import { type ReadContext, StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { clientAnswer } from '../../facts/api/client-answer.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { type ClientFault, clientFault } from './client-fault.ts';
import { CLIENTS } from './client-gate.ts';
import { clockWatch } from './clock-watch.ts';
import { gap, NOTHING, type Proof } from './cluster-proof.ts';

/** How long a fault that is not in the file may last: a proxy may have to start with everything else. */
const PATIENCE_MS = 60_000;

/**
 * Watches for a kubeconfig that cannot be used although the API server of the host is healthy, for which waiting does not
 * help.
 * @returns a function to be called at each poll with what is at fault. It throws a StepFailure once that is certain
 */
export function clientWatch({ now }: Pick<ReadContext, 'now'>) {
  let since: number | undefined;
  return (fault: ClientFault | undefined): void => {
    const at = now().getTime();
    since = fault ? (since ?? at) : undefined;
    if (!fault || since === undefined || (fault.lies !== 'in file' && at - since < PATIENCE_MS)) return;
    throw new StepFailure(fault.code, fault.message, { remedy: fault.remedy });
  };
}

/** Proves that the API accepts the client certificates. @param world the files of the host, and the health of its API server */
export async function proveClients(context: ReadContext, world: World, timeoutMs: number): Promise<Proof> {
  const clients = clientFacts(world.get(kubernetesFiles));
  if (clients.length === 0) return NOTHING;
  const watchClock = clockWatch(context);
  const watchClient = clientWatch(context);
  return context.waitFor('the API to accept the client certificates', timeoutMs, async () => {
    const answers = await context.observe(clients.map(({ fact }) => fact));
    const responses = clients.map(({ credential, fact }) => ({ credential, answer: answers.get(fact) }));
    for (const { credential, answer } of responses) {
      if (answer.state !== 'rejected') continue;
      const missing = `${credential.name}: ${answer.reason}`;
      await watchClock(missing);
      watchClient(clientFault(world, credential, answer.reason));
      return { done: false, state: missing };
    }
    const unasked = responses.flatMap(({ credential, answer }) =>
      answer.state === 'cannot ask' ? [gap(`that the API accepts ${credential.name}: ${answer.reason}`)] : [],
    );
    const accepted = clients.length - unasked.length;
    return {
      done: true,
      value: { proven: accepted > 0 ? [`${accepted} client certificates accepted`] : [], gaps: unasked },
    };
  });
}

function clientFacts(host: KubeadmHost) {
  return host.credentials.flatMap((credential) =>
    CLIENTS.some((client) => client === credential.name) && credential.kubeconfig?.method === 'embedded'
      ? [{ credential, fact: clientAnswer(credential.certificatePath) }]
      : [],
  );
}
