import { isAbsolute, join } from 'node:path';

/** A user's variables and home directory. */
interface UserPlaces {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** The directory of kplay's state (XDG base directories). */
export function stateDirectory(places: UserPlaces): string {
  return join(baseDirectory('XDG_STATE_HOME', '.local/state', places), 'kplay');
}

/** The directory of kplay's caches. */
export function cacheDirectory(places: UserPlaces): string {
  return join(baseDirectory('XDG_CACHE_HOME', '.cache', places), 'kplay');
}

/** The specification calls a relative path invalid: it would be another directory wherever kplay is run. */
function baseDirectory(variable: string, inHome: string, { variables, home }: UserPlaces): string {
  const given = variables[variable] ?? '';
  return isAbsolute(given) ? given : join(home, inHome);
}
