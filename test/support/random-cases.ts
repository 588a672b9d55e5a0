import fc, { type Arbitrary } from 'fast-check';

/**
 * What the random cases of a test follow from. CI has the same cases each time, so that what fails there is what was changed;
 * elsewhere they are new each time. A failure prints its seed, and KPLAY_SEED runs the same cases again.
 */
export function seedOfCases(ofCi: number): number {
  const otherwise = process.env['CI'] ? ofCi : Date.now() % 0x7fff_ffff;
  return Number(process.env['KPLAY_SEED'] ?? otherwise);
}

fc.configureGlobal({ seed: seedOfCases(20_261_127) });

export { type Arbitrary, fc };
