import type { Style } from './style.ts';
import { hang, padEnd, widest } from './width.ts';

/** What stands under a statement: labelled texts that prove it, and what to do. */
export interface Evidence {
  readonly details?: readonly (readonly [label: string, text: string])[];
  readonly remedy?: string;
}

/** Longer labels do not push the texts of the others aside. */
const MAX_LABEL = 28;

/** Evidence as lines under a statement that is indented by `indent`: texts aligned, then `What to do: …`. */
export function evidenceLines(evidence: Evidence, indent: string, style: Style, width: number): readonly string[] {
  const details = (evidence.details ?? []).map(([label, text]) => [style.text(label), style.text(text)] as const);
  const labelWidth = Math.min(MAX_LABEL, widest(details.map(([label]) => label)));
  const lines = details.flatMap(([label, text]) => hang(`${indent}    ${padEnd(label, labelWidth)}   `, text, width));
  if (evidence.remedy === undefined) return lines;
  return [...lines, ...hang(`${indent}  What to do: `, style.text(evidence.remedy), width)];
}
