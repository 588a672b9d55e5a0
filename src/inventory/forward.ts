import type { Diagnostic, Problems } from '../core/diagnostic.ts';

/** Hands on what was collected apart from the rest. */
export function forward(diagnostics: readonly Diagnostic[], problems: Problems): void {
  for (const { severity, message, range, hint } of diagnostics) problems[severity](message, range, hint);
}
