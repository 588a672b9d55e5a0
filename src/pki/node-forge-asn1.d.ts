/** The one sub-module of node-forge that kplay loads: a third of the start-up time of the whole package. */
declare module 'node-forge/lib/asn1.js' {
  import type { asn1 as published } from 'node-forge';

  namespace asn1 {
    type Asn1 = published.Asn1;
    /** `value` is a binary string (one character a byte), except for a BMPSTRING: there it is text. */
    function create(tagClass: number, type: number, constructed: boolean, value: string | Asn1[]): Asn1;
    /** The published types know only a boolean as second parameter. */
    function fromDer(bytes: string, options: { decodeBitStrings: boolean; maxDepth: number }): Asn1;
    function toDer(node: Asn1): { getBytes(): string };
    function oidToDer(oid: string): { getBytes(): string };
    function derToOid(bytes: string): string | undefined;
  }
  export = asn1;
}
