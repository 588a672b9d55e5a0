import type { EventLine } from '../../core/events/line.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import type { LateCertificate } from '../../core/events/window.ts';
import { hasItsChanges } from '../../core/host-state.ts';
import { isJsonObject } from '../../core/json.ts';
import { nameList } from '../../core/name-list.ts';
import { endOf } from '../../core/plan.ts';
import type { Trouble } from './trouble.ts';

/** When the certificates that a run has put in place on each host expire, by name, in milliseconds since the epoch. */
type NewEnds = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * The troubles of a run with windows, of which its end decides what is left: a run that waits for a window may renew what expires before
 * it, and when it has ended it waits for none any more.
 */
export class WindowTroubles {
  /** The certificates of each trouble about those that expire before a window. */
  readonly #late = new Map<Trouble, readonly LateCertificate[]>();
  /** Troubles about clusters for whose windows the run waits. */
  readonly #awaited = new Set<Trouble>();

  /** Processes the next event of the run. @param trouble what it tells, if it is one */
  take(line: EventLine, trouble: Trouble | undefined): void {
    if (!trouble) return;
    if (line.type === 'window-late') this.#late.set(trouble, line.certificates);
    if (line.type === 'window-shut' && line.waits) this.#awaited.add(trouble);
  }

  /** What is left of each trouble at the end of the run. @param hosts its result, if it could change them */
  atEnd(hosts: readonly HostRecap[]): (trouble: Trouble) => Trouble {
    const ends = newEnds(hosts);
    return (trouble) => {
      const { remedy: _, ...told } = trouble;
      if (this.#awaited.has(trouble)) return told;
      const certificates = this.#late.get(trouble);
      return certificates ? withoutRenewed(trouble, certificates, ends) : trouble;
    };
  }
}

function newEnds(hosts: readonly HostRecap[]): NewEnds {
  return new Map(
    hosts.filter(hasItsChanges).map(({ host, changes }) => {
      const ends = new Map<string, number>();
      for (const { target, after } of changes) {
        const end = endOf(after);
        // What a task has put back, as one of a rescue, is not renewed any more.
        if (isJsonObject(after) && after['restored'] !== undefined) ends.delete(target);
        else if (end !== undefined) ends.set(target, Date.parse(end));
      }
      return [host, ends];
    }),
  );
}

/** Without the hosts on which all of these certificates are replaced by later ones; only a warning, if that is so on all of them. */
function withoutRenewed(trouble: Trouble, certificates: readonly LateCertificate[], ends: NewEnds): Trouble {
  const isRenewed = ({ host, name, ends: old }: LateCertificate): boolean => {
    const end = ends.get(host)?.get(name);
    return end !== undefined && end > Date.parse(old);
  };
  const { hosts, reason, details } = trouble;
  const late = new Set(certificates.filter((each) => !isRenewed(each)).map(({ host }) => host));
  if (late.size === 0) return { kind: 'warning', hosts, reason: `${reason}; renewed since`, details };
  const renewed = hosts.filter((host) => !late.has(host));
  if (renewed.length === 0) return trouble;
  return { ...trouble, hosts: [...late], reason: `${reason}; renewed since on ${nameList(renewed)}` };
}
