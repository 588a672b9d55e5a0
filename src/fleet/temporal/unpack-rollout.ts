import { SourceFile } from '../../core/source.ts';
import type { Check } from '../../playbook/rollout/rollout-model.ts';
import type { KnownRollout } from '../rollout/rollout-request.ts';

/** A rollout that has gone through the server: what its checks do is known to workers alone. */
export type UnpackedRollout = KnownRollout<Pick<Check, 'name' | 'at' | 'retries' | 'delayMs'>>;

/** What `packRollout` has made. Everything in it has the same place, which nobody is shown. */
export function unpackRollout(text: string): UnpackedRollout {
  const range = new SourceFile('rollout', '').range(0, 0);
  const rollout: unknown = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'value' in value ? { ...value, range } : value,
  );
  return { ...(rollout as Omit<UnpackedRollout, 'range'>), range };
}
