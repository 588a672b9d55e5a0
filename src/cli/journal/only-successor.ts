import type { StateOptions } from '../options/options.ts';
import { wait } from '../wait.ts';
import { commandFor } from './command-for.ts';
import { type KeptRuns, runError } from './kept-runs.ts';

/** How often, and how long in all, a run waits for the start of another one whose directory is there. */
const POLL_MS = 50;
const POLLS = 100;

/**
 * Of runs that are started in the same moment to continue the same one, none sees another before its own journal has begun. So each
 * looks again once it has, and the one with the lowest number, which their directories give to one only, goes on.
 * @param word how the user named the run
 * @param first the run that they all continue in the end, whose id is the stem of theirs
 * @returns what the run calls with its id, once its journal has begun; that throws an {InputError} if another one goes on
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
 * Whether a run that has a directory comes to its start. One that was refused removes it; one that was killed there leaves it: then the
 * locks on the hosts are what keeps runs apart.
 */
async function hasBegun(id: string, runs: KeptRuns): Promise<boolean> {
  for (let polls = 0; polls < POLLS && runs.ids.includes(id); polls += 1) {
    if (runs.readBriefly(id).summary.start) return true;
    await wait(POLL_MS, new AbortController().signal);
  }
  return false;
}
