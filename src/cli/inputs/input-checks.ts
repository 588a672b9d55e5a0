import type { Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import type { CompiledPlay } from '../../engine/program/compiled.ts';
import type { TagSelection } from '../../engine/program/tags.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { warnOfNoHosts } from '../../inventory/load.ts';
import type { Playbook } from '../../playbook/model.ts';
import { includesByName, tagsIn } from '../../playbook/step-tasks.ts';
import type { StartedPlaybook } from './start-at-task.ts';

/** A run on no host is a mistake, never a success; one play of several may have none. */
export function checkHosts(
  plays: readonly CompiledPlay[],
  playbook: Playbook,
  inventory: Inventory,
  limit: string | undefined,
  problems: Problems,
): void {
  const empty = playbook.plays.filter((_, index) => plays[index]?.hosts.length === 0);
  const isAll = empty.length === plays.length && plays.length > 0;
  if (!isAll) {
    warnOfNoHosts(inventory, problems);
    if (limit !== undefined) return;
    for (const { hosts } of empty)
      problems.warning(
        `${hosts.value} matches no host, so this play does nothing`,
        hosts.range,
        'put hosts into that group',
      );
  } else if (inventory.hosts.size === 0) {
    const place = inventory.sources.join(' ');
    problems.error(`there is no host to work on: the inventory ${place} has none`, ['--inventory'], 'add hosts to it');
  } else if (limit !== undefined) {
    const place = rangeOfArgument('--limit', limit);
    problems.error('no host of the playbook is left', place, 'name at least one of them');
  } else {
    for (const { hosts } of empty)
      problems.error(`${hosts.value} matches no host`, hosts.range, 'put hosts into that group, or name another');
  }
}

/** Tags to which Ansible gives a meaning of its own. */
const SPECIAL_TAGS = ['all', 'tagged', 'untagged', 'always', 'never'];

/** The tags of a playbook; undefined if it includes files that are only known by name when it runs. */
function knownTags({ plays: left, whole: plays = left }: StartedPlaybook): ReadonlySet<string> | undefined {
  if (plays.some(includesByName)) return undefined;
  return new Set(plays.flatMap((play) => [...play.tags, ...tagsIn(play)]).map(({ value }) => value));
}

function isKnown(tag: string, known: ReadonlySet<string>): boolean {
  return known.has(tag) || SPECIAL_TAGS.includes(tag);
}

/** Those of the tags that may be typed for a playbook: the others have no effect in it. */
export function typableTags(playbook: StartedPlaybook, tags: readonly string[]): readonly string[] {
  const known = tags.length === 0 ? undefined : knownTags(playbook);
  return known ? tags.filter((tag) => isKnown(tag, known)) : tags;
}

/**
 * A tag that no task has is a typing mistake: it would exclude everything, or nothing.
 * @param tags in `skip` those that were typed
 */
export function checkTags(playbook: StartedPlaybook, { only, skip }: TagSelection, problems: Problems): void {
  const known = only.length + skip.length === 0 ? undefined : knownTags(playbook);
  if (!known) return;
  for (const [option, tags] of [
    ['--tags', only],
    ['--skip-tags', skip],
  ] as const) {
    for (const tag of tags) {
      if (isKnown(tag, known)) continue;
      const hint = known.size > 0 ? suggestion(tag, known, 'the tags are') : 'the playbook has no tags';
      problems.error(`no task has the tag '${tag}'`, rangeOfArgument(option, tag), hint);
    }
  }
}
