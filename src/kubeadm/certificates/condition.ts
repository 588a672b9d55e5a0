/** The state of a leaf certificate, as `kplay check` shows it. */
export type Condition =
  | 'good'
  | 'planned'
  | 'expiring'
  | 'expired'
  | 'not yet valid'
  | 'missing'
  | 'unreadable'
  /** The session may not read it, so its state is unknown. */
  | 'not readable'
  /** The certificate itself is good; whether its key matches is unknown. */
  | 'key not readable'
  | 'key missing'
  | 'key encrypted'
  | 'key mismatch'
  | 'foreign signer'
  /** The CA that signed it has expired, and another one has taken its place. */
  | 'CA expired'
  /** What verifies it demands an extended key usage that it has not. */
  | 'usage missing'
  | 'unsupported key'
  | 'unsupported extension'
  /** It, or a CA between it and its own, is signed in a way that Kubernetes does not verify, as with SHA-1. */
  | 'unsupported signature'
  | 'name missing';

/** What time alone makes of a certificate. */
export type ConditionByTime = Extract<Condition, 'good' | 'expiring' | 'expired' | 'not yet valid'>;

const UNUSABLE: ReadonlySet<Condition> = new Set([
  'missing',
  'unreadable',
  'key missing',
  'key encrypted',
  'key mismatch',
  'foreign signer',
  'usage missing',
  'unsupported key',
  'unsupported extension',
  'unsupported signature',
]);

/** Whether nobody accepts it any more, since its own end has passed or that of its CA. */
export function isOver(condition: Condition): boolean {
  return condition === 'expired' || condition === 'CA expired';
}

/** Whether nothing can use a certificate in this condition, whatever its dates. */
export function isUnusable(condition: Condition): boolean {
  return UNUSABLE.has(condition);
}
