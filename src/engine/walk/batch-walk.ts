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
import { clearErrors } from './clear-errors.ts';
import { Doubts } from './doubts.ts';
import { endingOf } from './ending.ts';
import { type Frame, failedAmong, type Hosts, isGone, within, without } from './frame.ts';
import { Judging, type Reach } from './judging.ts';
import { Losses } from './losses.ts';
import { Notified } from './notified.ts';
import type { Conditions, NotifiedWords, Verdicts, Walk, WalkEnd } from './request.ts';
import { RoleRuns } from './role-runs.ts';
import { inRounds, verdictOf } from './rounds.ts';
import type { BatchRules } from './rules.ts';
import { Standing } from './standing.ts';

const NONE: Hosts = new Set();

/** Takes the hosts of one batch through the nodes of a play, side by side and in step. */
export class BatchWalk {
  readonly #rules: BatchRules;
  readonly #standing: Standing;
  #notified = new Notified();
  #doubts = Doubts.none;
  #roles = new RoleRuns();
  readonly #losses: Losses;
  readonly #judging: Judging;

  constructor(rules: BatchRules, hosts: readonly string[]) {
    this.#rules = rules;
    this.#standing = new Standing(hosts);
    this.#losses = new Losses(rules, this.#standing);
    this.#judging = new Judging(this.#losses, this.#standing);
  }

  /** The hosts of the batch that failed, were lost or were refused. */
  get lost(): Hosts {
    return this.#standing.lost;
  }

  /** @param begun the driver's answer to `batch`: which hosts may begin */
  *run(nodes: readonly Node[], begun: Verdicts): Walk<WalkEnd> {
    const { forceHandlers, handlers } = this.#rules;
    for (const [host, verdict] of begun) if (isGone(verdict)) this.#standing.lose(host, verdict);
    yield* this.#losses.tolerate();
    const all = this.#standing.alive;
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
      if (this.#rules.supposes && through.size > 0) yield* this.#suppose(play, through, this.#roles);
      this.#standing.goOn();
      const failed = without(this.#still(all), through);
      yield* this.#handlers(handlers, failed, { isCaught: false, isAwaited: true });
      this.#standing.goOn();
      yield* this.#losses.settle(failed);
    }
    return this.#losses.end ?? 'completed';
  }

  /** @returns the hosts that have come through all nodes without failing */
  *#nodes(nodes: readonly Node[], hosts: Hosts, frame: Frame): Walk<Hosts> {
    let going = hosts;
    for (const node of nodes) {
      going = this.#still(going);
      if (going.size === 0 || this.#losses.isOver) break;
      going = yield* this.#node(node, going, frame);
    }
    return this.#still(going);
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
    const [first, ...others] = hosts;
    if (first === undefined) return hosts;
    const asked = task.runOnce ? [first] : [...hosts];
    const words = new Map<string, NotifiedWords>();
    const notify = (host: string, more: NotifiedWords) => void words.set(host, more);
    const own = yield { kind: 'task', task, hosts: asked, conditions, notify };
    const verdicts =
      task.runOnce && others.length > 0
        ? yield { kind: 'share', task, from: first, hosts: others, verdicts: own }
        : own;
    const through = new Set<string>();
    const failed = new Set<string>();
    for (const host of hosts) {
      const verdict = verdicts.get(host) ?? 'ok';
      // What one host does for all is the work of that one: to handlers and to roles, as in Ansible.
      if (!task.runOnce || host === first) {
        const done = { verdict, condition: conditions.get(host), more: words.get(host) };
        this.#notified.byTask(task, this.#rules.handlers, host, done);
        this.#roles.add(task.role, host, verdict, conditions);
      }
      if (verdict === 'failed') failed.add(host);
      else if (isGone(verdict)) this.#standing.lose(host, verdict);
      else through.add(host);
    }
    yield* this.#losses.fail(failed, frame);
    return this.#still(through);
  }

  /** The tasks of a role, on the hosts on which it has not run in this play. */
  *#role({ onceAs, name, body }: RoleNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    const due = this.#roles.due(onceAs, hosts);
    const through = yield* this.#included(body, `only if the role '${name}' has not run before`, hosts, due, frame);
    this.#roles.end(onceAs, through, this.#doubts.conditions);
    return through;
  }

