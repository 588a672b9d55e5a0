import type { HookMoment } from '../../core/events/play.ts';
import type { CompiledPlay } from '../program/compiled.ts';
import type { ApplyRequest, HookFacts } from '../run-request.ts';
import type { RunState } from '../run-state.ts';

/** The hooks of one play: called at most once before its first change, and once when it has ended. */
export class PlayHooks {
  readonly #request: ApplyRequest;
  readonly #run: RunState;
  readonly #play: CompiledPlay;
  readonly #hosts: readonly string[];
  #started: Promise<string | undefined> | undefined;

  /** @param hosts those that were still in the run when the play began. */
  constructor(request: ApplyRequest, run: RunState, play: CompiledPlay, hosts: readonly string[]) {
    this.#request = request;
    this.#run = run;
    this.#play = play;
    this.#hosts = hosts;
  }

  /**
   * Called before the first change of each cluster; the result of the first call applies to all. @returns why nothing may be
   * changed
   */
  start(): Promise<string | undefined> {
    this.#started ??= this.#call('start');
    return this.#started;
  }

  /**
   * Called when the play has ended, in whatever way. No hook is called if the run was aborted at once, and no success is
   * announced while hosts are left for a later window.
   */
  async end(): Promise<void> {
    const { tools, stop } = this.#request;
    if (tools.abort.aborted) return;
    const { failed, refused, unreachable } = this.#facts();
    const isBad = failed.length + refused.length + unreachable.length > 0 || this.#run.mistake !== undefined;
    if (isBad || stop.aborted || this.#run.wasAborted) await this.#call('failure');
    else if (this.#started && !this.#isLeft()) await this.#call('success');
  }

  async #call(moment: HookMoment): Promise<string | undefined> {
    if (!this.#play.hooks.some((hook) => hook.moment === moment)) return undefined;
    return this.#request.callHooks?.(this.#play, moment, this.#facts());
  }

  #isLeft(): boolean {
    const left = new Set(this.#run.left);
    return this.#hosts.some((host) => left.has(host));
  }

  #facts(): HookFacts {
    const hosts = this.#hosts;
    const result = this.#run.result();
    const among = (names: readonly string[]): readonly string[] => {
      const some = new Set(names);
      return hosts.filter((name) => some.has(name));
    };
    return {
      id: this.#request.runId,
      play: this.#play.name,
      hosts,
      changed: among(result.hosts.filter(({ changed }) => changed > 0).map(({ host }) => host)),
      failed: among(result.failed),
      refused: among(result.refused),
      unreachable: among(result.unreachable),
    };
  }
}
