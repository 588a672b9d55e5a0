import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { globTest } from '../../core/glob.ts';
import { sh } from '../../core/shell.ts';
import { Unknown, type World } from '../../core/world.ts';

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
 * Those of these paths where anything exists: a file, a directory, a device, a dangling link. `*`, `?` and `[…]` mean what
 * they mean to a shell.
 */
export function existingPaths(patterns: readonly string[]): FactRef<readonly string[]> {
  return factRef(existingFact, { patterns });
}

/** A world in which something exists at a path, or may exist: changes the answers of all questions about it. */
export function withPath(world: World, path: string, is: true | Unknown): World {
  return world.mapFact(existingFact, ({ patterns }, found) => {
    const answered = patterns.filter((pattern) => pattern === path || covers(pattern, path));
    if (answered.length === 0) return found;
    if (is instanceof Unknown) return is;
    if (found instanceof Unknown) return answered.length === patterns.length ? patterns : found;
    return patterns.filter((pattern) => found.includes(pattern) || answered.includes(pattern));
  });
}

/**
 * Whether a shell would expand the pattern to the path: component by component; a leading `*` or `?` does not match a dot. `//` and
 * `/./` are as good as a slash.
 */
function covers(pattern: string, path: string): boolean {
  const parts = (text: string) => text.split('/').filter((part, at) => at === 0 || (part !== '' && part !== '.'));
  const names = parts(path);
  const tests = parts(pattern);
  return (
    names.length === tests.length &&
    tests.every((one, at) => {
      const name = names[at] ?? '';
      return globTest(one)(name) && !(name.startsWith('.') && /^[*?[]/.test(one));
    })
  );
}
