import { parseDuration } from '../core/duration.ts';
import type { FactRef } from '../core/fact.ts';
import type { ValueOf } from '../core/schema.ts';
import { sh } from '../core/shell.ts';
import { defineStep, type ReadContext, type Step } from '../core/step.ts';
import type { World } from '../core/world.ts';
import { clientAnswer } from '../facts/client-answer.ts';
import { kubernetesFiles } from '../facts/kubernetes-files.ts';
import { type Nodes, nodes, ownNode } from '../facts/nodes.ts';
import { assess } from '../kubeadm/due.ts';
import type { KubeadmHost } from '../kubeadm/model.ts';
import { ASIDE_DIRECTORY } from '../kubeadm/raw-files.ts';
import { readersOf, servingPorts } from '../kubeadm/restart.ts';
import { asideFiles, asideRemoved } from '../kubeadm/transition.ts';
import { controlPlaneFacts, processOf, servedAt } from './support/control-plane-facts.ts';
import { unproven } from './support/restart-state.ts';

const schema = {
  type: 'object',
  properties: {
    timeout: {
      type: 'string',
      pattern: '^(\\d+h)?(\\d+m)?(\\d+s)?$',
      minLength: 2,
      default: '5m',
      description: 'how long the host may take until everything is proven',
    },
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

/** Kubeconfigs whose user has to be accepted by the API. */
const CLIENTS = ['admin.conf', 'super-admin.conf', 'controller-manager.conf', 'scheduler.conf'] as const;

const step: Step<Params> = {
  name: 'cluster.verify',
  summary: 'prove that the host serves what is on its disk, and that the cluster accepts it',
  details:
    'Each port serves the serial that its file holds (6443, 2379, 2380); etcd, API server, controller-manager and scheduler ' +
    'are healthy; the node is Ready; the API accepts the client certificates. Certificates that were moved aside are ' +
    'removed when all of it is proven. Exit codes and open ports prove nothing here.',
  schema,
  examples: [{ title: 'Wait for up to ten minutes', task: 'cluster.verify: { timeout: 10m }' }],
  needs: (_params, known, host) => [...controlPlaneFacts(known, host.address), nodesFact(known)],
  plan(_params, world, context) {
    const host = world.get(kubernetesFiles);
    if (host.role === 'none') return { action: 'none', reason: 'not a kubeadm host' };
    const aside = asideFiles(host);
    const [first] = aside;
    if (first) {
      return {
        action: 'change',
        changes: [
          {
            kind: 'remove',
            target: ASIDE_DIRECTORY,
            before: { files: aside.length },
            after: null,
            summary: `${aside.length} files that were moved aside, when everything is proven`,
            disruptive: false,
          },
        ],
        after: world.set(kubernetesFiles, asideRemoved(host)),
      };
    }
    const missing = missingProof(world, context.now);
    if (missing === undefined) return { action: 'none', reason: proofText(world) };
    return { action: 'check', expectation: `still to come: ${missing}` };
  },
  async apply(context, params) {
    await prove(context, params);
    await context.run(sh`rm -rf "$R"${ASIDE_DIRECTORY}`);
    return {};
  },
  async check(context, params) {
    await prove(context, params);
    return {};
  },
};

export const clusterVerify = defineStep(step);

/** What the host may ask about nodes: a worker only about itself. */
function nodesFact(known: World): FactRef<Nodes> {
  const host = known.has(kubernetesFiles) ? known.get(kubernetesFiles) : undefined;
  return host?.role === 'worker' && host.nodeName !== undefined ? ownNode(host.nodeName) : nodes;
}

async function prove(context: ReadContext, params: Params): Promise<void> {
  const timeoutMs = parseDuration(params.timeout);
  const world = await context.waitFor('the host to be proven', timeoutMs, async () => {
    const seen = await look(context);
    const missing = missingProof(seen, context.now());
    return missing === undefined ? { done: true, value: seen } : { done: false, state: missing };
  });
  const host = world.get(kubernetesFiles);
  const clients = clientFacts(host);
  await context.waitFor('the API to accept the client certificates', timeoutMs, async () => {
    const answers = await context.observe(clients.map(({ fact }) => fact));
    const rejected = clients.flatMap(({ name, fact }) => {
      const answer = answers.get(fact);
      return answer.state === 'rejected' ? [`${name}: ${answer.reason}`] : [];
    });
    return rejected[0] === undefined ? { done: true, value: undefined } : { done: false, state: rejected[0] };
  });
}

function clientFacts(host: KubeadmHost) {
  return host.credentials.flatMap(({ name, certificatePath, kubeconfig }) =>
    CLIENTS.some((client) => client === name) && kubeconfig?.method === 'embedded'
      ? [{ name, fact: clientAnswer(certificatePath) }]
      : [],
  );
}

async function look(context: ReadContext): Promise<World> {
  const files = await context.observe([kubernetesFiles]);
  const refs: FactRef[] = [...controlPlaneFacts(files, undefined), nodesFact(files)];
  return files.merge(await context.observe(refs.filter(({ key }) => key !== kubernetesFiles.key)));
}

/** What is not proven yet, the deepest cause first; undefined when all is. */
function missingProof(world: World, now: Date): string | undefined {
  const host = world.get(kubernetesFiles);
  const rule = {
    renewBefore: { all: false, milliseconds: 0 } as const,
    now,
    extraNames: [],
    renewed: new Set<never>(),
  };
  const broken = host.credentials.find((credential) => credential.kind !== 'kubelet' && assess(credential, rule).due);
  if (broken) return `${broken.name}: ${assess(broken, rule).reason}`;
  for (const reader of readersOf(host)) {
    const state = unproven(world, reader, now);
    if (state !== undefined) return state;
  }
  return nodeProof(world, host);
}

function nodeProof(world: World, host: KubeadmHost): string | undefined {
  const answer = world.get(nodesFact(world));
  if (answer.state === 'cannot ask') return undefined;
  if (answer.state === 'no answer') return `the API does not answer: ${answer.reason}`;
  const node = answer.nodes.find(({ name }) => name === host.nodeName);
  if (!node) return `the API knows no node ${host.nodeName ?? ''}`;
  return node.ready ? undefined : `node ${node.name} is ${node.status}`;
}

function proofText(world: World): string {
  const host = world.get(kubernetesFiles);
  const ports = servingPorts(host).filter((port) => servedAt(world, port).state === 'serving').length;
  const answer = world.get(nodesFact(world));
  const node = answer.state === 'answered' ? `node ${host.nodeName} Ready` : 'node not asked: no kubectl on the host';
  const unseen = readersOf(host).filter((reader) => processOf(world, reader) === undefined);
  return [
    `${ports} ports serve what is on disk`,
    node,
    ...(unseen.length > 0 ? [`${unseen.join(', ')} not seen as processes`] : []),
  ].join(', ');
}
