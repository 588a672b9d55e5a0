import type { Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument } from '../../core/source.ts';
import type { CompiledPlay } from '../../engine/program/compiled.ts';
import { checkRollout } from '../../fleet/rollout/check-rollout.ts';
import { CLUSTER_VARIABLE, type Inventory } from '../../inventory/inventory.ts';
import { readYamlFile } from '../../playbook/files/yaml-file.ts';
import type { Playbook } from '../../playbook/model.ts';
import { rollout } from '../../playbook/rollout/rollout.ts';
import type { Rollout } from '../../playbook/rollout/rollout-model.ts';

/** The file that `--rollout` names. */
interface RolloutFile {
  readonly path: string;
  /** Undefined: it cannot be read, which was reported. */
  readonly rollout: Rollout | undefined;
}

/**
 * The rollout of a playbook: that of its play, or of a file. Errors are added to `problems`.
 * @param plays the playbook's, compiled
 */
export function readRollout(
  playbook: Playbook,
  plays: readonly CompiledPlay[],
  inventory: Inventory,
  file: RolloutFile | undefined,
  problems: Problems,
): Rollout | undefined {
  const [given] = playbook.plays.flatMap((play) => play.rollout ?? []);
  const read = file ? file.rollout : given;
  if (!read) return undefined;
  if (file && given) {
    problems.error('the play has a rollout of its own', given.range, `remove it, or do not use --rollout ${file.path}`);
    return undefined;
  }
  const [play, ...others] = plays;
  if (!play) return undefined;
  if (others.length > 0) {
    problems.error(
      'a rollout requires a playbook with one play, and this one has several',
      read.range,
      'move the play with the rollout to its own playbook',
    );
    return undefined;
  }
  const hosts = [...play.hosts.map(({ host }) => host), ...play.leftOut];
  const unclustered = hosts.filter(({ cluster }) => cluster === undefined);
  // What is set for a host was reported.
  const names = unclustered.filter(({ vars }) => !vars.has(CLUSTER_VARIABLE)).map(({ name }) => name);
  if (names.length > 0)
    problems.error(
      `a rollout needs declared clusters, but ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''} ${names.length === 1 ? 'is' : 'are'} in none`,
      read.range,
      'give their group kplay_cluster: { name: prod }',
    );
  else if (unclustered.length === 0 && inventory.clusters.size > 0) {
    const members = new Set(hosts.map(({ name }) => name));
    const clusters = [...inventory.clusters.values()].filter(({ hosts: own }) => own.some((host) => members.has(host)));
    checkRollout(read, inventory.clusters, clusters, problems);
  }
  return read;
}

/** Refuses hooks of waves in a run without a rollout, which would never call them. */
export function refuseWaveHooks({ plays }: Playbook, problems: Problems): void {
  for (const { onWave: [hook] = [] } of plays)
    if (hook)
      problems.error(
        'on_wave is called for the waves of a rollout, but the play has none',
        hook.range,
        'give the play a rollout, or --rollout FILE; on_start, on_success and on_failure are for every play',
      );
}

/** Reads the file that `--rollout` names. */
export function rolloutFile(path: string, problems: Problems): Rollout | undefined {
  const named = rangeOfArgument('--rollout', path);
  const file = readYamlFile(path, 'rollout', named, problems);
  if (!file) return undefined;
  if (!file.tree) {
    problems.error(`${path} is empty`, named, 'write waves: [{ name: canary, size: 1 }, { name: rest }]');
    return undefined;
  }
  return rollout.read(file.tree, { label: 'a rollout', problems });
}
