/** A host of which no address is known. A label of it is too long for DNS: no server is asked, however the machine resolves names. */
export const NAMELESS = `${'x'.repeat(64)}.invalid`;
