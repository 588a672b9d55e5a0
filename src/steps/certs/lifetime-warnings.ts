import { DAY_MS } from '../../core/duration.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { LeafOrder } from '../../kubeadm/certificates/leaf-order.ts';

/** How many times as long the old one lasted: more than rounding or a leap year explains. */
const MUCH_LONGER = 1.5;

/**
 * Warns if the new certificates are valid for a much shorter time than the old ones, for instance because those were made with
 * another kubeadm or with a custom validity. Who relies on ten years would otherwise be surprised after one.
 */
export function lifetimeWarnings(
  orders: readonly LeafOrder[],
  { validity, now }: { readonly validity: string | undefined; readonly now: Date },
): readonly PlanWarning[] {
  if (validity !== undefined) return [];
  const [longest] = orders
    .map((order) => ({ order, lasted: oldLifetimeMs(order), lasts: order.notAfter - now.getTime() }))
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
  return `${Math.round(milliseconds / DAY_MS)}d`;
}

/**
 * A lower bound: older kubeadms backdated leaves to the start of their CA, so a later modification time of the file counts as
 * the beginning.
 */
function oldLifetimeMs({ old, credential: { files, certificatePath, aside } }: LeafOrder): number {
  if (!old) return 0;
  const file = [...files, ...(aside?.files ?? [])].find(({ path }) => path.endsWith(certificatePath));
  return old.notAfter - Math.max(old.notBefore, (file?.modifiedAt ?? Number.POSITIVE_INFINITY) * 1000);
}

function endsWithAuthority({ notAfter, credential: { authorityEnd } }: LeafOrder): boolean {
  return authorityEnd !== undefined && notAfter >= authorityEnd;
}
