import { ifFails } from './doubts.ts';
import type { Hosts } from './frame.ts';
import { Notified } from './notified.ts';
import { RoleRuns } from './role-runs.ts';

/** What had run before a block. */
export interface Before {
  readonly roles: RoleRuns;
  /** Of the handlers (`Notified.taken`). */
  readonly taken: number;
}

/** How hosts came through a block. */
export interface Passage extends Before {
  /** Those that have passed it. */
  readonly passed: Hosts;
}

/** What later nodes need to know of those that have run: which handlers they have notified, and which roles they were. */
export class Traces {
  readonly notified: Notified;
  #roles: RoleRuns;

  constructor(notified = new Notified(), roles = new RoleRuns()) {
    this.notified = notified;
    this.#roles = roles;
  }

  get roles(): RoleRuns {
    return this.#roles;
  }

  /** @param isToBeKept as they are now, whatever runs later */
  before(isToBeKept: boolean): Before {
    return { roles: isToBeKept ? this.#roles.copy() : this.#roles, taken: this.notified.taken };
  }

  /** Everything since then is uncertain. @returns the handlers that have become possible by it */
  doubtSince(
    { roles, taken }: Before,
    hosts: Hosts,
    block: { readonly name: string },
  ): ReturnType<Notified['restore']> {
    this.#roles = this.#roles.doubtedSince(roles);
    return this.notified.restore(taken, hosts, ifFails(block));
  }

  /** A copy for a supposition. */
  copy(): Traces {
    return new Traces(this.notified.copy(), this.#roles.copy());
  }

  /** Adds those of a supposition, as possible. */
  addFrom(supposed: Traces | undefined): void {
    if (!supposed) return;
    this.notified.addFrom(supposed.notified);
    this.#roles.addFrom(supposed.roles);
  }
}
