/** Pattern of the path of a file or directory on a host: absolute, and without a slash at its end. For JSON Schemas. */
export const HOST_PATH_PATTERN = '^/.*[^/]$';

const HOST_PATH = new RegExp(HOST_PATH_PATTERN);

/** Whether it is such a path. */
export function isHostPath(path: string): boolean {
  return HOST_PATH.test(path);
}

/** The name of a file of a host, without its directory. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Where a symbolic link at `path` leads: its target is relative to the link's own directory unless it begins with a slash. */
export function linkedPath(path: string, target: string): string {
  return target.startsWith('/') ? target : `${directoryOf(path)}/${target}`;
}

/** The directory of a file of a host, without a trailing slash: empty for the root. */
export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** The path without `//`, `/./` and `/../`: equivalent where there are no links. */
export function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
