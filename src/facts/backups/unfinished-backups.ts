import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { RUN_ID } from '../../core/run-id.ts';
import { sh } from '../../core/shell.ts';

/** Of one run, which may make several. */
const NAME = new RegExp(String.raw`^${RUN_ID}(-\d+)?\.partial$`);

const unfinishedFact: Fact<{ readonly directory: string }, readonly string[]> = {
  name: 'unfinished_backups',
  summary: 'backups that were not finished, or not removed completely',
  probe: ({ directory }) => ({
    script: sh`for one in "$R"${directory}/*.partial; do
  [ ! -d "$one" ] || [ -L "$one" ] || printf '%s\n' "\${one##*/}"
done
`,
  }),
  parse: ({ stdout }, { directory }) =>
    stdout
      .split('\n')
      .filter((name) => NAME.test(name))
      .map((name) => `${directory}/${name}`),
};

/**
 * The paths below a directory of the host of what is left of backups that were not finished, or not removed completely. It contains
 * copies of keys, and cannot be restored.
 */
export function unfinishedBackups(directory: string): FactRef<readonly string[]> {
  return factRef(unfinishedFact, { directory });
}
