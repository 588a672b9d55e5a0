import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { clusterText } from '../../core/cluster.ts';
import type { Problems } from '../../core/diagnostic.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import { nameList } from '../../core/name-list.ts';
import { planWaves, waveByCluster, withRecordedWaves } from '../../fleet/rollout/waves.ts';
import { rolloutOf } from '../fleet/rolling-out.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { PlannedHost, SavedPlan } from '../inputs/saved-plan.ts';
import { changedFiles } from './planned-files.ts';

/** What was found when the plan was made, or is now. */
type Found = Pick<SavedPlan, 'hosts' | 'files'>;

/**
 * Adds to `problems` whatever is no longer as it was when the plan was made. For each play these have to be the same:
 * - the hosts: one that is gone would be left out without a word, and a new one would be refused only after others have been changed;
 * - their addresses and accounts: a machine that has taken over a name is not the one that the plan was made for;
 * - clusters and waves: somebody has approved the clusters, with their hosts, that were shown in the wave;
 * - variables and files: the plan does not show everything that tasks are given, so they might do something else to the same hosts.
 */
export function checkSavedPlan(
  saved: Found & Pick<SavedPlan, 'playbook' | 'plays' | 'waveOf'>,
  now: Found,
  inputs: Inputs,
  problems: Problems,
): void {
  const refuse = (message: string, hint = 'make a new plan: kplay plan … --out FILE'): void =>
    problems.error(message, undefined, hint);
  const isShown = (host: string): boolean => Object.hasOwn(saved.hosts, host);
  const gone = Object.keys(saved.hosts).filter((host) => !Object.hasOwn(now.hosts, host));
  if (gone.length > 0)
    refuse(`not all hosts of the saved plan are in the inventory, or selected by its limit: ${nameList(gone)}`);
  const pairs = Object.entries(saved.hosts).flatMap(([host, before]): readonly Pair[] => {
    const after = now.hosts[host];
    return after ? [{ host, before, after }] : [];
  });
  for (const { host, before, after } of pairs)
    if (before.address !== after.address)
      refuse(`${host} was planned on at ${before.address}, and now it is at ${after.address}`);
  for (const [{ before, after }, hosts] of differing(pairs, ({ account }) => account))
    refuse(
      `the tasks were planned for ${nameList(hosts)} as ${before.account}, and now they would act as ${after.account}`,
      'give the options with which it was planned (-u, -b), or make a new plan: kplay plan … --out FILE',
    );
  const { missing, added } = differingMembers(saved.plays, inputs.plays);
  const [more, less] = [added.filter((host) => !isShown(host)), added.filter(isShown)];
  if (more.length > 0) refuse(`hosts would take part that are not in the saved plan: ${nameList(more)}`);
  if (less.length > 0) refuse(`hosts would take part in more plays than in the saved plan: ${nameList(less)}`);
  for (const { play, hosts } of missing) {
    const others = hosts.filter((host) => !gone.includes(host));
    if (others.length > 0) refuse(`play '${play}' of the saved plan no longer has ${nameList(others)}`);
  }
  for (const [{ before, after }, hosts] of differing(pairs, ({ cluster }) => cluster))
    refuse(
      before.cluster === undefined
        ? `cluster '${after.cluster}' did not have ${nameList(hosts)} in the saved plan`
        : `cluster '${before.cluster}' of the saved plan no longer has ${nameList(hosts)}`,
    );
  for (const { cluster, before, wave } of movedClusters(inputs, saved.waveOf)) {
    const where = wave === undefined ? 'it is in no wave' : `it is in wave '${wave}'`;
    refuse(`cluster '${cluster}' was planned in wave '${before}', and now ${where}`);
  }
  // What differs above often stands in such a file.
  if (problems.hasErrors) return;
  const others = pairs.filter(({ before, after }) => before.variables !== after.variables).map(({ host }) => host);
  if (others.length > 0)
    refuse(
      `variables, groups or answers have changed since the plan was made: ${nameList(others)}`,
      hintWithoutPlaybook(saved.playbook.path),
    );
  const files = changedFiles(saved.files, now.files, inputs);
  if (files.length > 0) refuse(`files have changed since the plan was made: ${nameList(files)}`);
}

/** What to do where the plan was made in another checkout, without which the variables beside its playbook are missing. */
function hintWithoutPlaybook(path: string): string | undefined {
  const directory = dirname(path);
  if (existsSync(directory)) return undefined;
  return `group_vars and host_vars beside the playbook are read in ${directory}, which is not here: have the repository there, or make a new plan here`;
}

