/** How much of the timeout one of several addresses may take. By itself, Node.js allows a quarter of a second. */
const ADDRESS_SHARE = 0.25;
/** A lost packet is sent again after a second. */
const ADDRESS_MAX_MS = 1_500;

/** How long an address of a name may take to answer before the next one is tried. */
export function addressTimeMs(timeoutMs: number): number {
  return Math.min(Math.ceil(timeoutMs * ADDRESS_SHARE), ADDRESS_MAX_MS);
}
