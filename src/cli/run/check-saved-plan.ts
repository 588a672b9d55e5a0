import type { Problems } from '../../core/diagnostic.ts';
import { nameList } from '../../core/name-list.ts';
import { planWaves, waveByCluster, withRecordedWaves } from '../../fleet/rollout/waves.ts';
import { rolloutOf } from '../fleet/rolling-out.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { SavedPlan } from '../inputs/saved-plan.ts';

/**
 * A plan applies to all its hosts, in each of its plays, at their addresses, and in its waves: a host that is not there would be left out
 * without a word, another machine that now has its name is not meant, and an approval is one of the clusters that were shown in the wave.
 */
export function checkSavedPlan(
  saved: Pick<SavedPlan, 'addresses' | 'plays' | 'waveOf'>,
  now: SavedPlan['addresses'],
  inputs: Inputs,
  problems: Problems,
): void {
  const hint = 'make a new plan: kplay plan … --out FILE';
  const refuse = (message: string): void => problems.error(message, undefined, hint);
  const gone = Object.keys(saved.addresses).filter((host) => !Object.hasOwn(now, host));
  if (gone.length > 0)
    refuse(`not all hosts of the saved plan are in the inventory, or selected by its limit: ${nameList(gone)}`);
  for (const [host, place] of Object.entries(now)) {
    const planned = saved.addresses[host];
    if (planned === undefined || planned === place) continue;
    refuse(`${host} was planned on at ${planned}, and now it is at ${place}`);
  }
  // By host, the plays behind the one that was found last. Plays may have the same name, but both sides have the order of the playbook.
  const ahead = new Map(Object.keys(now).map((host): readonly [string, string[]] => [host, []]));
  for (const { name, hosts } of inputs.plays) for (const { host } of hosts) ahead.get(host.name)?.push(name);
  const takeNext = (play: string, host: string): boolean => {
    const names = ahead.get(host) ?? [];
    const at = names.findIndex((name) => mayBe(play, name));
    names.splice(0, at + 1);
    return at >= 0;
  };
  for (const { play, hosts } of saved.plays) {
    const missing = hosts.filter(({ host }) => !takeNext(play, host) && !gone.includes(host));
    if (missing.length > 0)
      refuse(`play '${play}' of the saved plan no longer has ${nameList(missing.map(({ host }) => host))}`);
  }
  for (const { cluster, before, wave } of movedClusters(inputs, saved.waveOf)) {
    const where = wave === undefined ? 'it is in no wave' : `it is in wave '${wave}'`;
    refuse(`cluster '${cluster}' was planned in wave '${before}', and now ${where}`);
  }
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
