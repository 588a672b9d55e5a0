import { expect, test } from 'vitest';
import { Problems } from '../../../src/core/diagnostic.ts';
import { SourceFile } from '../../../src/core/source.ts';
import { parseYaml } from '../../../src/core/yaml/yaml.ts';
import { rollout } from '../../../src/playbook/rollout/rollout.ts';

test.each([
  ['max_failed: 101%', "max_failed must be a whole number of at least 0 or a string such as 10%, not '101%'", 0],
  [
    'waves: [{ name: canary, size: 0% }]',
    "size must be a whole number of at least 1 or a string such as 10%, not '0%'",
    1,
  ],
])('a share of clusters that there is none of: %s', (text, message, least) => {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('rollout.yml', text), problems, 'ansible');
  if (tree) rollout.read(tree, { label: 'a rollout', problems });
  const hint = `write how many clusters, or ${least}% to 100% of them`;
  expect(problems.all).toMatchObject([{ message, hint }]);
});
