import { type Fact, type FactRef, factRef } from '../core/fact.ts';
import { sh } from '../core/shell.ts';

const existingFact: Fact<{ readonly patterns: readonly string[] }, readonly string[]> = {
  name: 'existing_paths',
  summary: 'whether there is anything at paths, which may be patterns',
  probe: ({ patterns }) => ({
    script: sh`number=0
# Patterns are expanded, and nothing else is done with what they hold.
IFS=
for pattern in ${patterns}; do
  number=$((number + 1))
  for f in $R$pattern; do
    if [ -e "$f" ] || [ -L "$f" ]; then
      echo "$number"
      break
    fi
  done
done
`,
  }),
  parse({ stdout }, { patterns }) {
    const found = new Set(stdout.split('\n'));
    return patterns.filter((_, index) => found.has(String(index + 1)));
  },
};

/**
 * Those of these paths where there is anything, whatever it is: a file, a directory, a device, a link that leads nowhere. `*`,
 * `?` and `[…]` stand for what they do in a shell.
 */
export function existingPaths(patterns: readonly string[]): FactRef<readonly string[]> {
  return factRef(existingFact, { patterns });
}
