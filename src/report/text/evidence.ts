import type { ProblemCode } from '../../core/problems/code.ts';
import { hangCommand } from './hang-command.ts';
import type { Style } from './style.ts';
import { hang, padEnd, widest } from './width.ts';

/** What stands below a statement: labelled texts that prove it, and what to do. */
interface Support {
  readonly details?: readonly (readonly [label: string, text: string])[];
  readonly remedy?: string;
  readonly code?: ProblemCode;
}

/** Longer labels do not shift the texts of the others. */
const MAX_LABEL = 28;

/** Messages of the playbook itself: its author knows more about them than any page. */
const OF_THE_PLAYBOOK: readonly ProblemCode[] = [
  'assertion',
  'command-failed',
  'command-form',
  'command-timeout',
  'failed-when',
  'wrong-input',
];

/** Whether `kplay explain` says more of a problem than its message. */
export function isExplained(code: ProblemCode): boolean {
  return !OF_THE_PLAYBOOK.includes(code);
}

/** Evidence as lines below a statement that is indented by `indent`: aligned texts, `What to do: …`, and where to read more. */
export function evidenceLines(evidence: Support, indent: string, style: Style, width: number): readonly string[] {
  const details = (evidence.details ?? []).map(([label, text]) => [style.text(label), style.text(text)] as const);
  const labelWidth = Math.min(MAX_LABEL, widest(details.map(([label]) => label)));
  const lines = details.flatMap(([label, text]) => hang(`${indent}    ${padEnd(label, labelWidth)}   `, text, width));
  const { remedy, code } = evidence;
  const toDo = remedy === undefined ? [] : hangCommand(`${indent}  What to do: `, style.text(remedy), width);
  const more = code !== undefined && isExplained(code) ? hang(`${indent}  More: `, `kplay explain ${code}`, width) : [];
  return [...lines, ...toDo, ...more];
}
