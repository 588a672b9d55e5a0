import type { RoleUse } from '../../playbook/model.ts';
import { type Hosts, isOut } from './frame.ts';
import type { Conditions, Verdict } from './request.ts';

/** By role and host; the value says whether it is certain. */
type Marks = Map<string, Map<string, boolean>>;

/** Which roles have run on which hosts, for roles that run once per play. */
export class RoleRuns {
  /** At least one task of the role was not skipped: as in Ansible, a role whose tasks were all skipped has not run. */
  readonly #started: Marks;
  /** The role has also been completed. */
  readonly #ended: Marks;

  constructor(started: Marks = new Map(), ended: Marks = new Map()) {
    this.#started = started;
    this.#ended = ended;
  }

  /** Records the verdict of a role's task on a host. @param doubts why it is uncertain that hosts reach the task */
  add(role: RoleUse | undefined, host: string, verdict: Verdict, doubts: Conditions): void {
    if (role?.runOnceKey === undefined || isOut(verdict) || verdict === 'skipped') return;
    mark(this.#started, role.runOnceKey, host, verdict !== 'unknown' && !doubts.has(host));
  }

  /** Records that these hosts have completed a role. */
  end(runOnceKey: string, hosts: Hosts, doubts: Conditions): void {
    const started = this.#started.get(runOnceKey);
    for (const host of hosts) {
      const isCertain = started?.get(host);
      if (isCertain !== undefined) mark(this.#ended, runOnceKey, host, isCertain && !doubts.has(host));
    }
  }

  /** The hosts on which the role has to run: certainly, or only if it has not run there before, which a plan may not know. */
  due(
    runOnceKey: string,
    hosts: Hosts,
  ): { readonly certain: readonly string[]; readonly uncertain: readonly string[] } {
    const ended = this.#ended.get(runOnceKey);
    return {
      certain: [...hosts].filter((host) => ended?.has(host) !== true),
      uncertain: [...hosts].filter((host) => ended?.get(host) === false),
    };
  }

  copy(): RoleRuns {
    return new RoleRuns(copied(this.#started), copied(this.#ended));
  }

  /** A copy in which everything recorded since `before` is uncertain. */
  doubtedSince(before: RoleRuns): RoleRuns {
    const doubted = before.copy();
    doubted.addFrom(this);
    return doubted;
  }

  /** Adds the records of another instance, as uncertain. */
  addFrom(other: RoleRuns): void {
    for (const [own, more] of [
      [this.#started, other.#started],
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
