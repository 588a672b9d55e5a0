import { parseDuration } from '../../core/duration.ts';
import type { ValueOf } from '../../core/schema.ts';
import { hereDocument, joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { Outcome, WriteContext } from '../../core/step.ts';
import type { LeafOrder, Orders } from '../../kubeadm/certificates/leaf-order.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { certificatePem } from '../../pki/certificate.ts';
import { COMPOSE_FUNCTIONS } from '../kubeconfig/compose-kubeconfig.ts';
import { placeFunctions } from '../placing/place-functions.ts';
import { carryLeaves, checkStage, closeStage, enterStage, stagedCertificate, stagingArea } from '../placing/staging.ts';
import { makeWithKubeadm } from './kubeadm-maker.ts';
import { makeNatively } from './native-maker.ts';

/** Parameters that define how leaves are made. */
export const MAKING = {
  method: {
    enum: ['auto', 'renew', 'phase', 'native'],
    default: 'auto',
    description:
      'renew and phase use the kubeadm of the host, auto prefers renew; native signs in kplay, which reads the CA key for it',
    'x-default-variable': 'method',
  },
  validity: {
    type: 'string',
    pattern: '^(?=.*[1-9])(\\d+y)?(\\d+w)?(\\d+d)?(\\d+h)?$',
    minLength: 2,
    examples: ['90d'],
    description:
      'how long new certificates are valid, such as 2y or 90d, at most until their CA expires; default: 365 days',
    'x-default-variable': 'validity',
  },
} as const;

const makingSchema = { type: 'object', properties: MAKING, additionalProperties: false } as const;
export type MakingParams = ValueOf<typeof makingSchema>;

/** In milliseconds; undefined for the default of a year. */
export function validityOf({ validity }: MakingParams): number | undefined {
  return validity === undefined ? undefined : parseDuration(validity);
}

/** A master of the play that signs if the host itself has no CA key. */
interface Signer {
  readonly context: WriteContext;
  readonly host: KubeadmHost;
}

export interface Making {
  readonly orders: Orders;
  /** The lifetime of the leaves in milliseconds; undefined for the maker's default. */
  readonly validity: number | undefined;
  /** Scripts that move the leaves from the stage to their places. */
  readonly places: readonly ShellScript[];
  readonly signer?: Signer;
}

/**
 * Makes the ordered leaves in a staging area, checks them there, and moves them to their places. Staging areas are always
 * removed; until the leaves are placed, no file in use has been touched.
 */
export async function makeLeaves(context: WriteContext, host: KubeadmHost, making: Making): Promise<Outcome> {
  const { orders, validity, places, signer } = making;
  const own = stagingArea(context, host);
  const made = signer ? stagingArea(signer.context, signer.host, context.host) : own;
  try {
    if (orders.dialect) await makeWithKubeadm(made, { ...orders, dialect: orders.dialect }, validity);
    else await makeNatively(made, orders.orders);
    const certificates = await checkStage(made, orders.orders);
    if (signer) await carryLeaves(made, own, orders.orders);
    await context.run(sh`set -eu
${enterStage()}
${placeFunctions(host.untouchable)}
${COMPOSE_FUNCTIONS}
${joinScripts(orders.orders.map(appendChain))}
${joinScripts(places)}
`);
    return { evidence: { certificates } };
  } finally {
    await closeStage(own);
    if (signer) await closeStage(made);
  }
}

/** The new certificate was checked on its own; the chain of the old one is appended to it. */
function appendChain({ credential, chain }: LeafOrder): ShellScript {
  if (chain.length === 0) return sh`:`;
  return hereDocument(sh`cat >>${stagedCertificate(credential.name)}`, chain.map(certificatePem).join(''));
}
