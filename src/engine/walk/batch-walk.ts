import type {
  BlockNode,
  CompiledHandler,
  CompiledTask,
  EachNode,
  IncludeNode,
  MetaNode,
  Node,
  RoleNode,
} from '../program/compiled.ts';
import type { Inclusion } from '../program/inclusions.ts';
import { BatchHosts } from './batch-hosts.ts';
import { clearErrors } from './clear-errors.ts';
import { Doubts, ifFails, ifHolds, ifNotRun } from './doubts.ts';
import { Ending } from './ending.ts';
import { asBlock, type Frame, failedAmong, type Hosts, inOrderOf, isOut, within, without } from './frame.ts';
import { Judging, type Reach } from './judging.ts';
import { Losses } from './losses.ts';
import type { Conditions, Doubt, NotifiedNames, SupposedPart, Verdicts, Walk, WalkEnd } from './request.ts';
import { inRounds, verdictOf } from './rounds.ts';
import type { BatchRules } from './rules.ts';
import { type Passage, Traces } from './traces.ts';

const NONE: Hosts = new Set();

/** Takes the hosts of one batch through the nodes of a play, in step. */
export class BatchWalk {
  readonly #rules: BatchRules;
  readonly #batch: BatchHosts;
  #doubts: Doubts;
  #traces = new Traces();
  readonly #losses: Losses;
  readonly #judging: Judging;
  readonly #ending: Ending;
  /** The nodes are those of an `always` whose block has failed on some of the hosts. */
  #isBehindFailure = false;

  /** @param doubts of the batch before */
  constructor(rules: BatchRules, hosts: readonly string[], doubts = Doubts.none) {
    this.#rules = rules;
    this.#doubts = doubts.ofBatch(hosts);
    this.#batch = new BatchHosts(hosts);
    this.#losses = new Losses(rules, this.#batch);
    this.#judging = new Judging(this.#losses, this.#batch);
    this.#ending = new Ending(this.#losses, this.#batch, this.#judging, rules.supposes);
  }

  /** The hosts that failed, were lost or were refused. */
  get lost(): Hosts {
    return this.#batch.lost;
  }

  /** Those behind the batch. */
  get doubts(): Doubts {
    return this.#doubts;
  }

  /** @param admitted the driver's answer to `batch`: which hosts may begin */
  *run(nodes: readonly Node[], admitted: Verdicts): Walk<WalkEnd> {
    const { forceHandlers, handlers, supposes } = this.#rules;
    for (const [host, verdict] of admitted) if (isOut(verdict)) this.#batch.lose(host, verdict);
    yield* this.#losses.tolerate();
    const all = this.#batch.alive;
    const before = this.#traces.before(supposes);
    const passed = yield* this.#nodes(nodes, all, { isCaught: false, isAwaited: forceHandlers });
    if (forceHandlers) {
      this.#batch.resume();
      const force = (hosts: Hosts, frame: Frame) => this.#handlers(handlers, hosts, frame);
      yield* this.#suppose(asBlock(nodes), 'rescue', all, { passed, ...before }, force);
      const failed = without(this.#aliveAmong(all), passed);
      yield* force(failed, { isCaught: false, isAwaited: true });
      this.#batch.resume();
      yield* this.#losses.makeFinal(failed);
    }
    return this.#losses.end ?? 'completed';
  }

  /** @returns the hosts that passed all nodes without failing */
  *#nodes(nodes: readonly Node[], hosts: Hosts, frame: Frame): Walk<Hosts> {
    let remaining = hosts;
    for (const node of nodes) {
      remaining = this.#aliveAmong(remaining);
      if (remaining.size === 0 || this.#losses.isOver) break;
      remaining = yield* this.#node(node, remaining, frame);
    }
    return this.#aliveAmong(remaining);
  }

  #node(node: Node, hosts: Hosts, frame: Frame): Walk<Hosts> {
    switch (node.kind) {
      case 'task':
        return this.#task(node.task, hosts, this.#doubts.conditions, frame);
      case 'block':
        return this.#block(node, hosts, frame);
      case 'role':
        return this.#role(node, hosts, frame);
      case 'include':
        return this.#include(node, hosts, frame);
      case 'each':
        return this.#each(node, hosts, frame);
      case 'meta':
        return this.#meta(node, hosts, frame);
      case 'flush':
        return this.#handlers(node.handlers, hosts, frame);
    }
  }

