import type { CompiledPlay } from './compiled.ts';
import { namesSetBy, nodesIn, tasksIn, tasksOf } from './play-tasks.ts';

/** What to do about a variable that is missing at one place of a play, although the play sets it at another. */
export function hintForMissing(name: string, play: CompiledPlay): string | undefined {
  const block = nodesIn(play.body)
    .filter((node) => node.kind === 'block')
    .find(({ rescue }) => tasksIn(rescue).some((task) => namesSetBy(task).includes(name)));
  if (block)
    return `the rescue of '${block.name}' sets it, and runs only if that fails: write ${name} | default('…'), or when: ${name} is defined`;
  const isOfLoop = tasksOf(play).some(({ loop }) => loop && [loop.variable, loop.index].includes(name));
  if (isOfLoop)
    return 'a loop sets it for its own tasks only; a handler runs once for all entries: give it a loop of its own';
  return undefined;
}
