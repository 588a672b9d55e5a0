import type { Problems } from '../core/diagnostic.ts';
import { nearest } from '../core/suggest.ts';
import type { Tree } from '../core/yaml/yaml.ts';
import type { Word } from './words.ts';
import { isZone, zoneNames } from './zone.ts';

/** Reads a zone, which is required because a time without one is ambiguous. */
export function readZone(word: Word | undefined, tree: Tree, problems: Problems): string | undefined {
  if (!word) {
    problems.error('the zone is missing', tree.range, 'end it with one, such as Europe/Berlin or UTC');
    return undefined;
  }
  if (isZone(word.text)) return word.text;
  const closest = nearest(word.text, zoneNames());
  problems.error(
    `there is no time zone '${word.text}'`,
    word.range,
    closest === undefined
      ? 'write a name of the IANA database, such as Europe/Berlin or UTC'
      : `did you mean ${closest}?`,
  );
  return undefined;
}