  *#task(task: CompiledTask, hosts: Hosts, conditions: Conditions, frame: Frame): Walk<Hosts> {
    const all = [...hosts];
    const runners = task.runOnce ? all.slice(0, 1) : all;
    const names = new Map<string, NotifiedNames>();
    const notify = (host: string, more: NotifiedNames) => void names.set(host, more);
    const how = { conditions, notify, isBehindFailure: this.#isBehindFailure };
    const verdicts = yield { kind: 'task', task, hosts: runners, alsoFor: all.slice(runners.length), ...how };
    const passed = new Set<string>();
    const failed = new Set<string>();
    for (const host of hosts) {
      const verdict = verdicts.get(host) ?? 'ok';
      // As in Ansible, `run_once` counts only for the host that ran the task: its handlers, its roles.
      if (!task.runOnce || host === runners[0]) {
        const done = { verdict, condition: conditions.get(host), more: names.get(host) };
        this.#traces.notified.byTask(task, this.#rules.handlers, host, done);
        this.#traces.roles.add(task.role, host, verdict, conditions);
      }
      if (verdict === 'failed') failed.add(host);
      else if (isOut(verdict)) this.#batch.lose(host, verdict);
      else passed.add(host);
    }
    yield* this.#losses.fail(failed, frame, task.ref.name);
    return this.#aliveAmong(passed);
  }

