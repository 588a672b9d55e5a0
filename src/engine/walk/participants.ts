import type { Verdicts, WalkRequest } from './request.ts';

/**
 * Which hosts of a play have ended, or have failed without a rescue that will catch it: as in Ansible, they no longer count as
 * its hosts.
 */
export class Participants {
  readonly #ended = new Set<string>();
  readonly #failing = new Set<string>();

  readonly #withRepresented: (hosts: readonly string[]) => readonly string[];

  /** @param withRepresented adds to hosts those that they represent */
  constructor(withRepresented: (hosts: readonly string[]) => readonly string[] = (hosts) => hosts) {
    this.#withRepresented = withRepresented;
  }

  /** Takes note of a request of the walk, and of its answer. */
  note(request: WalkRequest, verdicts: Verdicts): void {
    if (request.kind === 'end') for (const host of request.hosts) this.#ended.add(host);
    if (request.kind === 'rescue' || request.kind === 'caught')
      for (const host of request.hosts) this.#failing.delete(host);
    for (const [host, verdict] of verdicts) if (verdict === 'failed') this.#failing.add(host);
  }

  among(names: Iterable<string>): readonly string[] {
    return this.#withRepresented([...names].filter((name) => !this.#ended.has(name) && !this.#failing.has(name)));
  }
}
