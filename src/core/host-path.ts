/** The name of a file of a host, without its directory. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The directory of a file of a host, without a slash at its end: nothing for the root. */
export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