  /** Runs the tasks of a role on the hosts on which it has not run in this play. */
  *#role({ runOnceKey, name, body }: RoleNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    const due = this.#traces.roles.due(runOnceKey, hosts);
    const passed = yield* this.#included(body, ifNotRun(`the role '${name}'`), hosts, due, frame);
    this.#traces.roles.end(runOnceKey, passed, this.#doubts.conditions);
    return passed;
  }

  *#block(block: BlockNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    const isCaught = block.rescue.length > 0;
    const inBody = within(frame, block);
    const before = this.#traces.before(this.#rules.supposes);
    const passed = yield* this.#nodes(block.body, hosts, inBody);
    let wasHalted = this.#batch.resume();
    const failed = without(this.#aliveAmong(hosts), passed);
    const outside = { ...frame, isAwaited: inBody.isAwaited };
    const rescued =
      isCaught && !this.#losses.isOver ? yield* this.#rescue(block, failed, { passed, ...before }, outside) : NONE;
    wasHalted = this.#batch.resume() || wasHalted;
    const succeeded = new Set(inOrderOf(hosts, passed, rescued));
    if (block.always.length > 0 && (this.#rules.supposes || !this.#losses.isOver)) {
      const remaining = yield* this.#always(block, hosts, { passed: succeeded, ...before }, outside);
      wasHalted = this.#batch.resume() || wasHalted;
      for (const host of without(succeeded, remaining)) succeeded.delete(host);
    }
    if (!frame.isCaught && !frame.isAwaited) yield* this.#losses.makeFinal(without(this.#aliveAmong(hosts), succeeded));
    else if (wasHalted) this.#batch.halt();
    return this.#aliveAmong(succeeded);
  }

  *#always(block: BlockNode, hosts: Hosts, { passed, ...before }: Passage, frame: Frame): Walk<Hosts> {
    const [all, ended] = [this.#aliveAmong(hosts), [...this.#batch.endedAmong(hosts)]];
    const outer = this.#isBehindFailure;
    const supposed = yield* this.#suppose(block, 'always', hosts, { passed, ...before });
    // Failed hosts also run `always`, so it is uncertain which roles and handlers have run on them.
    const restored = this.#rules.supposes ? this.#traces.doubtSince(before, hosts, block) : [];
    if (this.#rules.supposes) yield* this.#losses.catch(all, frame, block.name);
    this.#isBehindFailure = outer || without(all, passed).size > 0;
    const remaining = yield* this.#nodes(block.always, all, frame);
    this.#isBehindFailure = outer;
    if (block.rescue.length === 0) this.#traces.notified.forget(restored, ifFails(block));
    if (supposed) yield { kind: 'passed', block, hosts: [...passed], ended };
    // Hosts that have failed come to later nodes only behind a rescue, or to the handlers that are forced.
    if (block.rescue.length > 0 || frame.isCaught || this.#rules.forceHandlers) this.#traces.addFrom(supposed);
    return remaining;
  }

  *#rescue(block: BlockNode, failed: Hosts, { passed, ...before }: Passage, frame: Frame): Walk<Hosts> {
    if (failed.size > 0) {
      for (const host of failed) this.#batch.rescue(host);
      yield { kind: 'rescue', block, hosts: [...failed] };
      return yield* this.#nodes(block.rescue, failed, frame);
    }
    this.#traces.addFrom(yield* this.#suppose(block, 'rescue', passed, { passed, ...before }));
    return NONE;
  }

  /**
   * Walks through a part of a block as if the block had failed, on hosts that have passed it and on those that have ended. No
   * host fails, ends or is lost by this. Roles and handlers of the block itself are uncertain in it: it may have failed before.
   * @param all that came to the block. @param walk through that part
   * @returns handlers and roles that become possible by it; undefined in a run, which supposes nothing
   */
  *#suppose(
    block: BlockNode,
    part: SupposedPart,
    all: Hosts,
    { passed, ...before }: Passage,
    walk = (hosts: Hosts, frame: Frame) => this.#nodes(block[part], hosts, frame),
  ): Walk<Traces | undefined> {
    const ended = this.#batch.endedAmong(all);
    const hosts = inOrderOf(all, passed, ended);
    if (!this.#rules.supposes || hosts.size === 0) return undefined;
    const [doubts, traces] = [this.#doubts, this.#traces];
    const undoings = [this.#batch.suppose(hosts), this.#losses.suppose()];
    this.#traces = traces.copy();
    this.#traces.doubtSince(before, hosts, block);
    this.#doubts = doubts.doubting(passed, ifFails(block)).doubting(ended, { ...ifFails(block), isPastEnd: true });
    yield { kind: 'suppose', block, part, hosts: [...hosts] };
    yield* walk(hosts, { isCaught: true, isAwaited: true });
    yield { kind: 'supposed', block, part };
    for (const undo of undoings) undo();
    const supposed = this.#traces;
    [this.#doubts, this.#traces] = [doubts, traces];
    return supposed;
  }

  *#handlers(handlers: readonly CompiledHandler[], hosts: Hosts, frame: Frame): Walk<Hosts> {
    let remaining = hosts;
    for (const [number, { task }] of handlers.entries()) {
      remaining = this.#aliveAmong(remaining);
      if (remaining.size === 0 || this.#losses.isOver) break;
      const due = this.#traces.notified.take(number, remaining);
      if (due.hosts.length === 0) continue;
      const targets = new Set(due.hosts);
      const passed = yield* this.#task(task, targets, this.#doubts.and(due.conditions), frame);
      remaining = without(remaining, without(targets, passed));
    }
    return remaining;
  }

  *#include(node: IncludeNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    const all = { remaining: hosts, certain: [...hosts], uncertain: [] };
    const { remaining, certain, uncertain } =
      node.when.length === 0 ? all : yield* this.#judging.judge(node, hosts, this.#doubts.conditions, frame);
    for (const host of certain) this.#traces.roles.add(node.role, host, 'ok', this.#doubts.conditions);
    for (const host of uncertain) this.#traces.roles.add(node.role, host, 'unknown', this.#doubts.conditions);
    return yield* this.#included(node.body, ifHolds(node.name), remaining, { certain, uncertain }, frame);
  }

  /** Tasks that are included once per entry of a loop. Hosts that include the same part go through it together. */
  *#each(node: EachNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    const { ref, role } = node.task;
    const found = new Map<string, readonly Inclusion[]>();
    const take = (host: string, inclusions: readonly Inclusion[]) => void found.set(host, inclusions);
    const [{ conditions }, isBehindFailure] = [this.#doubts, this.#isBehindFailure];
    const verdicts = yield { kind: 'each', node, hosts: [...hosts], conditions, isBehindFailure, take };
    const failed = failedAmong(hosts, verdicts);
    for (const [host, verdict] of verdicts) {
      const own = verdict === 'ok' ? verdictOf(found.get(host) ?? []) : verdict;
      this.#traces.roles.add(role, host, own, conditions);
      if (isOut(verdict)) this.#batch.lose(host, verdict);
      if (verdict === 'unknown') this.#traces.notified.byAnyOf(node, this.#rules.handlers, host, conditions.get(host));
    }
    if (failed.size > 0) yield* this.#losses.fail(failed, frame, ref.name);
    let remaining = without(this.#aliveAmong(hosts), failed);
    for (const [body, part] of inRounds(found)) {
      if (this.#losses.isOver) break;
      remaining = yield* this.#included(body, ifHolds(ref.name), remaining, part, frame);
    }
    return this.#aliveAmong(remaining);
  }

  /**
   * @param doubt why it is uncertain that the `uncertain` hosts include it
   * @returns the hosts of `remaining` that go on: those that do not include it, and those that passed it
   */
  *#included(
    body: readonly Node[],
    doubt: Doubt,
    remaining: Hosts,
    { certain, uncertain }: Pick<Reach, 'certain' | 'uncertain'>,
    frame: Frame,
  ): Walk<Hosts> {
    const [doubts, { taken }] = [this.#doubts, this.#traces.notified];
    this.#doubts = doubts.doubting(uncertain, doubt);
    const included = inOrderOf(remaining, certain, uncertain);
    const passed = yield* this.#nodes(body, included, frame);
    this.#doubts = this.#doubts.settled(uncertain, doubt, doubts);
    this.#traces.notified.restore(taken, new Set(uncertain), ifNotRun('it'));
    return this.#aliveAmong(new Set([...remaining].filter((host) => !included.has(host) || passed.has(host))));
  }

  *#meta(node: MetaNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    if (node.action === 'noop') return hosts;
    const judged = yield* this.#judging.judge(node, hosts, this.#doubts.conditions, frame);
    if (node.action === 'clear_host_errors') return yield* clearErrors(judged, this.#batch, this.#doubts.conditions);
    const { remaining, doubts } = yield* this.#ending.end(node, hosts, judged, this.#doubts, frame);
    this.#doubts = doubts;
    return remaining;
  }

  #aliveAmong(hosts: Hosts): Hosts {
    return this.#batch.aliveAmong(hosts);
  }
}
