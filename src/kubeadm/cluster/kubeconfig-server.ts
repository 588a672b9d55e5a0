import { endpointText } from '../../core/endpoint.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { Credential } from '../host/model.ts';
import { patternOf } from '../pattern.ts';
import { KUBECONFIGS } from '../table.ts';
import { type ClusterSettings, clusterVersion } from './cluster-settings.ts';

/** From 1.20 on these two use the API server of their own host (kubernetes/kubernetes#94398). */
const LOCAL_ENDPOINT_MINOR = 20;

/** The server in a kubeconfig that is written from scratch, as kubeadm would. */
export function kubeconfigServer(credential: Credential, settings: ClusterSettings): string {
  const local = endpointText({ address: settings.advertiseAddress, port: settings.bindPort });
  return `https://${isLocal(credential, settings) ? local : (settings.controlPlaneEndpoint ?? local)}`;
}

/** There is no kubeconfig whose lines could be replaced. */
export function isFromScratch({ kind, kubeconfig }: Credential): boolean {
  return kind === 'kubeconfig' && !kubeconfig?.lines;
}

/** Refuses a new leaf for which the address of the load balancer is needed, and not known. */
export function endpointRefusal(credential: Credential, settings: ClusterSettings): RefusePlan | undefined {
  const { endpointUnknown } = settings;
  if (!endpointUnknown) return undefined;
  const isServer = isFromScratch(credential) && !isLocal(credential, settings);
  const isName = credential.name === 'apiserver' && !patternOf(credential);
  if (!isServer && !isName) return undefined;
  return {
    action: 'refuse',
    code: 'endpoint-unknown',
    reason: `a new ${credential.name} needs the address at which the cluster reaches its API (controlPlaneEndpoint), and nothing tells it: admin.conf cannot be read, and kubelet.conf names this host’s own API server, or is missing`,
    remedy: `${endpointUnknown === 'names added' ? 'if what extra_sans adds is no load balancer, run once without it first; otherwise ' : ''}${REMEDY}`,
  };
}

const REMEDY =
  'let the play work on another master or a worker of the cluster too, or put the admin.conf of another master, or one from a backup, in its place, or move a broken one away and make one: kubeadm init phase kubeconfig admin --control-plane-endpoint ADDRESS:PORT (its own address if there is no load balancer); then run again';

function isLocal({ name }: Credential, settings: ClusterSettings): boolean {
  const readBy = KUBECONFIGS.find((row) => row.name === name)?.readBy;
  return readBy !== undefined && clusterVersion(settings).minor >= LOCAL_ENDPOINT_MINOR;
}
