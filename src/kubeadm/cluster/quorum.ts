/** What is known about how many members an etcd has. */
export interface MemberEvidence {
  /** The lengths of complete lists: a member from etcd 3.6 on names all members, and so does a database. */
  readonly listed: readonly number[];
  /** How many were seen at least, by whatever else tells: masters, manifests, members that were met. Removed ones may be among them. */
  readonly seen: readonly number[];
  /** How many there can be at most: a healthy member sees more than half of them. */
  readonly most?: number;
}

/** How many members etcd has. A complete list decides; an old one names fewer than a newer one, so the longest counts. */
export function membersOf({ listed, seen, most = Number.POSITIVE_INFINITY }: MemberEvidence): number {
  return Math.min(Math.max(0, ...(listed.length > 0 ? listed : seen)), most);
}

/** How many of this many members form a quorum. */
export function quorumOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Whether the remaining ones of this many members can agree. */
export function keepsQuorum(members: number, remaining: number): boolean {
  return remaining >= quorumOf(members);
}
