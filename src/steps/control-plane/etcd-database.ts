import type { FactRef } from '../../core/fact.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { filePart } from '../../facts/files/file-part.ts';
import { membersInDatabase } from '../../kubeadm/cluster/etcd-database.ts';
import { databasePathOf, type EtcdPeer } from '../../kubeadm/cluster/etcd-peers.ts';

/** What the database of a host's etcd says about its members, as far as it has been read. */
interface DatabaseReading {
  /** The next page to read; undefined if there is none. */
  readonly next?: FactRef<string>;
  /** All members, including its own; undefined while unknown, or without a database. */
  readonly members?: readonly EtcdPeer[];
}

/** Continues from the known pages; each page leads to the next. */
export function readDatabase(known: World): DatabaseReading {
  const path = known.has(kubernetesFiles) ? databasePathOf(known.get(kubernetesFiles)) : undefined;
  if (path === undefined) return {};
  const reading = membersInDatabase();
  let turn = reading.next();
  while (!turn.done) {
    const next = filePart({ path, ...turn.value });
    if (!known.has(next)) return { next };
    turn = reading.next(Buffer.from(known.get(next), 'hex'));
  }
  return turn.value ? { members: turn.value } : {};
}
