import { join } from 'node:path';
import { isEntry } from '../../core/entry.ts';
import type { Environment } from '../environment.ts';

/** The file with defaults of options, in the directory where kplay is run. */
export const PROJECT_FILE = 'kplay.yml';

/** An environment in which it has been looked, once, whether there is a project file: all that follows from it then agrees. */
export interface ProjectEnvironment extends Environment {
  /** Its path; undefined if there is none. */
  readonly project: string | undefined;
}

/** Looks for the project file. */
export function withProject(environment: Environment): ProjectEnvironment {
  const path = join(environment.directory, PROJECT_FILE);
  const project = isEntry(path) ? path : undefined;
  // A copy would ask for the standard input, which then is made ready.
  return Object.create(environment, { project: { value: project, enumerable: true } }) as ProjectEnvironment;
}
