import type {
  BlockNode,
  CompiledHandler,
  CompiledTask,
  Conditional,
  IncludeNode,
  MetaNode,
  Node,
} from '../program/compiled.ts';
import { type Frame, type Hosts, isGone, type Judged, without } from './frame.ts';
import { Notified } from './notified.ts';
import type { Conditions, Verdict, Verdicts, Walk, WalkEnd } from './request.ts';

const NONE: Hosts = new Set();
const NO_CONDITIONS: Conditions = new Map();

export interface BatchRules {
  /** All handlers of the play, in order. */
  readonly handlers: readonly CompiledHandler[];
  /** Whether the play goes on although so many hosts of so many have failed. */
  readonly isTolerable: (failed: number, of: number) => boolean;
  /** Notified handlers run on hosts that have failed, too. */
  readonly forceHandlers: boolean;
  /** Rescues are gone through as if something had failed: a plan shows them. */
  readonly supposes: boolean;
}

/** The hosts of one batch on their way through the nodes of a play: side by side, in step. */
export class BatchWalk {
  readonly #rules: BatchRules;
  readonly #size: number;
  #notified = new Notified();
  /** Those that can still be asked anything. */
  readonly #alive: Set<string>;
  /** Those that have failed, and whose failure is not final yet. */
  readonly #failing = new Set<string>();
  /** Those that have failed, or were lost or refused, for good. */
  readonly #lost = new Set<string>();
  /** Why it is not certain that a host comes to what is next. */
  #doubts: ReadonlyMap<string, string> = NO_CONDITIONS;
  #end: WalkEnd | undefined;
  #isBatchOver = false;

  constructor(rules: BatchRules, hosts: readonly string[]) {
    this.#rules = rules;
    this.#size = hosts.length;
    this.#alive = new Set(hosts);
  }

  /** Some host of the batch did not come through. */
  get hasLost(): boolean {
    return this.#lost.size > 0;
  }

  /** @param begun which of them may begin; the others are lost before the first node */
  *run(nodes: readonly Node[], begun: Verdicts): Walk<WalkEnd> {
    const { forceHandlers, handlers } = this.#rules;
    for (const [host, verdict] of begun) if (isGone(verdict)) this.#lose(host, verdict);
    yield* this.#tolerate();
    const all = new Set(this.#alive);
    const through = yield* this.#nodes(nodes, all, { isCaught: false, isAwaited: forceHandlers });
    if (forceHandlers) {
      const play: BlockNode = {
        kind: 'block',
        path: 'handlers',
        name: 'the play',
        body: nodes,
        rescue: handlers.map(({ task }) => ({ kind: 'task', task })),
        always: [],
      };
      if (this.#rules.supposes && through.size > 0) yield* this.#suppose(play, through);
      const failed = without(this.#still(all), through);
      yield* this.#handlers(handlers, failed, { isCaught: false, isAwaited: true });
      yield* this.#leave(failed);
    }
    return this.#end ?? 'passed';
  }

  /** @returns the hosts that have come through all of them */
  *#nodes(nodes: readonly Node[], hosts: Hosts, frame: Frame): Walk<Hosts> {
    let going = hosts;
    for (const node of nodes) {
      going = this.#still(going);
      if (going.size === 0 || this.#isOver) break;
      going = yield* this.#node(node, going, frame);
    }
    return this.#still(going);
  }

  get #isOver(): boolean {
    return this.#end !== undefined || this.#isBatchOver;
  }

  #node(node: Node, hosts: Hosts, frame: Frame): Walk<Hosts> {
    switch (node.kind) {
      case 'task':
        return this.#task(node.task, hosts, this.#doubts, frame);
      case 'block':
        return this.#block(node, hosts, frame);
      case 'include':
        return this.#include(node, hosts, frame);
      case 'meta':
        return this.#meta(node, hosts, frame);
      case 'flush':
        return this.#handlers(node.handlers, hosts, frame);
    }
  }

  *#task(task: CompiledTask, hosts: Hosts, conditions: Conditions, frame: Frame): Walk<Hosts> {
    const [first, ...others] = hosts;
    if (first === undefined) return hosts;
    const asked = task.runOnce ? [first] : [...hosts];
    const own = yield { kind: 'task', task, hosts: asked, conditions };
    const verdicts =
      task.runOnce && others.length > 0
        ? yield { kind: 'share', task, from: first, hosts: others, verdicts: own }
        : own;
    const through = new Set<string>();
    const failed = new Set<string>();
    for (const host of hosts) {
      const verdict = verdicts.get(host) ?? 'ok';
      this.#notify(task, host, verdict, conditions.get(host));
      if (verdict === 'failed') failed.add(host);
      else if (isGone(verdict)) this.#lose(host, verdict);
      else through.add(host);
    }
    yield* this.#fail(failed, frame);
    return this.#still(through);
  }

