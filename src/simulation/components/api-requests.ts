import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Component } from '../../kubeadm/table.ts';
import { formatVersion } from '../../kubeadm/version.ts';
import { type Certificate, readCertificate } from '../../pki/certificate.ts';
import { answerSecret, answerSigningRequest, SECRETS_PATH, SIGNING_REQUESTS_PATH } from './bootstrap-requests.ts';
import type { ComponentContext } from './component.ts';
import { answerObjects, isObjectList } from './object-lists.ts';
import { refuse, send } from './responses.ts';

/** Groups and users that may read all nodes; a kubelet may read its own. */
const NODE_READERS = {
  groups: ['system:masters', 'kubeadm:cluster-admins'],
  users: ['system:kube-controller-manager', 'system:kube-scheduler'],
};

/** The answer of RBAC and the node authorizer to those who may not read all nodes. */
function forbiddenNodes(user: string): string {
  const own = /^system:node:(.+)$/.exec(user)?.[1];
  const why = own === undefined ? '' : `: node '${own}' cannot read all nodes, only its own Node object`;
  return `nodes is forbidden: User "${user}" cannot list resource "nodes" in API group "" at the cluster scope${why}`;
}

const LEADERS: readonly Component[] = ['kube-controller-manager', 'kube-scheduler'];

/** The path of a SelfSubjectAccessReview; the simulated kubectl puts its question into the query. */
export const REVIEW_PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** Those who may access kubelets according to kubeadm's own bindings. */
const KUBELET_CLIENTS = { groups: NODE_READERS.groups, users: ['kube-apiserver-kubelet-client'] };

/** The client: anonymous, known, or with a certificate that is not accepted. */
type Client =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'user'; readonly certificate: Certificate };

const NODE_LEASE = /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/kube-node-lease\/leases\/([^/]+)$/;

/** Answers requests to an API server: health, version, nodes, and those for bootstrapping. */
export class ApiRequests {
  readonly #context: ComponentContext;
  readonly #askEtcd: () => Promise<string | undefined>;

