import type { ValueOf } from '../../core/schema.ts';
import { parseDuration } from '../../core/duration.ts';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { WriteContext } from '../../core/step.ts';
import type { Orders } from '../../kubeadm/leaf-order.ts';
import type { KubeadmHost } from '../../kubeadm/model.ts';
import { makeWithKubeadm } from './kubeadm-maker.ts';
import { makeNatively } from './native-maker.ts';
import { PLACE_FUNCTIONS } from './placing.ts';
import { checkStage, closeStage, STAGE } from './staging.ts';

/** Parameters that say how leaves are made. */
export const MAKING = {
  method: {
    enum: ['auto', 'renew', 'phase', 'native'],
    default: 'auto',
    description:
      'renew and phase drive the kubeadm of the host, auto prefers renew; native signs in kplay itself and reads the CA key for it',
    'x-default-variable': 'method',
  },
  validity: {
    type: 'string',
    pattern: '^(\\d+y)?(\\d+w)?(\\d+d)?(\\d+h)?$',
    minLength: 2,
    description: 'how long new certificates last, at most as long as their CA; a year of 365 days when absent',
    'x-default-variable': 'validity',
  },
} as const;

const making = { type: 'object', properties: MAKING, additionalProperties: false } as const;
export type MakingParams = ValueOf<typeof making>;

export function validityOf({ validity }: MakingParams): number | undefined {
  return validity === undefined ? undefined : parseDuration(validity);
}

/**
 * Makes the ordered leaves in the stage, checks them there, and runs `places`, which take them to where they belong. The
 * stage is cleared whatever happens; until `places` begin nothing in use has been touched.
 */
export async function makeLeaves(
  context: WriteContext,
  host: KubeadmHost,
  orders: Orders,
  validity: number | undefined,
  places: readonly ShellScript[],
): Promise<void> {
  try {
    if (orders.dialect) await makeWithKubeadm(context, host, { ...orders, dialect: orders.dialect }, validity);
    else await makeNatively(context, host, orders.orders);
    await checkStage(context, host, orders.orders);
    await context.run(sh`set -eu
${STAGE}
${PLACE_FUNCTIONS}
${joinScripts(places)}
`);
  } finally {
    if (!context.signal.aborted) await context.run(closeStage(), { mayFail: true }).catch(() => undefined);
  }
}
