/** The smallest number that Python writes without an exponent. */
const SMALLEST_PLAIN = 1e-4;

/** A number as Python and Ansible write it: like JavaScript, except for small ones (`1e-05`, `2.5e-07`). */
export function numberText(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= SMALLEST_PLAIN) return String(value);
  return value.toExponential().replace(/-(\d)$/, '-0$1');
}
