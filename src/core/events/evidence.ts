/** A piece of evidence, as label and text: `prod-m3` and `SHA256 77c0…4d`. */
export type Evidence = readonly [label: string, text: string];

const MOST = 5;

/** The first few of many pieces, and how many there are besides. */
export function firstEvidence(all: readonly Evidence[]): readonly Evidence[] {
  return all.length <= MOST ? all : [...all.slice(0, MOST), ['…', `${all.length - MOST} more`]];
}
