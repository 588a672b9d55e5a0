import type { RoleUse } from '../../playbook/model.ts';
import { type Hosts, isGone } from './frame.ts';
import type { Conditions, Verdict } from './request.ts';

/** By role and host; the value says whether it is certain. */
type Marks = Map<string, Map<string, boolean>>;

/** Which of the roles that run once in a play have run on which hosts. */
export class RoleRuns {
  /** Some task of the role was not skipped there: as in Ansible, a role has not run when all its tasks were skipped. */
  readonly #begun: Marks;
  /** The role has also come to its end there. */
  readonly #ended: Marks;

  constructor(begun: Marks = new Map(), ended: Marks = new Map()) {
    this.#begun = begun;
    this.#ended = ended;
  }

  /**
   * Notes what became of a task of a role on a host.
   * @param doubts why it is uncertain that hosts reach the task
   */
  add(role: RoleUse | undefined, host: string, verdict: Verdict, doubts: Conditions): void {
    if (role?.onceAs === undefined || isGone(verdict) || verdict === 'skipped') return;
    mark(this.#begun, role.onceAs, host, verdict !== 'unknown' && !doubts.has(host));
  }

  /** Notes that these hosts have come to the end of a role. */
  end(onceAs: string, hosts: Hosts, doubts: Conditions): void {
    const begun = this.#begun.get(onceAs);
    for (const host of hosts) {
      const isCertain = begun?.get(host);
      if (isCertain !== undefined) mark(this.#ended, onceAs, host, isCertain && !doubts.has(host));
    }
  }

  /** Which of the hosts the role is to run on: for certain, or only if it has not run there before, which a plan may not know. */
  due(onceAs: string, hosts: Hosts): { readonly certain: readonly string[]; readonly uncertain: readonly string[] } {
    const ended = this.#ended.get(onceAs);
    return {
      certain: [...hosts].filter((host) => ended?.has(host) !== true),
      uncertain: [...hosts].filter((host) => ended?.get(host) === false),
    };
  }

  copy(): RoleRuns {
    return new RoleRuns(copied(this.#begun), copied(this.#ended));
  }

  /** The same, with everything that was noted since `before` made uncertain. */
  doubtedSince(before: RoleRuns): RoleRuns {
    const doubted = before.copy();
    doubted.addFrom(this);
    return doubted;
  }

  /** Adds what another one knows, as uncertain. */
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
