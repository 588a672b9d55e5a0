import type { Located, SourceRange } from '../../core/source.ts';
import type { LocalAction } from './local-model.ts';

/** How a play goes through its clusters: `rollout:` of a play, or the whole of a file. */
export interface Rollout {
  /** In order; empty: all clusters are one wave. */
  readonly waves: readonly Wave[];
  /** Inside a wave: what expires first goes first, or by name. */
  readonly order: 'urgency' | 'name';
  /** Of the whole rollout; absent: any number. */
  readonly maxFailed?: Located<Share>;
  /** What has to be so before each cluster is begun, and after it has ended. */
  readonly checks: readonly Check[];
  readonly range: SourceRange;
}

export type CheckMoment = 'before' | 'after';

/** Something that is asked on the machine of kplay, again and again until it passes. */
export interface Check extends LocalAction {
  readonly at: readonly CheckMoment[];
  /** How often it is repeated at most. */
  readonly retries: number;
  /** Milliseconds between two attempts. */
  readonly delayMs: number;
}

/** Clusters that go before others. */
export interface Wave {
  readonly name: Located<string>;
  readonly choice: WaveChoice;
  /** Milliseconds that its clusters are left alone before they are looked at again; absent: they are not. */
  readonly soak?: Located<number>;
  /** Somebody has to let it begin. */
  readonly approval?: Located<'manual'>;
  /** Absent: any number. */
  readonly maxFailed?: Located<Share>;
}

/** Which clusters a wave has besides those that name it. */
export type WaveChoice =
  | { readonly kind: 'named'; readonly clusters: readonly Located<string>[] }
  /** `KEY=VALUE` */
  | { readonly kind: 'label'; readonly label: Located<string> }
  | { readonly kind: 'size'; readonly size: Located<Share> }
  /** None; of the last wave: all that are left. */
  | { readonly kind: 'rest' };

/** So many clusters, or so many percent of them. */
export type Share =
  | { readonly kind: 'count'; readonly clusters: number }
  | { readonly kind: 'share'; readonly percent: number };
