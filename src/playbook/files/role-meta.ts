import type { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { entry, type MappingTree, type Tree } from '../../core/yaml/yaml.ts';
import { messageRange } from '../place.ts';
import { isNothing } from '../readers/reader.ts';
import { flag } from '../readers/readers.ts';
import { didYouMean } from '../suggest.ts';
import { roleFile } from './role-files.ts';
import { readYamlFile } from './yaml-file.ts';

/** The contents of a role's `meta` directory, without documentation such as `galaxy_info`. */
export interface RoleMeta {
  /** Its dependencies, unread. */
  readonly dependencies: readonly Tree[];
  /** It runs every time it is used. */
  readonly allowDuplicates: boolean;
  /** The specs of its arguments, by entry point. */
  readonly argumentSpecs: Tree | undefined;
}

/** As in Ansible, which refuses others. */
const KEYS: readonly string[] = ['dependencies', 'allow_duplicates', 'argument_specs', 'collections', 'galaxy_info'];

/** @param named where the role is used */
export function readRoleMeta(directory: string, named: SourceRange, problems: Problems): RoleMeta {
  const read = (file: string): MappingTree | undefined => {
    const path = roleFile(directory, 'meta', file);
    const tree = path === undefined ? undefined : readYamlFile(path, 'task file', named, problems)?.tree;
    return tree?.kind === 'mapping' ? tree : undefined;
  };
  const main = read('main');
  for (const { key, keyRange } of main?.entries ?? [])
    if (!KEYS.includes(key))
      problems.error(`${key} is no key of meta/main.yml`, keyRange, didYouMean(key, KEYS, 'its keys are'));
  const collections = main?.entries.find(({ key }) => key === 'collections');
  if (collections)
    problems.warning(
      'collections of a role has no effect',
      collections.keyRange,
      'remove it: the steps come with kplay',
    );
  const duplicates = main && entry(main, 'allow_duplicates')?.value;
  // A separate file takes precedence over main.yml.
  const specs = read('argument_specs') ?? main;
  return {
    dependencies: dependenciesIn(main, problems),
    allowDuplicates: (duplicates && flag.read(duplicates, { label: 'allow_duplicates', problems })?.value) ?? false,
    argumentSpecs: specs && entry(specs, 'argument_specs')?.value,
  };
}

function dependenciesIn(main: MappingTree | undefined, problems: Problems): readonly Tree[] {
  const list = main && entry(main, 'dependencies')?.value;
  if (!list || isNothing(list)) return [];
  if (list.kind === 'sequence') return list.items;
  problems.error('dependencies must be a list', messageRange(list), 'name each role: - role: NAME');
  return [];
}
