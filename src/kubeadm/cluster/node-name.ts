import type { RefusePlan } from '../../core/plan.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { trustPath } from '../../pki/chain.ts';
import { nameParts } from '../../pki/name.ts';
import type { Credential } from '../host/model.ts';

/** Evidence for the name of a host's node in the cluster. */
export interface NodeEvidence {
  /** The claim of the host's own files, which whoever has taken the host over may have written. */
  readonly claimed: string | undefined;
  /** The name given by the user. */
  readonly given: string | undefined;
  /** The host's name in the inventory, and its address. */
  readonly inventoryNames: readonly string[];
  /** Names that belong to other hosts, in lower case, and to which. */
  readonly taken: ReadonlyMap<string, string>;
  /** The same for hosts with nothing but their own claim. */
  readonly claimedByOthers: ReadonlyMap<string, string>;
  /** Why the host's old certificate does not prove the name; undefined if it does. */
  readonly unproven: string | undefined;
}

/** A name of an object of Kubernetes: a subdomain of RFC 1123. */
export const NODE_NAME = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
const MAX_LENGTH = 253;

/**
 * The name of a worker's node, if it is reliable enough for another host to sign a certificate in this name. That is so if the user or the
 * inventory gives it, or a certificate that the CA has signed and whose key the host has. A name of another host is always refused.
 */
export function nodeNameOf(evidence: NodeEvidence): { readonly nodeName: string } | RefusePlan {
  const { claimed, given, inventoryNames, taken, claimedByOthers, unproven } = evidence;
  const nodeName = given ?? claimed;
  if (nodeName === undefined) return refusal('nothing on the host contains the name of its node');
  if (nodeName.length > MAX_LENGTH || !new RegExp(NODE_NAME).test(nodeName))
    return refusal(`the host claims that its node is called ${JSON.stringify(nodeName)}, which is not a node name`);
  const isInventorys = inventoryNames.some((name) => name.toLowerCase() === nodeName);
  const owner = taken.get(nodeName) ?? (given || isInventorys ? undefined : claimedByOthers.get(nodeName));
  if (owner !== undefined) {
    return refusal(
      given === undefined
        ? `the host claims that its node is called ${nodeName}, which is ${owner}`
        : `node_name says ${nodeName}, which is ${owner}`,
    );
  }
  if (given !== undefined || isInventorys || unproven === undefined) return { nodeName };
  return refusal(`only the host itself claims that its node is called ${nodeName}`, [['not proven', unproven]]);
}

/**
 * Why a certificate does not prove that its holder is the node; undefined if it does. It has to prove that to every master, because one of
 * them may be a false master with a CA of its own.
 * @param masters for each master the CAs that it trusts
 */
export function unprovenNode(
  { holding }: Credential,
  nodeName: string,
  masters: readonly (readonly Certificate[])[],
): string | undefined {
  if (holding.state !== 'present') return 'it has no readable kubelet certificate';
  const { certificate, chain } = holding;
  if (masters.length === 0) return 'no master of its cluster is in the play, so its old certificate cannot be verified';
  if (!masters.every((authorities) => trustPath(certificate, chain, authorities)))
    return 'the CA of the masters has not signed its old certificate';
  const parts = nameParts(certificate.subject.text).toSorted();
  return parts.join() === `CN=system:node:${nodeName},O=system:nodes`
    ? undefined
    : `its old certificate is not a kubelet’s: ${certificate.subject.text}`;
}

function refusal(reason: string, details: RefusePlan['details'] = []): RefusePlan {
  return {
    action: 'refuse',
    code: 'node-name',
    reason,
    remedy:
      'no certificate is signed for it: check that nobody has tampered with its kubelet’s files, then set node_name for the host in ' +
      'the inventory to its name in kubectl get nodes',
    ...(details.length > 0 && { details }),
  };
}
