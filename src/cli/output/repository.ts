import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { InRepository } from '../../report/report-kinds.ts';
import type { Environment } from '../environment.ts';

/** Where GitHub and GitLab have checked out what a job is of. */
const ROOTS = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR'] as const;

/** Names files as the repository of the job does; outside of a job, as the directory does in which kplay is run. */
export function repositoryOf({ variables, directory }: Environment): InRepository {
  const named = ROOTS.map((name) => variables[name]).find((path) => path !== undefined && path !== '');
  const root = resolve(named ?? directory);
  return (file) => {
    const path = resolve(directory, file);
    // Options, too, have places of their own in what is said of them.
    if (!existsSync(path)) return undefined;
    return below(root, path) ?? below(realOf(root), realOf(path));
  };
}

function below(root: string, path: string): string | undefined {
  const way = relative(root, path);
  const isOutside = way === '' || way === '..' || way.startsWith(join('..', sep)) || isAbsolute(way);
  return isOutside ? undefined : way.split(sep).join('/');
}

/** A checkout may be reached by a link. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