  *#block(block: BlockNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    const isCaught = block.rescue.length > 0;
    const inBody = within(frame, block);
    const roles = this.#rules.supposes ? this.#roles.copy() : this.#roles;
    const through = yield* this.#nodes(block.body, hosts, inBody);
    let areHalted = this.#standing.goOn();
    const failed = without(this.#still(hosts), through);
    const outside = { ...frame, isAwaited: inBody.isAwaited };
    const rescued =
      isCaught && !this.#losses.isOver ? yield* this.#rescue(block, failed, { through, roles }, outside) : NONE;
    areHalted = this.#standing.goOn() || areHalted;
    const well = new Set([...through, ...rescued]);
    if (!this.#losses.isOver) {
      // Hosts that failed in the body come to `always` as well, so it is uncertain which roles have run on them.
      if (this.#rules.supposes && block.always.length > 0) this.#roles = this.#roles.doubtedSince(roles);
      const left = yield* this.#nodes(block.always, this.#still(hosts), outside);
      areHalted = this.#standing.goOn() || areHalted;
      for (const host of without(well, left)) well.delete(host);
    }
    if (!frame.isCaught && !frame.isAwaited) yield* this.#losses.settle(without(this.#still(hosts), well));
    else if (areHalted) this.#standing.halt();
    return this.#still(well);
  }

  /** @param body `through`: the hosts that did not fail in the body. `roles`: which roles had run before it. */
  *#rescue(
    block: BlockNode,
    failed: Hosts,
    { through, roles }: { readonly through: Hosts; readonly roles: RoleRuns },
    frame: Frame,
  ): Walk<Hosts> {
    if (failed.size > 0) {
      for (const host of failed) this.#standing.rescue(host);
      yield { kind: 'rescue', block, hosts: [...failed] };
      return yield* this.#nodes(block.rescue, failed, frame);
    }
    if (this.#rules.supposes && through.size > 0) yield* this.#suppose(block, through, roles);
    return NONE;
  }

  /**
   * Walks through a rescue as if its block had failed. No host fails, ends or is lost by that; handlers that it notifies and roles that
   * it runs are possible from then on. Roles that the block itself runs count as uncertain in it: the block may have failed before them.
   * @param before which roles had run before the block
   */
  *#suppose(block: BlockNode, hosts: Hosts, before: RoleRuns): Walk<void> {
    const doubts = this.#doubts;
    const notified = this.#notified;
    const roles = this.#roles;
    this.#roles = roles.doubtedSince(before);
    const { lost } = this.#standing;
    this.#notified = notified.copy();
    const doubt = `only if a task of '${block.name}' fails`;
    this.#doubts = doubts.doubting(hosts, doubt);
    yield { kind: 'suppose', block, hosts: [...hosts] };
    yield* this.#nodes(block.rescue, hosts, { isCaught: true, isAwaited: true });
    yield { kind: 'supposed', block };
    this.#doubts = doubts;
    notified.addFrom(this.#notified);
    this.#notified = notified;
    roles.addFrom(this.#roles);
    this.#roles = roles;
    this.#standing.takeBack(lost);
  }

  *#handlers(handlers: readonly CompiledHandler[], hosts: Hosts, frame: Frame): Walk<Hosts> {
    let going = hosts;
    for (const [number, { task }] of handlers.entries()) {
      going = this.#still(going);
      if (going.size === 0 || this.#losses.isOver) break;
      const due = this.#notified.take(number, going);
      if (due.hosts.length === 0) continue;
      const asked = new Set(due.hosts);
      const through = yield* this.#task(task, asked, new Map([...this.#doubts.conditions, ...due.conditions]), frame);
      going = without(going, without(asked, through));
    }
    return going;
  }

  *#include(node: IncludeNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    const all = { going: hosts, certain: [...hosts], uncertain: [] };
    const { going, certain, uncertain } = node.when.length === 0 ? all : yield* this.#judging.judge(node, hosts, frame);
    for (const host of certain) this.#roles.add(node.role, host, 'ok', this.#doubts.conditions);
    for (const host of uncertain) this.#roles.add(node.role, host, 'unknown', this.#doubts.conditions);
    return yield* this.#included(node.body, conditionOf(node.name), going, { certain, uncertain }, frame);
  }

  /** Tasks that are included once for each entry of a loop. Hosts that include the same part go through it together. */
  *#each(node: EachNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    const { ref, role } = node.task;
    const found = new Map<string, readonly Inclusion[]>();
    const take = (host: string, inclusions: readonly Inclusion[]) => void found.set(host, inclusions);
    const verdicts = yield { kind: 'each', node, hosts: [...hosts], conditions: this.#doubts.conditions, take };
    const failed = failedAmong(hosts, verdicts);
    for (const [host, verdict] of verdicts) {
      const own = verdict === 'ok' ? verdictOf(found.get(host) ?? []) : verdict;
      this.#roles.add(role, host, own, this.#doubts.conditions);
      if (isGone(verdict)) this.#standing.lose(host, verdict);
      if (verdict === 'unknown')
        this.#notified.byAnyOf(node, this.#rules.handlers, host, this.#doubts.conditions.get(host));
    }
    if (failed.size > 0) yield* this.#losses.fail(failed, frame);
    let going = without(this.#still(hosts), failed);
    for (const [body, part] of inRounds(found)) {
      if (this.#losses.isOver) break;
      going = yield* this.#included(body, conditionOf(ref.name), going, part, frame);
    }
    return this.#still(going);
  }

  /**
   * @param doubt why it is uncertain that the `uncertain` hosts include it
   * @returns the hosts of `going` that go on: those that do not include it, and those that have come through it
   */
  *#included(
    body: readonly Node[],
    doubt: string,
    going: Hosts,
    { certain, uncertain }: Pick<Reach, 'certain' | 'uncertain'>,
    frame: Frame,
  ): Walk<Hosts> {
    const doubts = this.#doubts;
    this.#doubts = doubts.doubting(uncertain, doubt);
    const included = new Set([...certain, ...uncertain].filter((host) => going.has(host)));
    const through = yield* this.#nodes(body, included, frame);
    this.#doubts = this.#doubts.settled(uncertain, doubt, doubts);
    return this.#still(new Set([...going].filter((host) => !included.has(host) || through.has(host))));
  }

  *#meta(node: MetaNode, hosts: Hosts, frame: Frame): Walk<Hosts> {
    if (node.action === 'noop') return hosts;
    const judged = yield* this.#judging.judge(node, hosts, frame);
    if (node.action === 'clear_host_errors') return yield* clearErrors(judged, this.#standing, this.#doubts.conditions);
    const { going } = judged;
    const { supposes } = this.#rules;
    const ending = endingOf(node, judged, this.#doubts, { supposes, mayHaveFailed: frame.isCaught });
    const { certain } = ending;
    this.#doubts = ending.doubts;
    if (certain.length === 0) return going;
    if (node.action === 'end_host') {
      for (const host of certain) this.#standing.end(host);
      yield { kind: 'end', hosts: certain };
      return this.#still(going);
    }
    // For all of them, but for hosts that have failed, which are out already.
    this.#standing.endAll();
    this.#losses.endByMeta(node.action);
    return NONE;
  }

  #still(hosts: Hosts): Hosts {
    return this.#standing.still(hosts);
  }
}

function conditionOf(name: string): string {
  return `only if the condition of '${name}' holds`;
}
