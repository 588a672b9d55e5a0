import { SourceFile } from '../../core/source.ts';
import type { Check } from '../../playbook/rollout/rollout-model.ts';
import type { KnownRollout } from '../rollout/rollout-request.ts';

/** A rollout that went through the server: only workers know what its checks do. */
export type UnpackedRollout = KnownRollout<Pick<Check, 'name' | 'at' | 'retries' | 'delayMs'>>;

/** The inverse of `packRollout`. All positions are the same dummy, which is never shown. */
export function unpackRollout(text: string): UnpackedRollout {
  const range = new SourceFile('rollout', '').range(0, 0);
  const rollout: unknown = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'value' in value ? { ...value, range } : value,
  );
  return { ...(rollout as Omit<UnpackedRollout, 'range'>), range };
}
