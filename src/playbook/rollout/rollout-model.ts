import type { Located, SourceRange } from '../../core/source.ts';
import type { LocalAction } from './local-model.ts';

/** How a play goes through its clusters: `rollout:` of a play, or the whole of a file. */
export interface Rollout {
  /** In order; empty: all clusters are one wave. */
  readonly waves: readonly Wave[];
  /** The order inside a wave: by expiry, soonest first, or by name. */
  readonly order: 'urgency' | 'name';
  /** Of the whole rollout; absent: any number. */
  readonly maxFailed?: Located<Share>;
  /** Checks before each cluster is started, and after it has ended. */
  readonly checks: readonly Check[];
  /** Waves whose name could not be read, which was reported, are missing in `waves`. */
  readonly hasUnreadWaves?: true;
  readonly range: SourceRange;
}

export type CheckMoment = 'before' | 'after';

/** A check on the controller that is repeated until it passes. */
export interface Check extends LocalAction {
  readonly at: readonly CheckMoment[];
  /** The maximum number of repetitions. */
  readonly retries: number;
  /** Milliseconds between two attempts. */
  readonly delayMs: number;
}

/** Clusters that precede others. */
export interface Wave {
  readonly name: Located<string>;
  readonly choice: WaveChoice;
  /** Something in its choice, or the name of another wave that it repeats, was reported: which clusters it is to have is unknown. */
  readonly isUnread?: true;
  /** Milliseconds that its clusters are left alone before they are observed again; absent: they are not. */
  readonly soak?: Located<number>;
  /** It has to be approved. */
  readonly approval?: Located<'manual'>;
  /** Absent: any number. */
  readonly maxFailed?: Located<Share>;
}

/** The clusters of a wave besides those that name it. */
export type WaveChoice =
  | { readonly kind: 'named'; readonly clusters: readonly Located<string>[] }
  /** `KEY=VALUE` */
  | { readonly kind: 'label'; readonly label: Located<string> }
  | { readonly kind: 'size'; readonly size: Located<Share> }
  /** None; in the last wave: all that are left. */
  | { readonly kind: 'rest' };

/** A number of clusters, or a percentage. */
export type Share =
  | { readonly kind: 'count'; readonly clusters: number }
  | { readonly kind: 'share'; readonly percent: number };
