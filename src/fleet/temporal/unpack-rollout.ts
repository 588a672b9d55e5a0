import { SourceFile } from '../../core/source.ts';
import type { Rollout } from '../../playbook/rollout-model.ts';

/** What `packRollout` has made. Everything in it has the same place, which nobody is shown. */
export function unpackRollout(text: string): Rollout {
  const range = new SourceFile('rollout', '').range(0, 0);
  const rollout: unknown = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'value' in value ? { ...value, range } : value,
  );
  return { ...(rollout as Omit<Rollout, 'range'>), range };
}
