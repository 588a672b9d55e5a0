import type { RoleUse } from '../../playbook/model.ts';
import { type Hosts, isGone } from './frame.ts';
import type { Conditions, Verdict } from './request.ts';

/** What is known of one role: on which hosts, and whether that is certain. */
type Marks = Map<string, Map<string, boolean>>;

/** Which roles have run on which hosts, of those that run once in their play. */
export class RoleRuns {
  /** Some task of the role was done there, or failed: one of which all tasks were skipped has not run, as in Ansible. */
  readonly #begun: Marks;
  /** It has come to its end there. */
  readonly #ended: Marks;

  constructor(begun: Marks = new Map(), ended: Marks = new Map()) {
    this.#begun = begun;
    this.#ended = ended;
  }

  /**
   * What a task of a role has come to on a host.
   * @param doubts of the hosts of which it is not certain that they come to it
   */
  add(role: RoleUse | undefined, host: string, verdict: Verdict, doubts: Conditions): void {
    if (role?.onceAs === undefined || isGone(verdict) || verdict === 'skipped') return;
    mark(this.#begun, role.onceAs, host, verdict !== 'unknown' && !doubts.has(host));
  }

  /** These hosts have come to the end of a role. */
  end(onceAs: string, hosts: Hosts, doubts: Conditions): void {
    const begun = this.#begun.get(onceAs);
    for (const host of hosts) {
      const isCertain = begun?.get(host);
      if (isCertain !== undefined) mark(this.#ended, onceAs, host, isCertain && !doubts.has(host));
    }
  }

  /** Those of the hosts that come to the role: for certain, or only if it has not run before, which a plan may not know. */
  due(onceAs: string, hosts: Hosts): { readonly meant: readonly string[]; readonly open: readonly string[] } {
    const ended = this.#ended.get(onceAs);
    return {
      meant: [...hosts].filter((host) => ended?.has(host) !== true),
      open: [...hosts].filter((host) => ended?.get(host) === false),
    };
  }

  copy(): RoleRuns {
    return new RoleRuns(copied(this.#begun), copied(this.#ended));
  }

  /** The same, but what has come to be known since an earlier moment is only possible. */
  doubtedSince(before: RoleRuns): RoleRuns {
    const doubted = before.copy();
    doubted.addFrom(this);
    return doubted;
  }

  /** What the other one knows besides is taken for possible. */
  addFrom(other: RoleRuns): void {
    for (const [own, more] of [
      [this.#begun, other.#begun],
      [this.#ended, other.#ended],
    ] as const)
      for (const [role, hosts] of more) for (const host of hosts.keys()) mark(own, role, host, false);
  }
}

function mark(marks: Marks, role: string, host: string, isCertain: boolean): void {
  const hosts = marks.get(role) ?? new Map<string, boolean>();
  marks.set(role, hosts.set(host, isCertain || hosts.get(host) === true));
}

function copied(marks: Marks): Marks {
  return new Map([...marks].map(([role, hosts]) => [role, new Map(hosts)]));
}
