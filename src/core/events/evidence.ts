/** A piece of evidence, as label and text: `prod-m3` and `SHA256 77c0…4d`. */
export type Evidence = readonly [label: string, text: string];
