import type { PlanWarning } from '../../core/plan.ts';
import type { LeafOrder } from '../../kubeadm/certificates/leaf-order.ts';

/** The old one lasted for so many times as long: by more than what rounding, or a leap year, can come to. */
const MUCH_LONGER = 1.5;

/**
 * That the new certificates last far shorter than the old ones, as where these were made with another kubeadm or a validity of
 * their own: whoever relies on ten years is otherwise surprised after one.
 */
export function lifetimeWarnings(
  orders: readonly LeafOrder[],
  { validity, now }: { readonly validity: string | undefined; readonly now: Date },
): readonly PlanWarning[] {
  if (validity !== undefined) return [];
  const [longest] = orders
    .map((order) => ({ order, lasted: lastedMs(order), lasts: order.notAfter - now.getTime() }))
    .filter(({ order, lasted, lasts }) => lasted > MUCH_LONGER * lasts && !endsWithAuthority(order))
    .toSorted((a, b) => b.lasted - a.lasted);
  if (!longest) return [];
  const { order, lasted, lasts } = longest;
  return [
    {
      message: `the new certificates last ${days(lasts)}, and the old ${order.credential.name} was made for ${days(lasted)}`,
      remedy: `to keep that, use -e validity=${days(lasted)}, with a kubeadm before 1.31 also -e method=native`,
    },
  ];
}

function days(milliseconds: number): string {
  return `${Math.round(milliseconds / 86_400_000)}d`;
}

/** At least so long: older kubeadms dated leaves back to the birth of their CA, so what has been written later is taken for its beginning. */
function lastedMs({ old, credential: { files, certificatePath, aside } }: LeafOrder): number {
  if (!old) return 0;
  const file = [...files, ...(aside?.files ?? [])].find(({ path }) => path.endsWith(certificatePath));
  return old.notAfter - Math.max(old.notBefore, (file?.modifiedAt ?? Number.POSITIVE_INFINITY) * 1000);
}

function endsWithAuthority({ notAfter, credential: { authorityEnd } }: LeafOrder): boolean {
  return authorityEnd !== undefined && notAfter >= authorityEnd;
}
