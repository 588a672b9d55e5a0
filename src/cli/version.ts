import { readFileSync } from 'node:fs';

declare const KPLAY_VERSION: string | undefined;

/** Inserted by the build; in a checkout read from package.json. */
export const VERSION: string =
  typeof KPLAY_VERSION === 'string'
    ? KPLAY_VERSION
    : String(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);