  /** `askEtcd` returns the problem of etcd, or undefined. */
  constructor(context: ComponentContext, askEtcd: () => Promise<string | undefined>) {
    this.#context = context;
    this.#askEtcd = askEtcd;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const client = clientOf(request.socket as TLSSocket);
    const [path = ''] = (request.url ?? '').split('?');
    if (client.kind === 'rejected') return refuse(response, 401, 'Unauthorized', 'Unauthorized');
    const [, name] = /^\/api\/v1\/nodes(?:\/([^/]+))?$/.exec(path) ?? [undefined];
    if (path.startsWith('/api/v1/nodes')) return this.#answerNodes(client, name, response);
    const [, holder] = NODE_LEASE.exec(path) ?? [];
    if (holder !== undefined) return this.#answerNodeLease(client, holder, response);
    if (path.startsWith(SECRETS_PATH)) return this.#answerSecret(client, request, response);
    if (request.method === 'GET' && isObjectList(path)) {
      if (isAdministrator(client)) return answerObjects(this.#context, path, response);
      return refuse(response, 403, 'Forbidden', `${path} is forbidden: User "${userOf(client)}"`);
    }
    switch (path) {
      case SIGNING_REQUESTS_PATH:
        return answerSigningRequest(this.#context, request, response);
      case '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases':
        return this.#answerLeases(client, response);
      case REVIEW_PATH:
        return answerReview(client, new URL(request.url ?? '', 'https://api').searchParams, response);
      case '/livez':
        return void response.end('ok');
      case '/version':
        return send(response, { major: '1', gitVersion: formatVersion(this.#context.host.cluster.version) });
      case '/readyz':
        // Older versions do not have this path.
        if (this.#context.host.cluster.version.minor < 16) return refuse(response, 404, 'NotFound', path);
        return this.#answerHealth(response);
      case '/healthz':
        return this.#answerHealth(response);
      default:
        return refuse(response, 404, 'NotFound', 'the server could not find the requested resource');
    }
  }

  async #answerHealth(response: ServerResponse): Promise<void> {
    const problem = await this.#askEtcd();
    response.statusCode = problem === undefined ? 200 : 500;
    response.end(problem === undefined ? 'ok' : `[+]ping ok\n[-]etcd failed: ${problem}\nreadyz check failed\n`);
  }

  /** kubeadm's own bindings allow only administrators. */
  async #answerSecret(client: Client, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAdministrator(client))
      return refuse(response, 403, 'Forbidden', `secrets is forbidden: User "${userOf(client)}"`);
    return answerSecret(this.#context, request, response);
  }

  /** The leader renews its lease all the time. */
  #answerLeases(client: Client, response: ServerResponse): void {
    if (!readsAllNodes(client)) {
      refuse(response, 403, 'Forbidden', `leases is forbidden: User "${userOf(client)}"`);
      return;
    }
    const renewTime = this.#context.clock().toISOString();
    const items = LEADERS.flatMap((name) => {
      const holder = this.#context.members.leader(name);
      return holder === undefined
        ? []
        : [
            {
              metadata: { name },
              spec: { holderIdentity: `${holder}_8a4ba4f2-0000-4000-8000-000000000000`, renewTime },
            },
          ];
    });
    send(response, { kind: 'LeaseList', apiVersion: 'coordination.k8s.io/v1', items });
  }

  /** kubelet renews the lease of its node all the time, while it is well. */
  #answerNodeLease(client: Client, name: string, response: ServerResponse): void {
    const user = userOf(client);
    if (!readsAllNodes(client) && user !== `system:node:${name}`)
      return void refuse(response, 403, 'Forbidden', `leases "${name}" is forbidden: User "${user}"`);
    const isRenewed = this.#context.members.nodes().some((node) => node.name === name && node.isReady);
    if (!isRenewed) return void refuse(response, 404, 'NotFound', `leases.coordination.k8s.io "${name}" not found`);
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: this.#context.clock().toISOString() };
    send(response, { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: { name }, spec });
  }

  /** All nodes, or the one with this name. */
  async #answerNodes(client: Client, name: string | undefined, response: ServerResponse): Promise<void> {
    const user = userOf(client);
    if (!readsAllNodes(client) && (name === undefined || user !== `system:node:${name}`)) {
      return refuse(response, 403, 'Forbidden', forbiddenNodes(user));
    }
    const problem = await this.#askEtcd();
    if (problem !== undefined) return refuse(response, 500, 'InternalError', 'etcdserver: request timed out');
    const items = this.#context.members.nodes().map(nodeObject);
    if (name === undefined) return send(response, { kind: 'NodeList', apiVersion: 'v1', items });
    const item = items.find(({ metadata }) => metadata.name === name);
    return item ? send(response, item) : refuse(response, 404, 'NotFound', `nodes "${name}" not found`);
  }
}

function clientOf(socket: TLSSocket): Client {
  const { raw } = socket.getPeerX509Certificate() ?? {};
  if (!raw) return { kind: 'anonymous' };
  return socket.authorized ? { kind: 'user', certificate: readCertificate(raw) } : { kind: 'rejected' };
}

function userOf(client: Client): string {
  return client.kind === 'user' ? (client.certificate.subject.commonName ?? '') : 'system:anonymous';
}

function isAdministrator(client: Client): boolean {
  return (
    client.kind === 'user' &&
    client.certificate.subject.organizations.some((name) => NODE_READERS.groups.includes(name))
  );
}

function readsAllNodes(client: Client): boolean {
  return isAdministrator(client) || NODE_READERS.users.includes(userOf(client));
}

/** Whether the user whom an administrator impersonates may do something to kubelets. */
function answerReview(client: Client, query: URLSearchParams, response: ServerResponse): void {
  if (!readsAllNodes(client)) {
    refuse(response, 403, 'Forbidden', `User "${userOf(client)}" cannot impersonate`);
    return;
  }
  const isBound =
    KUBELET_CLIENTS.users.includes(query.get('user') ?? '') ||
    query.getAll('group').some((group) => KUBELET_CLIENTS.groups.includes(group));
  const allowed = isBound && query.get('resource') === 'nodes/proxy';
  send(response, { kind: 'SelfSubjectAccessReview', status: { allowed } });
}

function nodeObject({ name, isMaster, isReady, version }: ReturnType<ComponentContext['members']['nodes']>[number]) {
  return {
    kind: 'Node',
    metadata: { name, labels: isMaster ? { 'node-role.kubernetes.io/control-plane': '' } : {} },
    status: {
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'Unknown' }],
      nodeInfo: { kubeletVersion: version },
    },
  };
}
