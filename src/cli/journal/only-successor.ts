import type { StateOptions } from '../options/options.ts';
import { wait } from '../wait.ts';
import { commandFor } from './command-for.ts';
import { type KeptRuns, runError } from './kept-runs.ts';

/** How often, and how long in all, a run waits for the start of another one whose directory is there. */
const POLL_MS = 50;
const POLLS = 100;

/**
 * Lets only one of several runs go on that were started at the same moment to resume the same run. Each of them sees the others only after
 * its own journal has begun, so it looks once more then. The run with the lowest number goes on: numbers are parts of the names of their
 * directories, so no two runs have the same.
 * @param word how the user named the run
 * @param first the run at the beginning of the chain, whose id is the stem of theirs
 * @returns a function that the run calls with its id once its journal has begun; it throws an {InputError} if another run goes on
 */
export function onlySuccessor(
  word: string,
  first: string,
  runs: KeptRuns,
  options: StateOptions,
): (id: string) => Promise<void> {
  const known = new Set(runs.ids);
  return async (id) => {
    const own = numberIn(id, first);
    const rivals = runs.ids.filter((other) => !known.has(other) && numberIn(other, first) < own);
    for (const rival of rivals)
      if (await hasBegun(rival, runs))
        throw runError(
          word,
          `run ${rival} was started in the same moment, and resumes it`,
          `its progress: ${commandFor('show', rival, options)}`,
        );
  };
}

/** The number of a run among those that continue the first one; not a number for any other run. */
function numberIn(id: string, first: string): number {
  return id.startsWith(`${first}.`) ? Number(id.slice(first.length + 1)) : Number.NaN;
}

/**
 * Waits until a run that has a directory has begun; false if it does not. A run that is refused removes its directory. One that was killed
 * before its start leaves it there: after the wait it is ignored, and only the locks of the hosts keep runs apart.
 */
async function hasBegun(id: string, runs: KeptRuns): Promise<boolean> {
  for (let polls = 0; polls < POLLS && runs.ids.includes(id); polls += 1) {
    if (runs.readBriefly(id).summary.start) return true;
    await wait(POLL_MS, new AbortController().signal);
  }
  return false;
}
