import { readFileSync } from 'node:fs';

declare const KPLAY_VERSION: string | undefined;

/** Put in by the build; from a checkout, as package.json says. */
export const VERSION: string =
  typeof KPLAY_VERSION === 'string'
    ? KPLAY_VERSION
    : String(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);