  #notify({ notify, ref }: CompiledTask, host: string, verdict: Verdict, condition: string | undefined): void {
    if (notify.length === 0 || (verdict !== 'changed' && verdict !== 'unknown')) return;
    const doubt = verdict === 'unknown' ? (condition ?? `only if '${ref.name}' changes something`) : condition;
    this.#notified.add(notify, this.#rules.handlers, host, doubt);
  }

  *#block(block: BlockNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    const isCaught = block.rescue.length > 0;
    const inBody = {
      isCaught: frame.isCaught || isCaught,
      isAwaited: frame.isAwaited || block.always.length > 0,
    };
    const through = yield* this.#nodes(block.body, hosts, inBody);
    const failed = without(this.#still(hosts), through);
    const outside = { ...frame, isAwaited: inBody.isAwaited };
    const rescued = isCaught && !this.#isOver ? yield* this.#rescue(block, failed, through, outside) : NONE;
    const well = new Set([...through, ...rescued]);
    if (!this.#isOver) {
      const left = yield* this.#nodes(block.always, this.#still(hosts), outside);
      for (const host of without(well, left)) well.delete(host);
    }
    if (!frame.isCaught && !frame.isAwaited) {
      yield* this.#leave(without(this.#still(hosts), well));
      yield* this.#tolerate();
    }
    return this.#still(well);
  }

  *#rescue(block: BlockNode, failed: Hosts, through: Hosts, frame: Frame): Walk<Hosts> {
    if (failed.size > 0) {
      for (const host of failed) this.#failing.delete(host);
      yield { kind: 'rescue', block, hosts: [...failed] };
      return yield* this.#nodes(block.rescue, failed, frame);
    }
    if (this.#rules.supposes && through.size > 0) yield* this.#suppose(block, through);
    return NONE;
  }

  /** What happens in it is not so: nobody fails, ends or is lost by it. What it would notify stays possible. */
  *#suppose(block: BlockNode, hosts: Hosts): Walk<void> {
    const doubts = this.#doubts;
    const notified = this.#notified;
    const lost = new Set(this.#lost);
    this.#notified = notified.copy();
    const doubt = `only if a task of '${block.name}' fails`;
    this.#doubts = new Map([...doubts, ...[...hosts].map((host) => [host, doubt] as const)]);
    yield { kind: 'suppose', block, hosts: [...hosts] };
    yield* this.#nodes(block.rescue, hosts, { isCaught: true, isAwaited: true });
    yield { kind: 'supposed', block };
    this.#doubts = doubts;
    notified.addFrom(this.#notified);
    this.#notified = notified;
    for (const host of [...this.#lost].filter((one) => !lost.has(one))) {
      this.#lost.delete(host);
      this.#alive.add(host);
    }
  }

  *#handlers(handlers: readonly CompiledHandler[], hosts: Hosts, frame: Frame): Walk<Hosts> {
    let going = hosts;
    for (const [number, { task }] of handlers.entries()) {
      going = this.#still(going);
      if (going.size === 0 || this.#isOver) break;
      const due = this.#notified.take(number, going);
      if (due.hosts.length === 0) continue;
      const asked = new Set(due.hosts);
      const through = yield* this.#task(task, asked, new Map([...this.#doubts, ...due.conditions]), frame);
      going = without(going, without(asked, through));
    }
    return going;
  }

  *#include(node: IncludeNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    if (node.when.length === 0) return yield* this.#nodes(node.body, hosts, frame);
    const { going, meant, open } = yield* this.#judge(node, hosts, frame);
    const doubts = this.#doubts;
    const doubt = `only if the condition of '${node.name}' holds`;
    this.#doubts = new Map([...doubts, ...open.map((host) => [host, doubt] as const)]);
    const included = new Set([...meant, ...open]);
    const through = yield* this.#nodes(node.body, included, frame);
    for (const host of open) this.#doubt(host, doubts.get(host));
    return this.#still(new Set([...going].filter((host) => !included.has(host) || through.has(host))));
  }

  #doubt(host: string, doubt: string | undefined): void {
    const doubts = new Map(this.#doubts);
    if (doubt === undefined) doubts.delete(host);
    else doubts.set(host, doubt);
    this.#doubts = doubts;
  }

  /** For which hosts a condition holds, and for which that is open. Where it cannot be told in the run, the host has failed. */
  *#judge(node: Conditional, hosts: Hosts, frame: Frame): Walk<Judged> {
    const verdicts = yield { kind: 'when', node, hosts: [...hosts] };
    const failed = new Set([...hosts].filter((host) => verdicts.get(host) === 'failed'));
    if (failed.size > 0) yield* this.#fail(failed, frame);
    const going = without(this.#still(hosts), failed);
    return {
      going,
      meant: [...going].filter((host) => (verdicts.get(host) ?? 'ok') === 'ok'),
      open: [...going].filter((host) => verdicts.get(host) === 'unknown'),
    };
  }

  *#meta(node: MetaNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    if (node.action === 'noop') return hosts;
    const judged = yield* this.#judge(node, hosts, frame);
    const { going } = judged;
    // A host that fails before goes on behind its rescue, where a plan has to show what it then comes to.
    const isOpen = this.#rules.supposes && frame.isCaught;
    const meant = isOpen ? [] : judged.meant;
    const open = isOpen ? [...judged.open, ...judged.meant] : judged.open;
    const doubt = `unless '${node.name}' ends ${node.action === 'end_host' ? 'the host' : 'the play'} before`;
    if (open.length > 0) {
      const doubted = node.action === 'end_host' ? open : [...going];
      this.#doubts = new Map([...this.#doubts, ...doubted.map((host) => [host, doubt] as const)]);
    }
    if (meant.length === 0) return going;
    if (node.action === 'end_host') {
      for (const host of meant) this.#alive.delete(host);
      return this.#still(going);
    }
    // One host for which it holds is enough, as in Ansible. One that has failed has ended already.
    for (const host of [...this.#alive]) if (!this.#failing.has(host)) this.#alive.delete(host);
    this.#isBatchOver = true;
    if (node.action === 'end_play') this.#end = 'told';
    return NONE;
  }

  #still(hosts: Hosts): Hosts {
    return [...hosts].every((host) => this.#alive.has(host))
      ? hosts
      : new Set([...hosts].filter((host) => this.#alive.has(host)));
  }

  #lose(host: string, verdict: Verdict): void {
    this.#alive.delete(host);
    if (verdict !== 'cancelled') this.#lost.add(host);
  }

  /** Final at once, where nothing around catches it or is to be done yet. */
  *#fail(failed: Hosts, { isCaught, isAwaited }: Frame): Walk<void> {
    if (isCaught || isAwaited) for (const host of failed) this.#failing.add(host);
    else yield* this.#leave(failed);
    yield* this.#tolerate();
  }

  *#leave(failed: Hosts): Walk<void> {
    if (failed.size === 0) return;
    for (const host of failed) {
      this.#failing.delete(host);
      this.#lose(host, 'failed');
    }
    yield { kind: 'leave', hosts: [...failed], why: 'failed' };
  }

  /** More than the play bears: those that are left go no further. */
  *#tolerate(): Walk<void> {
    if (this.#end !== undefined || this.#rules.isTolerable(this.#lost.size, this.#size)) return;
    this.#end = 'ended';
    const rest = [...this.#alive];
    this.#alive.clear();
    if (rest.length > 0) yield { kind: 'leave', hosts: rest, why: 'cancelled' };
  }
}
