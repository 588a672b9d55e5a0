import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { InRepository } from '../../report/formats/report-kinds.ts';
import type { Environment } from '../environment.ts';

/** Variables with the checkout directory of GitHub and GitLab jobs. */
const ROOTS = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR'] as const;

/** Names files relative to the job's repository; outside of a job, relative to the working directory. */
export function repositoryOf({ variables, directory }: Environment): InRepository {
  const named = ROOTS.map((name) => variables[name]).find((path) => path !== undefined && path !== '');
  const root = resolve(named ?? directory);
  return (file) => {
    const path = resolve(directory, file);
    // Options are also source files in messages.
    if (!existsSync(path)) return undefined;
    return below(root, path) ?? below(realOf(root), realOf(path));
  };
}

function below(root: string, path: string): string | undefined {
  const way = relative(root, path);
  const isOutside = way === '' || way === '..' || way.startsWith(join('..', sep)) || isAbsolute(way);
  return isOutside ? undefined : way.split(sep).join('/');
}

/** The checkout may be reached through a link. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
