/** The part of ssh2 that opens keys. The rest is only needed once there is a connection. */
declare module 'ssh2/lib/protocol/keyParser.js' {
  import type { utils } from 'ssh2';

  const keyParser: { readonly parseKey: typeof utils.parseKey };
  export = keyParser;
}
