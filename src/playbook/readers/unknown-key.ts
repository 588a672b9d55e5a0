import type { Problems } from '../../core/diagnostic.ts';
import type { Located } from '../../core/source.ts';
import { nearest } from '../../core/suggest.ts';
import type { MappingEntry } from '../../core/yaml/yaml.ts';
import { type StepCatalogue, stepNamed, withoutPrefix } from '../catalogue.ts';
import { moduleReplacement } from '../foreign-modules.ts';
import { PLAY_KEYWORDS } from '../play-keywords.ts';
import { didYouMean } from '../suggest.ts';
import { BLOCK_KEYWORDS, HANDLER_KEYWORDS, TASK_KEYWORDS } from '../task-keywords.ts';
import { type Keywords, namesOf } from './keywords.ts';
import { reportUnsupported } from './unsupported.ts';

const PLAY_KEYS = namesOf(PLAY_KEYWORDS);
const TASK_KEYS = namesOf(TASK_KEYWORDS);
const BLOCK_KEYS: readonly string[] = [BLOCK_KEYWORDS.rescue.name, BLOCK_KEYWORDS.always.name];

/** Reports an unknown key of a play. True if it explains why hosts are missing. */
export function reportPlayKey(entry: MappingEntry, catalogue: StepCatalogue, problems: Problems): boolean {
  const { key, keyRange } = entry;
  if (stepNamed(key, catalogue) !== undefined) {
    problems.error(`${key} is a step, and this is a play`, keyRange, 'put it into a task, below tasks');
    return true;
  }
  if (TASK_KEYS.includes(key)) {
    problems.error(`${key} is a keyword of tasks, not of plays`, keyRange, 'move it to the tasks');
    return false;
  }
  const unsupported = reportUnsupported(entry, problems);
  if (unsupported) return unsupported.complete;
  problems.error(`unknown keyword '${key}' of a play`, keyRange, didYouMean(key, PLAY_KEYS, 'a play has'));
  return nearest(key, PLAY_KEYS) === 'hosts';
}

/** Reports an unknown key of a task. True if it explains why a step is missing. */
export function reportTaskKey(
  entry: MappingEntry,
  step: Located<string> | undefined,
  catalogue: StepCatalogue,
  problems: Problems,
): boolean {
  const { key, keyRange } = entry;
  if (PLAY_KEYS.includes(key)) {
    problems.error(`${key} is a keyword of plays, not of tasks`, keyRange, 'move it to the play');
    return false;
  }
  if (BLOCK_KEYS.includes(key)) {
    problems.error(`${key} belongs to a block`, keyRange, 'put the tasks below block:, next to it');
    return true;
  }
  if (key === HANDLER_KEYWORDS.listen.name) {
    problems.error('listen is a keyword of handlers', keyRange, 'move the task to handlers: of its play');
    return false;
  }
  const replacement = step && isParameter(key, step.value, catalogue) ? undefined : moduleReplacement(key);
  if (replacement !== undefined) {
    problems.error(`kplay has no step '${key}'`, keyRange, replacement);
    return true;
  }
  const unsupported = reportUnsupported(entry, problems);
  if (unsupported) return unsupported.complete;
  if (step && isParameter(key, step.value, catalogue)) {
    problems.error(`${key} is a parameter of ${step.value}`, keyRange, `indent it below ${step.value}:`);
    return false;
  }
  const closest = nearest(withoutPrefix(key), [...TASK_KEYS, ...catalogue.steps.keys()]);
  if (closest !== undefined && TASK_KEYS.includes(closest)) {
    problems.error(`unknown keyword '${key}'`, keyRange, `did you mean ${closest}?`);
    return false;
  }
  if (closest === undefined && step)
    problems.error(`unknown keyword '${key}'`, keyRange, didYouMean(key, TASK_KEYS, 'apart from its step, a task has'));
  else {
    const hint = closest === undefined ? 'kplay steps lists the steps' : `did you mean ${closest}?`;
    problems.error(`unknown step '${key}'`, keyRange, hint);
  }
  return true;
}

/** Keywords that the use of a role may have in Ansible, and where they belong here. */
const KEYS_OF_ROLES_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['any_errors_fatal', 'move it to the play'],
  ['run_once', 'move it to the tasks of the role'],
]);

/** Reports a key of a role in a play that is a keyword to Ansible. @returns false for any other key: it names a variable. */
export function reportRoleKey(entry: MappingEntry, problems: Problems): boolean {
  const { key, keyRange } = entry;
  const hint = KEYS_OF_ROLES_ELSEWHERE.get(key);
  if (hint === undefined) return reportUnsupported(entry, problems) !== undefined;
  problems.error(`a role has no ${key}`, keyRange, hint);
  return true;
}

/** Reports an unknown key of a block or a `meta` action. */
export function reportPartKey(entry: MappingEntry, keywords: Keywords, what: string, problems: Problems): void {
  const { key, keyRange } = entry;
  if (TASK_KEYS.includes(key)) problems.error(`${what} has no ${key}`, keyRange, 'move it to the tasks');
  else if (PLAY_KEYS.includes(key)) problems.error(`${what} has no ${key}`, keyRange, 'move it to the play');
  else if (!reportUnsupported(entry, problems))
    problems.error(`unknown keyword '${key}' of ${what}`, keyRange, didYouMean(key, namesOf(keywords), `${what} has`));
}

function isParameter(key: string, step: string, { steps }: StepCatalogue): boolean {
  return Object.hasOwn(steps.get(step)?.schema.properties ?? {}, key);
}
