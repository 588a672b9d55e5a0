import { dirname, join, resolve } from 'node:path';
import type { CompiledTask } from './compiled.ts';

/** The directories in which Ansible searches for a file that a task names, in its order. @param folder `files`, `vars` */
export function searchPath(folder: string, { role, range }: CompiledTask, playbook: string): readonly string[] {
  const roles = role ? [role, ...role.parents] : [];
  const roots = [...roles.map(({ path }) => path), resolve(dirname(range.file.path)), playbook];
  return [...new Set(roots.flatMap((root) => [join(root, folder), root]))];
}
