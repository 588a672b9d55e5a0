import type { HostState } from '../hosts/host-state.ts';
import { ifFails } from '../walk/doubts.ts';
import type { Doubt, SupposedPart } from '../walk/request.ts';
import type { Predicted } from './predict.ts';
import { uncertainState } from './uncertain-state.ts';

/** The hosts as they would be if a block had failed: while its rescue is planned, and where that leads to more later. */
export class Suppositions {
  /** The states before each open supposition; suppositions may be nested. */
  readonly #before: (readonly HostState[])[] = [];
  /** The states after each closed one, by its doubt and by host. */
  readonly #after = new Map<string, { readonly until: string; readonly states: Map<string, HostState> }>();

  /** @param states of its hosts, before the block is supposed to have failed */
  open(states: readonly HostState[]): void {
    this.#before.push(states);
  }

  /**
   * @param part of the block that was supposed. @param stateOf the states after it
   * @returns those before it, behind any command that a rescue may run; an `always` runs its own in any case
   */
  close(
    block: { readonly name: string },
    part: SupposedPart,
    stateOf: (host: string) => HostState,
  ): readonly HostState[] {
    const before = this.#before.pop() ?? [];
    const { why } = ifFails(block);
    const states = new Map(this.#after.get(why)?.states);
    for (const { compiled } of before) {
      const { name } = compiled.host;
      const [known, state] = [states.get(name), stateOf(name)];
      states.set(name, known ? uncertainState(known, state, block.name) : state);
    }
    this.#after.set(why, { until: block.name, states });
    if (part === 'always') return before;
    return before.map((state) => behindCommandsOf(state, stateOf(state.compiled.host.name)));
  }

  /**
   * Predicts a task. A handler that only runs because a block has failed finds the host as it is then, and changes it for the
   * handlers behind it; a host that does not fail stays as it is.
   * @param doubt why it is uncertain that the host reaches the task
   */
  predict(doubt: Doubt | undefined, state: HostState, predict: (state: HostState) => Predicted): Predicted {
    const { until = '', states } = (doubt === undefined ? undefined : this.#after.get(doubt.why)) ?? {};
    const { name } = state.compiled.host;
    const after = states?.get(name);
    if (!after || this.#before.length > 0) return predict(state);
    const predicted = predict(uncertainState(state, after, until));
    states?.set(name, predicted.state);
    return { ...predicted, state: behindCommandsOf(state, predicted.state) };
  }
}

/** A host on which a command may have run as well, if one has in what is supposed. */
function behindCommandsOf(state: HostState, { isBehindCommand }: HostState): HostState {
  return { ...state, ...(isBehindCommand && { isBehindCommand }) };
}
