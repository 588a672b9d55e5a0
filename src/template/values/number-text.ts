/** The smallest number that Python writes without an exponent. */
const SMALLEST_PLAIN = 1e-4;

/** A number as Python and Ansible write it: like JavaScript, except for small ones (`1e-05`, `2.5e-07`). */
export function numberText(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= SMALLEST_PLAIN) return String(value);
  return value.toExponential().replace(/-(\d)$/, '-0$1');
}

/** A number with as many decimals as `precision` says, as Python writes it: what lies in the middle goes to the even digit, so 1.125 is 1.12. */
export function fixedText(value: number, precision: number): string {
  const size = Math.abs(value);
  const digits = size.toFixed(precision + 30);
  const kept = digits.slice(0, precision === 0 ? -31 : -30);
  const isMiddle = /^50*$/.test(digits.slice(-30)) && /[02468]$/.test(kept);
  return `${value < 0 ? '-' : ''}${isMiddle ? kept : size.toFixed(precision)}`;
}