/** A host, when the plan was made and now. */
interface Pair {
  readonly host: string;
  readonly before: PlannedHost;
  readonly after: PlannedHost;
}

/** The hosts of which something differs, those with the same difference together. */
function differing(
  pairs: readonly Pair[],
  read: (host: PlannedHost) => string | undefined,
): ReadonlyMap<Pair, readonly string[]> {
  const first = new Map<string, Pair>();
  const found = new Map<Pair, string[]>();
  for (const pair of pairs) {
    const sides = [read(pair.before), read(pair.after)];
    if (sides[0] === sides[1]) continue;
    const key = JSON.stringify(sides);
    const one = first.get(key) ?? pair;
    first.set(key, one);
    const hosts = found.get(one) ?? [];
    hosts.push(pair.host);
    found.set(one, hosts);
  }
  return found;
}

/** A play, by its name in the saved plan, and some of its hosts. */
interface Members {
  readonly play: string;
  readonly hosts: readonly string[];
}

/** By play of the saved plan, the hosts that are no longer in it; and the hosts that are in plays in which it does not have them. */
function differingMembers(
  saved: SavedPlan['plays'],
  plays: Inputs['plays'],
): { readonly missing: readonly Members[]; readonly added: readonly string[] } {
  // By host, the plays behind the one that was found last. Plays may have the same name, but both sides have the order of the playbook.
  const ahead = new Map<string, string[]>();
  for (const { name, hosts } of plays)
    for (const { host } of hosts) ahead.set(host.name, [...(ahead.get(host.name) ?? []), name]);
  const added = new Set<string>();
  const takeNext = (play: string, host: string): boolean => {
    const names = ahead.get(host) ?? [];
    const at = names.findIndex((name) => mayBe(play, name));
    if (at > 0) added.add(host);
    names.splice(0, at + 1);
    return at >= 0;
  };
  const missing = playsIn(saved).map(({ play, hosts }) => ({
    play,
    hosts: hosts.filter((host) => !takeNext(play, host)),
  }));
  for (const [host, names] of ahead) if (names.length > 0) added.add(host);
  return { missing, added: [...added] };
}

/** The plays of a saved plan, which has a plan for each of their clusters. A host of which nobody knows the cluster may be in several. */
function playsIn(saved: SavedPlan['plays']): readonly Members[] {
  const found: { readonly play: string; readonly hosts: Set<string>; readonly clusters: Set<string> }[] = [];
  for (const plan of saved) {
    const cluster = plan.cluster ? clusterText(plan.cluster) : '';
    const last = found.at(-1);
    const isSame = last?.play === plan.play && cluster !== '' && !last.clusters.has(cluster);
    const own = isSame ? last : { play: plan.play, hosts: new Set<string>(), clusters: new Set<string>() };
    if (!isSame) found.push(own);
    own.clusters.add(cluster);
    for (const host of membersOf(plan)) own.hosts.add(host);
  }
  return found.map(({ play, hosts }) => ({ play, hosts: [...hosts] }));
}

/** Also those of which the plan shows nothing, because the play ends before their batch. */
function membersOf({ order, hosts }: PlayPlan): readonly string[] {
  return [...new Set([...order.batches.flat(), ...hosts.map(({ host }) => host)])];
}

/** The clusters whose names or labels put them into another wave than that of the saved plan. */
function movedClusters(
  inputs: Inputs,
  waveOf: SavedPlan['waveOf'],
): readonly { readonly cluster: string; readonly before: string; readonly wave: string | undefined }[] {
  const known = waveOf && rolloutOf(inputs);
  if (!known) return [];
  const { rollout, candidates, total } = known;
  const recorded = new Map(Object.entries(waveOf));
  const now = waveByCluster(planWaves(rollout, withRecordedWaves(rollout, candidates, recorded), total));
  return candidates.flatMap(({ name: cluster }) => {
    const before = recorded.get(cluster);
    const wave = now.get(cluster);
    return before === undefined || wave === before ? [] : [{ cluster, before, wave }];
  });
}

/** Whether a plan may show a name like this: secrets are masked in it (`***`), also those that are only known in a run. */
function mayBe(shown: string, name: string): boolean {
  const [first = '', ...parts] = shown.split(/\*{3,}/);
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const [index, part] of parts.entries()) {
    const at = index === parts.length - 1 ? Math.max(from, name.length - part.length) : name.indexOf(part, from);
    if (at < 0 || !name.startsWith(part, at)) return false;
    from = at + part.length;
  }
  return from === name.length;
}
