import type { HostState } from '../../hosts/host-state.ts';
import type { CompiledHost } from '../../program/compiled.ts';
import type { Predicted } from '../predict.ts';
import type { PredictableNode, StandIns } from '../stand-ins.ts';
import type { HostClass } from './host-class.ts';
import type { Column } from './known-variables.ts';

/** The hosts of a play in classes; the first host of each is planned. */
export class HostClasses implements StandIns {
  readonly #names: readonly string[];
  readonly #hosts: ReadonlyMap<string, { readonly host: CompiledHost; readonly of: HostClass }>;
  readonly #classes: number;
  #settling: (() => void)[] = [];
  readonly #savedColumns: (readonly (readonly [HostClass, ReadonlyMap<string, Column>])[])[] = [];

  constructor(hosts: readonly CompiledHost[], classes: readonly HostClass[]) {
    this.#names = hosts.map(({ host }) => host.name);
    this.#classes = classes.length;
    this.#hosts = new Map(
      classes.flatMap((one) => one.members.map((host) => [host.host.name, { host, of: one }] as const)),
    );
  }

  withRepresented(hosts: readonly string[]): readonly string[] {
    const classes = new Set(hosts.map((host) => this.#classOf(host)));
    if (classes.size === this.#classes) return this.#names;
    return this.#names.filter((name) => classes.has(this.#classOf(name)));
  }

  stateOf(name: string, states: ReadonlyMap<string, HostState>): HostState | undefined {
    const found = this.#hosts.get(name);
    const [first] = found?.of.members ?? [];
    const state = first && states.get(first.host.name);
    return found && state && found.of.stateOf(found.host, state);
  }

  predict(state: HostState, of: PredictableNode, predict: (state: HostState) => Predicted): Predicted {
    const { predicted, settle } = this.#classOf(state.compiled.host.name).predict(state, of, predict);
    if (settle) this.#settling.push(settle);
    return predicted;
  }

  answered(): void {
    for (const settle of this.#settling) settle();
    this.#settling = [];
  }

  share(hosts: readonly string[], names: ReadonlySet<string>): void {
    for (const host of hosts) this.#forget(this.#classOf(host), names);
  }

  suppose(hosts: readonly string[], names: ReadonlySet<string>): void {
    const classes = hosts.map((host) => this.#classOf(host));
    this.#savedColumns.push(classes.map((one) => [one, one.columns]));
    for (const one of classes) this.#forget(one, names);
  }

  supposed(): void {
    for (const [one, columns] of this.#savedColumns.pop() ?? []) one.columns = columns;
  }

  #forget(one: HostClass, names: ReadonlySet<string>): void {
    if (one.columns.size > 0) one.columns = new Map([...one.columns].filter(([name]) => !names.has(name)));
  }

  #classOf(host: string): HostClass {
    const found = this.#hosts.get(host);
    if (!found) throw new Error(`${host} is not among the hosts of the plan`);
    return found.of;
  }
}
